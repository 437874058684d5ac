import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { askPermission, capture, captureFailure, checkFrame, checkNetwork, checkPage, checkRelays, negotiated, unfit } from "../../src/session/preflight.js";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("capture", () => {
  it.each([
    ["/public/x", {}, { audio: true, video: false }],
    ["/public/x", { audio: false, video: true }, { audio: false, video: true }],
    ["/public/x?channel=video", {}, { audio: true, video: true }],
    ["/public/x?channel=video", { video: false }, { audio: true, video: false }],
    ["/public/x?channel=audio", {}, { audio: true, video: false }],
    ["/public/x", { audio: false, video: false, receiveVideo: true }, { audio: false, video: false }],
    ["/public/x", { audio: false, inputAudioDeviceConstraints: {} }, { audio: true, video: false }],
  ])("%s with %o", (destination, options, expected) => {
    expect(capture(destination, options)).toEqual(expected);
  });
});

describe("checkFrame", () => {
  const allow = (property: string, ...allowed: string[]): void => {
    const policy = { allowsFeature: (feature: string) => allowed.includes(feature) };
    Object.defineProperty(document, property, { configurable: true, value: policy });
  };
  const both = { audio: true, video: true };

  afterEach(() => {
    Reflect.deleteProperty(document, "featurePolicy");
    Reflect.deleteProperty(document, "permissionsPolicy");
  });

  it.each(["featurePolicy", "permissionsPolicy"])("names what %s refuses", (property) => {
    allow(property, "microphone");
    expect(() => { checkFrame(both); }).toThrow("does not allow the camera");
    allow(property);
    expect(() => { checkFrame(both); }).toThrow("does not allow the microphone and camera");
  });

  it("regards only what the call would open", () => {
    allow("featurePolicy", "microphone");
    expect(() => { checkFrame({ audio: true, video: false }); }).not.toThrow();
  });

  it("believes a browser that does not tell", () => {
    expect(() => { checkFrame(both); }).not.toThrow();
  });
});

describe("checkRelays", () => {
  const stun = { urls: "stun:stun.example.com" };
  const turn = { urls: [stun.urls, "turns:turn.example.com"], username: "alice", credential: "x" };

  it.each([[undefined], [[]], [[stun]]])("misses a TURN server in %o", (servers) => {
    const ice = servers ? { servers } : {};
    expect(() => { checkRelays({ ...ice, relay_only: true }, "ice_servers"); }).toThrow("ice_servers names no TURN server");
    expect(() => { checkRelays({ ...ice, relay_only: false }, "ice_servers"); }).not.toThrow();
  });

  it("finds one among others", () => {
    expect(() => { checkRelays({ servers: [stun, turn], relay_only: true }, "ice_servers"); }).not.toThrow();
  });
});

describe("unfit", () => {
  const width = { constraint: "width" };
  it.each([
    [width, { inputVideoDeviceConstraints: { width: 1 } }, ["camera"]],
    [width, { inputAudioDeviceConstraints: { channelCount: 1 }, inputVideoDeviceConstraints: { width: 1 } }, ["camera"]],
    [{ constraint: "deviceId" }, { inputAudioDeviceConstraints: { deviceId: "a" }, inputVideoDeviceConstraints: { deviceId: "b" } }, ["microphone", "camera"]],
    [width, { inputVideoDeviceConstraints: true }, []],
    [{ constraint: "" }, { inputVideoDeviceConstraints: { width: 1 } }, []],
    [null, {}, []],
  ])("of %o among %o is %o", (error, options, expected) => {
    expect(unfit(error, options)).toEqual(expected);
  });
});

