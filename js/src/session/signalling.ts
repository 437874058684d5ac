/** The signalling socket during a call: the SDK tries again for ever, so say what that means. */

import { Failure } from "./failure.js";

/**
 * A loopback space that takes no connection for so long has ended: it is on this machine, and
 * where it lives it answers at once. The SDK tries again every three seconds at the latest.
 */
const SPACE_GONE_MS = 10_000;

export interface SignallingHooks {
  /** The call goes on, but something is wrong. */
  failed(failure: Failure): void;
  /** It is in vain to try again. */
  gone(failure: Failure): void;
  log(level: "info", text: string): void;
}

export class Signalling {
  #isOpen = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly hooks: SignallingHooks,
    signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => {
      clearTimeout(this.#timer);
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The socket has opened or closed. */
  changed(isOpen: boolean, isLoopback: boolean): void {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    clearTimeout(this.#timer);
    const where = isLoopback ? "the loopback space" : "the platform";
    if (isOpen) {
      this.hooks.log("info", `The connection to ${where} is back`);
      return;
    }
    this.hooks.failed(new Failure("network", "SignalingLost", `the connection to ${where} is lost; the call goes on while it is tried again`));
    if (!isLoopback) return;
    this.#timer = setTimeout(() => {
      this.hooks.gone(new Failure("space", "SpaceGone", "the loopback space has ended"));
    }, SPACE_GONE_MS);
  }
}
