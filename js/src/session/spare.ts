/**
 * One SDK client that is ready before its call, for as long as the page shows a call.
 *
 * A client begins by making a key of its own, RSA with 2048 bits, which takes 30 to 200 ms by
 * chance and has nothing to do with the call. It asks for no token, opens no socket and no device
 * before the call begins.
 */

import { Connection } from "../sdk/connection.js";

let shown = 0;
let spare: Connection | null = null;
let scheduled = false;

/** Keep a client ready until `signal` aborts; one serves all calls of the page. */
export function keepSpare(signal: AbortSignal): void {
  shown++;
  signal.addEventListener("abort", () => {
    shown--;
    if (shown > 0) return;
    void spare?.abandon();
    spare = null;
  });
  prepare();
}

/** A client for a call. */
export function takeConnection(): Connection {
  const taken = spare ?? new Connection();
  spare = null;
  return taken;
}

/** Give a call's client back, and have another ready for the next call. */
export function returnConnection(connection: Connection): void {
  connection.dispose();
  prepare();
}

function prepare(): void {
  if (scheduled || spare || shown === 0) return;
  scheduled = true;
  whenIdle(() => {
    scheduled = false;
    if (shown > 0) spare ??= new Connection();
  });
}

function whenIdle(work: () => void): void {
  // Safari has no idle callbacks.
  if ("requestIdleCallback" in globalThis) requestIdleCallback(work, { timeout: 1000 });
  else setTimeout(work, 200);
}
