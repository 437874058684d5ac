import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Devices, type Media } from "../../src/session/devices.js";
import type { Failure } from "../../src/session/failure.js";

class Track extends EventTarget {
  enabled = true;
  readyState = "live";
  readonly stop = vi.fn(() => {
    this.readyState = "ended";
  });

  constructor(
    readonly kind: Media,
    readonly label: string,
  ) {
    super();
  }

  /** The device goes away. */
  lose = (): void => {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  };
}

class Stream extends EventTarget {
  tracks: Track[];
  constructor(...tracks: Track[]) {
    super();
    this.tracks = tracks;
  }

  getTracks = (): Track[] => [...this.tracks];
  addTrack = (track: Track): void => void this.tracks.push(track);
  removeTrack = (track: Track): void => {
    this.tracks = this.tracks.filter((one) => one !== track);
  };
}

class Sender {
  constructor(public track: Track) {}
  replaceTrack = vi.fn((track: Track): Promise<void> => {
    this.track = track;
    return Promise.resolve();
  });
}

/** What tells that a device was plugged in, and how many wait for that. */
class Plugs extends EventTarget {
  listening = 0;
  override addEventListener(type: string, listener: () => void, options: { signal: AbortSignal }): void {
    this.listening += 1;
    options.signal.addEventListener("abort", () => (this.listening -= 1));
    super.addEventListener(type, listener, options);
  }

  plugIn = (): void => void this.dispatchEvent(new Event("devicechange"));
}

let plugs: Plugs;

