import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { CallEvent } from "../../src/protocol.js";
import { Flow } from "../../src/session/flow.js";

interface Track {
  kind: string;
  readyState: string;
  getSettings: () => { width: number; height: number };
}

const track = (kind: string, width = 0, height = 0): Track => ({ kind, readyState: "live", getSettings: () => ({ width, height }) });
const stream = (...tracks: Track[]): MediaStream => ({ getTracks: () => tracks }) as unknown as MediaStream;
const connection = (...directions: [kind: string, direction: string | null][]): RTCPeerConnection =>
  ({
    getTransceivers: () => directions.map(([kind, currentDirection]) => ({ currentDirection, receiver: { track: { kind } } })),
  }) as unknown as RTCPeerConnection;

describe("Flow", () => {
  const reported: CallEvent[] = [];
  let peer: RTCPeerConnection | undefined;
  let local: MediaStream | null;
  let over: AbortController;
  let flow: Flow;

  beforeEach(() => {
    vi.useFakeTimers();
    reported.length = 0;
    peer = connection(["audio", "sendrecv"], ["video", "recvonly"]);
    local = stream(track("audio"));
    over = new AbortController();
    flow = new Flow({
      connection: () => peer,
      stream: (side) => (side === "local" ? local : null),
      report: (event) => {
        reported.push(event);
      },
    }, over.signal);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const LOCAL = { audio: true, video: false, width: 0, height: 0 };

  it("tells what has changed, and only that", () => {
    flow.look();
    flow.look();
    expect(reported).toEqual([
      { type: "directions", directions: { audio: "sendrecv", video: "recvonly" } },
      { type: "media", side: "local", media: LOCAL },
    ]);
    peer = connection(["audio", "sendonly"], ["video", null]);
    local = stream(track("audio"), track("video", 640, 480));
    flow.look();
    expect(reported.slice(2)).toEqual([
      { type: "directions", directions: { audio: "sendonly" } },
      { type: "media", side: "local", media: { audio: true, video: true, width: 640, height: 480 } },
    ]);
  });

  it("knows nothing without a connection", () => {
    peer = undefined;
    flow.look();
    expect(reported).toEqual([]);
  });

  it("counts only what is live", () => {
    local = stream({ ...track("video", 640, 480), readyState: "ended" }, track("audio"));
    flow.look();
    expect(reported[1]).toEqual({ type: "media", side: "local", media: LOCAL });
  });

  it("looks every second until the call is over", () => {
    flow.watch();
    vi.advanceTimersByTime(1000);
    expect(reported).toHaveLength(2);
    local = null;
    vi.advanceTimersByTime(1000);
    expect(reported).toHaveLength(3);
    over.abort();
    expect(vi.getTimerCount()).toBe(0);
    flow.watch();
    expect(vi.getTimerCount()).toBe(0);
  });
});
