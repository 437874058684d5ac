/** Sessions that only pretend: for the dev page and the tests of the views. */

import { type Act, PROTOCOL } from "../src/protocol.js";
import type { Session, SessionState } from "../src/session/types.js";
import { DEFAULTS, type LogMessage, type Traits } from "../src/traits.js";

export const IDLE: Traits = {
  ...DEFAULTS,
  protocol: PROTOCOL,
  version: "0.1.0",
  application: "fake",
  title: "Outbound call",
  destination: "/public/echo",
  destination_kind: "resource",
  video: true,
  space_label: "loopback space",
};

export interface Changes extends Partial<Omit<SessionState, "traits">> {
  traits?: Partial<Traits>;
}

export class FakeSession implements Session {
  state: SessionState;
  readonly acts: [Act, string | undefined][] = [];
  views = 0;
  readonly #listeners = new Set<(state: SessionState) => void>();

  constructor(changes: Changes = {}) {
    this.state = {
      traits: IDLE,
      live: false,
      localStream: null,
      remoteStream: null,
      messages: [],
      kernelGone: false,
    kernelAway: false,
    };
    this.change(changes);
  }

  change({ traits, ...rest }: Changes): void {
    this.state = { ...this.state, ...rest, traits: { ...this.state.traits, ...traits } };
    for (const listener of this.#listeners) listener(this.state);
  }

  subscribe(listener: (state: SessionState) => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener));
  }

  act(act: Act, pastedToken?: string): void {
    this.acts.push([act, pastedToken]);
  }

  viewShown(signal: AbortSignal): void {
    this.views += 1;
    signal.addEventListener("abort", () => {
      this.views -= 1;
    });
  }
}

/** A log of these lines, a second apart. */
export function log(...texts: (string | [LogMessage["level"], string])[]): LogMessage[] {
  return texts.map((entry, n) => {
    const [level, text] = typeof entry === "string" ? (["info", entry] as const) : entry;
    return { index: n + 1, time: 1_790_000_000 + n, level, text };
  });
}
