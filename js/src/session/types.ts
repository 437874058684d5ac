/** What a view may know of a session, and what it may ask of it. The session never touches the DOM. */

import type { Act } from "../protocol.js";
import type { LogMessage, Traits } from "../traits.js";

/** One immutable snapshot; a new object after every change. */
export interface SessionState {
  /** The traits as the kernel last wrote them, overlaid by what this page knows first hand. */
  readonly traits: Readonly<Traits>;
  /** This page owns the attempt that is under way. */
  readonly live: boolean;
  /** What this page sends and receives; null where there is nothing. */
  readonly localStream: MediaStream | null;
  readonly remoteStream: MediaStream | null;
  readonly messages: readonly LogMessage[];
  /** True while the kernel cannot be reached: nothing can be dialled from here. */
  readonly kernelGone: boolean;
  /** True while the Jupyter server is out of reach: what a call does is told later, or never. */
  readonly kernelAway: boolean;
}

export interface Session {
  readonly state: SessionState;
  /** Call `listener` after each change, until `signal` aborts. */
  subscribe(listener: (state: SessionState) => void, signal: AbortSignal): void;
  /** Do what a person asked for. `dial` passes the pasted token, which stays in this page. */
  act(act: Act, pastedToken?: string): void;
  /** Tell the kernel how many views this page shows. */
  viewShown(signal: AbortSignal): void;
}
