/** Which media flow in a call, which way and how large, told to the kernel when it changes. */

import type { CallEvent } from "../protocol.js";
import type { MediaInfo } from "../traits.js";
import { negotiated } from "./preflight.js";

const SILENT: MediaInfo = { audio: false, video: false, width: 0, height: 0 };

/** How often sizes and tracks are looked at during a call; no event tells of a new size. */
const POLL_MS = 1000;

export interface FlowHooks {
  connection(): RTCPeerConnection | undefined;
  stream(side: "local" | "remote"): MediaStream | null;
  report(event: CallEvent): void;
}

export class Flow {
  readonly #told = { local: SILENT, remote: SILENT };
  #directions = "{}";

  constructor(
    private readonly hooks: FlowHooks,
    private readonly signal: AbortSignal,
  ) {}

  /** Look now and every second until the call is over. */
  watch(): void {
    if (this.signal.aborted) return; // the SDK may tell the end as soon as it is listened to
    const timer = setInterval(() => {
      this.look();
    }, POLL_MS);
    this.signal.addEventListener("abort", () => {
      clearInterval(timer);
    });
  }

  /** Report what has changed. */
  look(): void {
    const connection = this.hooks.connection();
    if (!connection) return;
    const directions = negotiated(connection);
    const text = JSON.stringify(directions);
    if (text !== this.#directions) {
      this.#directions = text;
      this.hooks.report({ type: "directions", directions });
    }
    for (const side of ["local", "remote"] as const) {
      const media = describe(this.hooks.stream(side));
      if (same(media, this.#told[side])) continue;
      this.#told[side] = media;
      this.hooks.report({ type: "media", side, media });
    }
  }
}

function describe(stream: MediaStream | null): MediaInfo {
  const live = stream?.getTracks().filter((track) => track.readyState === "live") ?? [];
  const video = live.find((track) => track.kind === "video");
  const { width = 0, height = 0 } = video?.getSettings() ?? {};
  return { audio: live.some((track) => track.kind === "audio"), video: video !== undefined, width, height };
}

function same(one: MediaInfo, other: MediaInfo): boolean {
  return one.audio === other.audio && one.video === other.video && one.width === other.width && one.height === other.height;
}
