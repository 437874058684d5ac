/** Sessions that only pretend: for the dev page and the tests of the views. */

import type { Act, LogMessage, Traits } from "../src/protocol.js";
import type { Session, SessionState } from "../src/session/types.js";

export const IDLE: Traits = {
  protocol: 1,
  version: "0.1.0",
  application: "fake",
  title: "Outbound call",
  destination: "/public/echo",
  destination_kind: "resource",
  audio: null,
  video: true,
  receive_audio: null,
  receive_video: null,
  status: "idle",
  status_time: 0,
  dial_time: 0,
  connected_time: null,
  attempt: 0,
  direction: "outbound",
  call_id: null,
  media_directions: {},
  local_media: { audio: false, video: false, width: 0, height: 0 },
  remote_media: { audio: false, video: false, width: 0, height: 0 },
  audio_muted: false,
  video_muted: false,
  end_reason: "",
  errors: [],
  token_box: "hidden",
  space_label: "loopback space",
  owner: "",
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