beforeEach(() => {
  plugs = new Plugs();
  vi.stubGlobal("navigator", { mediaDevices: plugs });
  vi.stubGlobal("MediaStreamTrackEvent", class extends Event {
    readonly track: Track;
    constructor(type: string, { track }: { track: Track }) {
      super(type);
      this.track = track;
    }
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A call that sends a microphone, and a camera where asked for. */
function sending(...kinds: Media[]) {
  const tracks = kinds.map((kind) => new Track(kind, `first ${kind}`));
  const stream = new Stream(...tracks);
  const senders = tracks.map((track) => new Sender(track));
  const capture = vi.fn((constraints: MediaStreamConstraints) =>
    Promise.resolve(new Stream(new Track(constraints.audio ? "audio" : "video", "another"))),
  );
  const failures: Failure[] = [];
  const lines: string[] = [];
  const over = new AbortController();
  const transceivers = senders.map((sender) => ({ sender, receiver: { track: { kind: sender.track.kind } } }));
  const connection = vi.fn<() => object | undefined>(() => ({ getTransceivers: () => transceivers }));
  const devices = new Devices(
    {
      capture: capture as unknown as (constraints: MediaStreamConstraints) => Promise<MediaStream>,
      connection: connection as () => RTCPeerConnection | undefined,
      failed: (failure) => failures.push(failure),
      log: (level, text) => lines.push(`${level}: ${text}`),
      changed: () => undefined,
    },
    over.signal,
  );
  devices.follow(stream as unknown as MediaStream);
  const [track] = tracks;
  if (!track) throw new Error("This call sends nothing.");
  return { track, stream, senders, transceivers, capture, connection, failures, lines, over, devices };
}

const wentOn = (lines: string[], times = 1) =>
  vi.waitFor(() => {
    expect(lines.filter((line) => line.includes("goes on with"))).toHaveLength(times);
  });

const waiting = (count: number) =>
  vi.waitFor(() => {
    expect(plugs.listening).toBe(count);
  });

describe("what is muted", () => {
  it("is silent before the call is up, also in tracks that come later", async () => {
    const { track, devices } = sending("audio");
    await devices.mute("audio", true);
    expect([track.enabled, track.readyState]).toEqual([false, "live"]);
    const later = new Track("audio", "later");
    devices.follow(new Stream(later) as unknown as MediaStream);
    expect(later.enabled).toBe(false);
    devices.follow(null);
    await devices.mute("audio", false);
    expect(later.readyState).toBe("live");
  });

  it("is closed in a call that is up, and opened again", async () => {
    const { track, stream, senders, capture, lines, devices } = sending("audio", "video");
    await devices.mute("video", true);
    devices.begin();
    expect([track.readyState, stream.tracks.map(({ kind }) => kind)]).toEqual(["live", ["audio"]]);
    devices.wish("video", { width: 640 });
    await devices.mute("video", false);
    expect(capture.mock.calls).toEqual([[{ video: { width: 640 } }]]);
    expect(senders[1]?.track.label).toBe("another");
    devices.begin(); // the media were lost and came back
    void devices.mute("audio", true);
    expect(track.readyState).toBe("ended"); // at once
    expect(lines).toEqual([]);
  });

  it("stays so where a device opens only then", async () => {
    const { stream, senders, capture, devices } = sending("video");
    devices.begin();
    const late = new Track("video", "late");
    capture.mockImplementationOnce(() => {
      void devices.mute("video", true);
      return Promise.resolve(new Stream(late));
    });
    await devices.use("video", true);
    expect([late.readyState, stream.tracks, senders[0]?.track.label]).toEqual(["ended", [], "first video"]);
  });

  it("is not opened for the SDK, which asks for it when the connection is better", async () => {
    const { devices } = sending("audio", "video");
    devices.wish("video", { width: 640 });
    await devices.mute("video", true);
    expect(devices.adjust({ audio: true, video: true })).toEqual({ audio: true, video: { width: 640 } }); // it dials
    devices.begin();
    expect(devices.adjust({ audio: true, video: true })).toEqual({ audio: true, video: false });
  });

  it("stays so where the SDK was about to open it", async () => {
    const { stream, devices } = sending("video");
    devices.begin();
    await devices.mute("video", true);
    const restored = new Track("video", "restored");
    stream.addTrack(restored);
    devices.follow(stream as unknown as MediaStream);
    expect([restored.readyState, stream.tracks]).toEqual(["ended", []]);
  });

  it("that does not open again is a failure, and the next that is plugged in is used", async () => {
    const { capture, failures, lines, devices } = sending("audio");
    devices.begin();
    await devices.mute("audio", true);
    capture.mockRejectedValueOnce(new DOMException("", "NotReadableError"));
    await devices.mute("audio", false);
    expect(failures).toMatchObject([{ name: "NotReadableError" }]);
    plugs.plugIn();
    await wentOn(lines);
    expect(failures).toHaveLength(1);
    plugs.plugIn();
    await devices.use("video", true); // long enough for another try
    expect(capture).toHaveBeenCalledTimes(2);
  });

  it("opens another where the wanted one does not open, says so, and asks for that one again", async () => {
    const { capture, lines, devices } = sending("video");
    devices.wish("video", { deviceId: "x" });
    devices.begin();
    for (let tries = 1; tries <= 2; tries++) {
      capture.mockRejectedValueOnce(new DOMException("", "NotReadableError"));
      await devices.mute("video", true);
      await devices.mute("video", false);
    }
    expect(capture.mock.calls.map(([{ video }]) => video)).toEqual([{ deviceId: "x" }, true, { deviceId: "x" }, true]);
    expect(lines).toEqual(Array(2).fill("warning: The camera that was asked for does not open: another does"));
  });

  it("asks once only where the browser denies it", async () => {
    const { capture, failures, devices } = sending("video");
    devices.wish("video", { deviceId: "x" });
    devices.begin();
    await devices.mute("video", true);
    capture.mockRejectedValueOnce(new DOMException("", "NotAllowedError"));
    await devices.mute("video", false);
    expect(capture).toHaveBeenCalledTimes(1);
    expect(failures).toMatchObject([{ name: "NotAllowedError" }]);
  });

  it("and was never sent is not opened", async () => {
    const { capture, devices } = sending("audio");
    devices.begin();
    await devices.mute("video", true);
    await devices.mute("video", false);
    expect(capture).not.toHaveBeenCalled();
    expect([devices.uses("audio"), devices.uses("video")]).toEqual([true, false]);
  });
});

describe("what the far side does not take", () => {
  it("is closed, and stays so", async () => {
    const { track, capture, lines, stream, transceivers, devices } = sending("video", "audio");
    transceivers.shift(); // so the browser does with what the answer refuses
    devices.begin();
    expect([track.readyState, stream.tracks.map(({ kind }) => kind)]).toEqual(["ended", ["audio"]]);
    expect(lines).toEqual(["info: The far side takes no video: the camera is closed"]);
    await devices.mute("video", true);
    await devices.mute("video", false);
    expect([capture.mock.calls, devices.uses("video")]).toEqual([[], false]);
  });
});

describe("two tracks of a kind", () => {
  it("are one too many: the one that came last stays", () => {
    const { track, stream, devices } = sending("video");
    const newer = new Track("video", "newer");
    stream.addTrack(newer);
    devices.follow(stream as unknown as MediaStream);
    expect([track.readyState, newer.readyState, stream.tracks]).toEqual(["ended", "live", [newer]]);
  });

  it("do not come about where the SDK has opened one meanwhile", async () => {
    const { track, senders, capture, stream, lines, devices } = sending("video");
    const [sender] = senders;
    const restored = new Track("video", "restored");
    const late = new Track("video", "late");
    capture.mockImplementationOnce(() => {
      if (sender) sender.track = restored;
      return Promise.resolve(new Stream(late));
    });
    track.lose();
    await vi.waitFor(() => {
      expect(late.stop).toHaveBeenCalled();
    });
    devices.begin();
    expect([restored.readyState, stream.tracks.includes(late), lines]).toEqual(["live", false, []]);
  });
});

describe("another device", () => {
  it("is sent in place of the first, and views are told", async () => {
    const { track, stream, senders, capture, lines, devices } = sending("audio", "video");
    const added = vi.fn();
    stream.addEventListener("addtrack", added);
    await devices.use("video", { deviceId: "x" });
    expect(capture).toHaveBeenCalledWith({ video: { deviceId: "x" } });
    expect(senders.map((sender) => sender.track.label)).toEqual(["first audio", "another"]);
    expect(stream.tracks.map(({ label }) => label)).toEqual(["first audio", "another"]);
    expect(track.stop).not.toHaveBeenCalled();
    expect(added).toHaveBeenCalledTimes(1);
    expect(lines).toEqual(["info: The call goes on with the camera “another”"]);
  });

  it("is kept for later where the call sends nothing of the kind now", async () => {
    const { capture, lines, devices } = sending("audio");
    await devices.use("video", true);
    expect(capture).not.toHaveBeenCalled();
    expect(devices.adjust({ audio: true, video: true })).toEqual({ audio: true, video: true });
    devices.wish("video", { width: 640 });
    expect(devices.adjust({ video: true })).toEqual({ video: { width: 640 } });
    expect(devices.adjust({ audio: true })).toEqual({ audio: true });
    expect(lines).toEqual(["info: This call sends no video now: the camera is used when it does"]);
  });

  it("that does not open leaves the first, with the reason", async () => {
    const { track, capture, failures, over, devices } = sending("audio");
    capture.mockRejectedValueOnce(new DOMException("", "NotReadableError"));
    await devices.use("audio", { deviceId: "x" });
    expect(failures).toMatchObject([{ kind: "media", name: "NotReadableError" }]);
    expect(track.stop).not.toHaveBeenCalled();
    expect(devices.adjust({ audio: true })).toEqual({ audio: true }); // not the one that does not open
    capture.mockImplementationOnce(() => {
      over.abort();
      return Promise.reject(new Error("over"));
    });
    await devices.use("audio", true);
    expect(failures).toHaveLength(1);
  });

  it("that opens when the call is over is closed again", async () => {
    const { capture, over, senders, devices } = sending("audio");
    const late = new Track("audio", "late");
    capture.mockImplementationOnce(() => {
      over.abort();
      return Promise.resolve(new Stream(late));
    });
    await devices.use("audio", true);
    expect(late.stop).toHaveBeenCalledTimes(1);
    await devices.use("audio", true);
    expect(capture).toHaveBeenCalledTimes(1);
    expect(senders[0]?.replaceTrack).not.toHaveBeenCalled();
  });

  it("that the connection does not take is closed again", async () => {
    const { capture, failures, senders, stream, devices } = sending("audio");
    const refused = new Track("audio", "refused");
    capture.mockResolvedValueOnce(new Stream(refused));
    senders[0]?.replaceTrack.mockRejectedValueOnce(new DOMException("closed", "InvalidStateError"));
    await devices.use("audio", true);
    expect([refused.readyState, stream.tracks, failures.length]).toEqual(["ended", [], 1]);
  });
});

describe("a device that goes", () => {
  it("is replaced by any where the wanted one is gone, and that one by the next", async () => {
    const { track, capture, devices, failures, lines, senders } = sending("audio");
    devices.wish("audio", { deviceId: "gone" });
    capture.mockRejectedValueOnce(new DOMException("", "OverconstrainedError"));
    track.lose();
    await wentOn(lines);
    expect(failures).toMatchObject([{ name: "DeviceLost", message: "the microphone was unplugged or taken away" }]);
    expect(capture.mock.calls).toEqual([[{ audio: { deviceId: "gone" } }], [{ audio: true }]]);
    senders[0]?.track.lose();
    await wentOn(lines, 2);
    expect(failures).toHaveLength(2);
  });

  it("is waited for where there is no other", async () => {
    const { track, capture, lines } = sending("audio");
    capture.mockRejectedValueOnce(new DOMException("", "NotFoundError"));
    capture.mockResolvedValueOnce(new Stream()); // opened, and gone again
    track.lose();
    for (let tries = 1; tries <= 2; tries++) {
      await waiting(1);
      expect(capture).toHaveBeenCalledTimes(tries);
      plugs.plugIn();
    }
    await wentOn(lines);
    expect(capture).toHaveBeenCalledTimes(3);
    expect(plugs.listening).toBe(1); // once for the call
  });

  it("may be another than the one that is waited for", async () => {
    const { track, capture, lines, devices } = sending("audio");
    capture.mockRejectedValueOnce(new DOMException("", "NotReadableError"));
    track.lose();
    await waiting(1);
    await devices.use("audio", { deviceId: "x" });
    expect(lines).toEqual(["info: The call goes on with the microphone “another”"]);
    plugs.plugIn();
    await devices.mend("audio");
    expect(capture).toHaveBeenCalledTimes(2);
  });

  it("is waited for only as long as there is a call", async () => {
    const { track, capture, over } = sending("video");
    capture.mockRejectedValue(new DOMException("", "NotFoundError"));
    track.lose();
    await waiting(1);
    over.abort();
    await waiting(0);
    plugs.plugIn();
    expect(capture).toHaveBeenCalledTimes(1);
  });

  it("before anything is sent is replaced when the call is up", async () => {
    const { track, connection, capture, lines, devices } = sending("video");
    const connected = connection.getMockImplementation();
    connection.mockImplementation(() => undefined);
    track.lose();
    await devices.use("video", true); // in turn: the other has tried by then
    expect(capture).not.toHaveBeenCalled();
    if (connected) connection.mockImplementation(connected);
    devices.begin();
    await wentOn(lines);
  });

  it("is followed once, however often the stream is told", async () => {
    const { track, stream, failures, lines, devices } = sending("audio");
    devices.follow(stream as unknown as MediaStream);
    track.lose();
    await wentOn(lines);
    expect(failures).toHaveLength(1);
  });
});
