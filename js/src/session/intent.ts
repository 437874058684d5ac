/** What this side is to send and receive in one call, and whether the browser lets it. */

import type { Failure } from "./failure.js";
import { askPermission, type Capture, capture, captureFailure, checkFrame, devices, unfit } from "./preflight.js";

/** The SDK's DialOptions, as plain data. */
export type Options = Readonly<Record<string, unknown>>;

export class Intent {
  /** What was asked for with the dial; for a call that rings, with the answer. */
  options: Options = {};
  /** What is opened for that: nothing as long as a call only waits to be rung. */
  capture: Capture = { audio: false, video: false };

  constructor(
    private readonly waiting: () => void,
    private readonly signal: AbortSignal,
  ) {}

  /** Take what was asked for; a `channel` in the destination asks for a camera, too. */
  wish(options: Options, destination = ""): void {
    this.options = options;
    this.capture = capture(destination, options);
  }

  /** Throw where the frame that shows this page keeps the devices from it. */
  checkFrame(): void {
    checkFrame(this.capture);
  }

  /** Wait for the browser's permission; throws where it is refused. */
  askPermission(): Promise<void> {
    return askPermission(this.capture, this.waiting, this.signal);
  }

  /** Why the SDK did not get the devices that it asked for. */
  refused(error: unknown): Failure {
    return captureFailure(error, unfit(error, this.options), devices(this.capture));
  }
}
