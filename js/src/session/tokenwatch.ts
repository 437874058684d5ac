/** Tells when the token of a call runs out, and warns where nothing renews it. */

import type { CallEvent } from "../protocol.js";
import type { Authorisation } from "../sdk/wire.js";

/** So long before the end a person is told, who may still finish what is being said. */
export const WARN_S = 300;

/** The SDK binds a token to its key, to renew it, only when it has connected with it. */
const SETTLE_MS = 5_000;

/** What `setTimeout` can wait for; a token that lasts for weeks needs no warning today. */
const LONGEST_MS = 2 ** 31 - 1;

export interface TokenHooks {
  report(event: CallEvent): void;
  log(level: "info" | "warning", text: string): void;
}

export class TokenWatch {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly hooks: TokenHooks,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => {
      clearTimeout(this.#timer);
    });
  }

  /** A session was authorised, at first or anew. */
  granted({ expiresAt, renews }: Authorisation): void {
    if (this.signal.aborted) return; // hung up while the session was on its way
    clearTimeout(this.#timer);
    this.hooks.report({ type: "token", expires_at: expiresAt, renews });
    if (renews || expiresAt === null) return;
    const wait = Math.max(SETTLE_MS, (expiresAt - WARN_S) * 1000 - Date.now());
    if (wait > LONGEST_MS) return;
    this.#timer = setTimeout(() => {
      this.#warn(expiresAt);
    }, wait);
  }

  #warn(expiresAt: number): void {
    const seconds = Math.max(0, Math.round(expiresAt - Date.now() / 1000));
    const left = seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
    this.hooks.log(
      "warning",
      `The token of this call runs out in ${left} and nothing renews it: the call may end then. ` +
        "Calls with space=Credentials(…), or with a token= function that takes fingerprint, go on",
    );
  }
}
