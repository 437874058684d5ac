/** Streams and sound for a DOM that has none. */

import { vi } from "vitest";

export class FakeTrack extends EventTarget {
  readyState: "live" | "ended" = "live";
  muted = false;
  enabled = true;
  constructor(readonly kind: "audio" | "video") {
    super();
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  }
}

export class FakeStream extends EventTarget {
  readonly tracks: FakeTrack[];
  constructor(tracks: FakeTrack[] = []) {
    super();
    this.tracks = [...tracks];
  }

  getTracks = (): FakeTrack[] => [...this.tracks];
  getAudioTracks = (): FakeTrack[] => this.tracks.filter(({ kind }) => kind === "audio");
  getVideoTracks = (): FakeTrack[] => this.tracks.filter(({ kind }) => kind === "video");

  add(track: FakeTrack): void {
    this.tracks.push(track);
    this.dispatchEvent(new Event("addtrack"));
  }
}

export function stream(...kinds: ("audio" | "video")[]): FakeStream & MediaStream {
  return new FakeStream(kinds.map((kind) => new FakeTrack(kind))) as unknown as FakeStream & MediaStream;
}

/** Stands in for the context of Web Audio; `open` counts those that were not closed. */
export class FakeAudio {
  static open = 0;
  state = "running";
  constructor() {
    FakeAudio.open += 1;
  }

  createMediaStreamSource = () => ({ connect: () => undefined, disconnect: () => undefined });
  createAnalyser = () => ({ fftSize: 0, getFloatTimeDomainData: () => undefined });
  resume = vi.fn(() => Promise.resolve());
  close = (): Promise<void> => {
    FakeAudio.open -= 1;
    return Promise.resolve();
  };
}

/** Put the fakes where the browser's own would be. */
export function fakeMedia(): { play: ReturnType<typeof vi.fn<() => Promise<void>>> } {
  const play = vi.fn(() => Promise.resolve());
  vi.stubGlobal("MediaStream", FakeStream);
  vi.stubGlobal("AudioContext", FakeAudio);
  vi.spyOn(HTMLMediaElement.prototype, "play").mockImplementation(play);
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", { value: null, writable: true, configurable: true });
  FakeAudio.open = 0;
  return { play };
}
