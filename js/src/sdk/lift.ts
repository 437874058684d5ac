/**
 * A cure for beta.12: a refusal that lies inside the answer to a request in a call ends the call.
 *
 * The far side may refuse a `verto.modify` or `verto.info` at the top of its answer, which the SDK
 * throws to whoever asked, or inside the envelope (`result.result.error`), which the SDK takes for
 * the end of the call, or for a yes. Here the second kind becomes the first. The answer to an
 * invite stays as it is: there the end of the call is what is meant.
 */
export function liftRefusal(data: unknown, isInvite: (id: unknown) => boolean): unknown {
  if (typeof data !== "string" || !data.includes('"error"')) return data;
  let frame: { jsonrpc?: unknown; id?: unknown; result?: { result?: { error?: unknown } } } | null;
  try {
    frame = JSON.parse(data) as typeof frame;
  } catch {
    return data;
  }
  const error = frame?.result?.result?.error;
  if (!frame || !error || isInvite(frame.id)) return data;
  return JSON.stringify({ jsonrpc: frame.jsonrpc, id: frame.id, error });
}
