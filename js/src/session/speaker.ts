/** Notices that another process speaks for the kernel. */

import type { SessionContext, Signal } from "../model.js";

/** The kernel asks the page of a call every ten seconds; so long without a word, and the page asks it. */
const SILENT_MS = 12_000;

const CHECK_MS = 5_000;

/** So long a question may be on its way before another one follows. */
const PATIENCE_MS = 30_000;

/** Call `slot` with what a signal of JupyterLab's says, until `signal` aborts. */
export function listen(source: Signal | undefined, signal: AbortSignal, slot: (value: unknown) => void): void {
  if (typeof source?.connect !== "function") return;
  const listener = (_sender: unknown, value: unknown): void => {
    slot(value);
  };
  source.connect(listener);
  signal.addEventListener("abort", () => {
    source.disconnect(listener);
  });
}

/**
 * Call `changed` when another process speaks for the kernel than the first one heard.
 *
 * A restart that another tab asked for may pass without a word: what the new process says first
 * is lost on a page whose subscription the server has not renewed yet (seen with
 * jupyter_server 2 and ipykernel 7.4). So a page in a call that hears nothing asks, and knows by
 * the answer who gives it. Call what this returns when a call begins: outside of calls no timer runs.
 */
export function watchSpeaker(
  context: SessionContext | undefined,
  signal: AbortSignal,
  inCall: () => boolean,
  changed: () => void,
): () => void {
  if (context?.iopubMessage === undefined) return () => undefined;
  let speaker: string | undefined;
  let heard = performance.now();
  let asked = -Infinity;
  listen(context.iopubMessage, signal, (message) => {
    heard = performance.now();
    const said = speakerOf(message);
    if (said === undefined) return;
    speaker ??= said;
    if (said !== speaker) changed();
  });
  let checking: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => {
    clearInterval(checking);
    checking = undefined;
  };
  const check = (): void => {
    if (!inCall()) {
      stop();
      return;
    }
    const now = performance.now();
    // A busy kernel answers late, and one that was restarted meanwhile never.
    if (now - heard < SILENT_MS || now - asked < PATIENCE_MS) return;
    asked = now;
    // One that is gone, or cannot be reached, is told of by the other signals.
    context.session?.kernel?.requestKernelInfo?.().catch(() => undefined);
  };
  signal.addEventListener("abort", stop);
  return () => {
    if (!signal.aborted) checking ??= setInterval(check, CHECK_MS);
  };
}

interface Said {
  header?: { msg_type?: unknown; session?: unknown };
  parent_header?: { session?: unknown };
}

/**
 * The process that says this, as each has a session id of its own; kernels that repeat the asker's
 * have none.  Only a status is sure to be the kernel's: the server writes to stderr in this page's
 * name when a cell says too much.
 */
function speakerOf(message: unknown): string | undefined {
  const said = message as Said | null;
  if (said?.header?.msg_type !== "status") return undefined;
  const { session } = said.header;
  return typeof session === "string" && session !== "" && session !== said.parent_header?.session ? session : undefined;
}