describe("captureFailure", () => {
  it.each([
    ["NotAllowedError", "the browser denied the camera"],
    ["NotFoundError", "no camera was found"],
    ["NotReadableError", "the camera is in use by another program or does not start"],
    ["DeviceLost", "the camera was unplugged or taken away"],
    ["TypeError", "the camera cannot be opened: "],
  ])("%s", (name, message) => {
    const failure = captureFailure(new DOMException("", name), ["camera"], ["microphone", "camera"]);
    expect(failure).toMatchObject({ kind: "media", name, message });
  });

  it("repeats what is not the browser's own", () => {
    expect(captureFailure("odd", [], ["camera"])).toMatchObject({ name: "Error", message: "the camera cannot be opened: odd" });
    expect(captureFailure(null, [], ["camera"]).message).toBe("the camera cannot be opened: null");
  });

  it("names all that were asked for where the browser does not say which", () => {
    expect(captureFailure(new DOMException("", "NotAllowedError"), [], ["microphone", "camera"]).message).toBe(
      "the browser denied the microphone and camera",
    );
  });
});

describe("checkPage", () => {
  const page = (isSecure: boolean, navigator: object, connection?: unknown): void => {
    vi.stubGlobal("isSecureContext", isSecure);
    vi.stubGlobal("navigator", navigator);
    vi.stubGlobal("RTCPeerConnection", connection);
  };

  it("wants a secure origin with devices and WebRTC", () => {
    page(false, { mediaDevices: {} }, vi.fn());
    expect(checkPage).toThrow("is not a secure origin");
    page(true, {}, vi.fn());
    expect(checkPage).toThrow("is not a secure origin");
    page(true, { mediaDevices: {} });
    expect(checkPage).toThrow("this browser has no WebRTC");
    page(true, { mediaDevices: {} }, vi.fn());
    expect(checkPage).not.toThrow();
  });
});

describe("checkNetwork", () => {
  class Probe extends EventTarget {
    static last: Probe;
    readonly close = vi.fn();
    constructor(readonly configuration: RTCConfiguration) {
      super();
      Probe.last = this;
    }

    createDataChannel = (): void => undefined;
    setLocalDescription = (): Promise<void> => Promise.resolve();

    find(candidate: string | null): void {
      const event = Object.assign(new Event("icecandidate"), { candidate: candidate === null ? null : { candidate } });
      this.dispatchEvent(event);
    }
  }

  let tests = 0;
  const relays = { servers: [{ urls: "turn:192.0.2.1" }], relay_only: true };
  const signal = new AbortController().signal;

  beforeEach(() => {
    vi.useFakeTimers();
    // What an earlier test found is forgotten.
    vi.advanceTimersByTime(60_000 * ++tests);
    vi.stubGlobal("RTCPeerConnection", Probe);
  });

  it("is content with the first candidate", async () => {
    const checked = checkNetwork({ relay_only: false }, signal);
    Probe.last.find("candidate:1");
    await checked;
    expect(Probe.last.configuration).toEqual({ iceServers: [], iceTransportPolicy: "all" });
    expect(Probe.last.close).toHaveBeenCalledTimes(1);
  });

  it("believes for a minute in a network that it found", async () => {
    const found = checkNetwork({ relay_only: false }, signal);
    const { last } = Probe;
    last.find("candidate:1");
    await found;
    vi.advanceTimersByTime(59_000);
    await checkNetwork({ relay_only: false }, signal);
    expect(Probe.last).toBe(last);
    vi.advanceTimersByTime(1000);
    const again = checkNetwork({ relay_only: false }, signal);
    expect(Probe.last).not.toBe(last);
    Probe.last.find(null);
    await expect(again).rejects.toMatchObject({ name: "NoNetworkInterfaceError" });
  });

  it.each([null, ""])("fails where the browser ends with %o", async (candidate) => {
    const checked = checkNetwork({ relay_only: false }, signal);
    Probe.last.find(candidate);
    await expect(checked).rejects.toMatchObject({ kind: "network", name: "NoNetworkInterfaceError" });
    expect(Probe.last.close).toHaveBeenCalledTimes(1);
  });

  it("believes a slow browser, and no slow relay", async () => {
    const browser = checkNetwork({ relay_only: false }, signal);
    await vi.advanceTimersByTimeAsync(1500);
    await browser;
    const relay = expect(checkNetwork(relays, signal)).rejects.toMatchObject({ name: "NoRelayError" });
    expect(Probe.last.configuration.iceTransportPolicy).toBe("relay");
    await vi.advanceTimersByTimeAsync(8000);
    await relay;
  });

  it("asks for no relay that only the space will name", async () => {
    const { last } = Probe;
    await checkNetwork({ relay_only: true }, signal);
    expect(Probe.last).toBe(last);
  });

  it("ends with the attempt", async () => {
    const over = new AbortController();
    const checked = checkNetwork(relays, over.signal);
    over.abort();
    await checked;
    expect(Probe.last.close).toHaveBeenCalledTimes(1);
  });
});

describe("askPermission", () => {
  const both = { audio: true, video: true };
  const signal = new AbortController().signal;

  /** A browser with these permissions ("unknown" and it does not tell) and these devices. */
  function browser(states: Record<string, string>, ...kinds: string[]) {
    const stop = vi.fn();
    const getUserMedia = vi.fn(() => Promise.resolve({ getTracks: () => [{ stop }, { stop }] }));
    const query = ({ name }: { name: string }) =>
      states[name] === undefined ? Promise.reject(new TypeError("unknown")) : Promise.resolve({ state: states[name] });
    const enumerateDevices = () => Promise.resolve(kinds.map((kind) => ({ kind })));
    vi.stubGlobal("navigator", { permissions: { query }, mediaDevices: { getUserMedia, enumerateDevices } });
    return { getUserMedia, stop, waiting: vi.fn() };
  }

  it("asks nothing where all is granted, and misses what is not there", async () => {
    const { getUserMedia, waiting } = browser({ microphone: "granted", camera: "granted" }, "audioinput");
    await askPermission({ audio: true, video: false }, waiting, signal);
    await askPermission({ audio: false, video: false }, waiting, signal);
    await expect(askPermission(both, waiting, signal)).rejects.toMatchObject({ message: "no camera was found" });
    expect(getUserMedia).not.toHaveBeenCalled();
  });

  it("says that it waits while the prompt is open, and lets the devices go", async () => {
    const { stop, waiting } = browser({ microphone: "granted", camera: "prompt" });
    await askPermission(both, waiting, signal);
    expect(waiting).toHaveBeenCalledTimes(1);
    expect(stop).toHaveBeenCalledTimes(2);
  });

  it("asks a browser that does not tell, and says nothing of waiting", async () => {
    const { getUserMedia, waiting } = browser({});
    await askPermission(both, waiting, signal);
    expect(getUserMedia).toHaveBeenCalledWith(both);
    expect(waiting).not.toHaveBeenCalled();
  });

  it("names the device that was denied, or is missing", async () => {
    const denied = browser({ microphone: "granted", camera: "denied" }, "audioinput", "videoinput");
    denied.getUserMedia.mockRejectedValueOnce(new DOMException("", "NotAllowedError"));
    await expect(askPermission(both, denied.waiting, signal)).rejects.toMatchObject({ message: "the browser denied the camera" });
    const missing = browser({}, "videoinput");
    missing.getUserMedia.mockRejectedValueOnce(new DOMException("", "NotFoundError"));
    await expect(askPermission(both, missing.waiting, signal)).rejects.toMatchObject({ message: "no microphone was found" });
  });

  it("fails for nobody where the attempt is over", async () => {
    const { getUserMedia, waiting } = browser({});
    getUserMedia.mockRejectedValueOnce(new DOMException("", "NotAllowedError"));
    await expect(askPermission(both, waiting, AbortSignal.abort())).resolves.toBeUndefined();
  });
});

describe("negotiated", () => {
  it("reads the direction of each kind, once there is one", () => {
    const transceivers = [
      { receiver: { track: { kind: "audio" } }, currentDirection: "sendrecv" },
      { receiver: { track: { kind: "video" } }, currentDirection: null },
      { receiver: { track: { kind: "video" } }, currentDirection: "stopped" },
      { receiver: { track: { kind: "video" } }, currentDirection: "recvonly" },
    ];
    const connection = { getTransceivers: () => transceivers } as unknown as RTCPeerConnection;
    expect(negotiated(connection)).toEqual({ audio: "sendrecv", video: "recvonly" });
  });
});
