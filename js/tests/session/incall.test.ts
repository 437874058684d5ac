import type { Call } from "@signalwire/js";
import { describe, expect, it, vi } from "vitest";

import type { CallEvent, InCallCommand } from "../../src/protocol.js";
import type { Devices, Media } from "../../src/session/devices.js";
import type { Failure } from "../../src/session/failure.js";
import { InCall } from "../../src/session/incall.js";

type Command = InCallCommand extends infer One ? (One extends unknown ? Omit<One, "kind" | "page" | "attempt"> : never) : never;

/** A call whose far side agrees to all, and what was reported of it. */
function up({ call = true }: { call?: boolean } = {}) {
  const told: string[] = [];
  const say = (word: string) => vi.fn(() => {
    told.push(word);
    return Promise.resolve();
  });
  const self = { mute: say("mute"), unmute: say("unmute"), muteVideo: say("muteVideo"), unmuteVideo: say("unmuteVideo") };
  const sdk = {
    self,
    toggleHold: say("toggleHold"),
    sendDigits: vi.fn((digits: string) => {
      told.push(digits);
      return Promise.resolve();
    }),
    transfer: vi.fn(({ destination }: { destination: string }) => {
      told.push(destination);
      return Promise.resolve();
    }),
  };
  const muted = { audio: false, video: false };
  const devices = {
    muted,
    mute: vi.fn((media: Media, on: boolean) => {
      muted[media] = on;
      return Promise.resolve();
    }),
    begin: vi.fn(),
    mend: vi.fn(() => Promise.resolve()),
    uses: vi.fn(() => true),
    use: vi.fn(() => Promise.resolve()),
  };
  const events: CallEvent[] = [];
  const failures: Failure[] = [];
  const lines: string[] = [];
  const state = { over: false, signalling: true };
  const inCall = new InCall(devices as unknown as Devices, {
    call: () => (call ? (sdk as unknown as Call) : null),
    over: () => state.over,
    signalling: () => state.signalling,
    report: (event) => events.push(event),
    failed: (failure) => failures.push(failure),
    log: (level, text) => lines.push(`${level}: ${text}`),
    changed: () => undefined,
  });
  const perform = (command: Command) => inCall.perform({ kind: "command", page: "p", attempt: 1, ...command });
  return { told, sdk, devices, events, failures, lines, state, inCall, perform };
}

describe("mute", () => {
  it("closes the device at once, says so and tells the far side, once", async () => {
    const { told, devices, events, perform } = up();
    await perform({ command: "mute", media: "audio", muted: true });
    await perform({ command: "mute", media: "audio", muted: true });
    await perform({ command: "mute", media: "video", muted: true });
    expect(devices.mute.mock.calls).toEqual([["audio", true], ["video", true]]);
    expect(told).toEqual(["mute", "muteVideo"]);
    await perform({ command: "mute", media: "audio", muted: false });
    await perform({ command: "mute", media: "video", muted: false });
    expect(told).toEqual(["mute", "muteVideo", "unmute", "unmuteVideo"]);
    expect(events).toContainEqual({ type: "muted", media: "audio", muted: true });
    expect(events).toHaveLength(4);
  });

  it("does nothing in a call that is over", async () => {
    const { devices, state, perform } = up();
    state.over = true;
    await perform({ command: "mute", media: "audio", muted: true });
    expect(devices.muted.audio).toBe(false);
  });

  it("stays muted where the far side does not hear of it, and says so in the log", async () => {
    const { sdk, devices, lines, perform } = up();
    sdk.self.mute.mockRejectedValueOnce(new Error("no answer"));
    sdk.self.unmute.mockRejectedValueOnce(new Error("no answer"));
    await perform({ command: "mute", media: "audio", muted: true });
    expect(devices.muted.audio).toBe(true);
    await perform({ command: "mute", media: "audio", muted: false });
    expect(lines).toEqual([
      "warning: The far side was not told that audio is muted: no answer",
      "warning: The far side was not told that audio is on: no answer",
    ]);
  });

  it("tells what was muted before the far side was there", async () => {
    const { told, devices, inCall } = up();
    await inCall.connected();
    devices.muted.video = true;
    await inCall.connected();
    expect(devices.begin).toHaveBeenCalledTimes(2);
    expect(told).toEqual(["muteVideo"]);
  });

  it("says nothing of what the call never sent, as the SDK would open it", async () => {
    const { told, devices, perform } = up();
    devices.uses.mockReturnValue(false);
    await perform({ command: "mute", media: "video", muted: true });
    await perform({ command: "mute", media: "video", muted: false });
    expect(told).toEqual([]);
  });

  it("tells one after the other, and the device comes first", async () => {
    const { told, sdk, devices, perform } = up();
    let answer = (): void => undefined;
    sdk.self.mute.mockReturnValueOnce(new Promise<void>((resolve) => (answer = resolve)));
    const muting = perform({ command: "mute", media: "audio", muted: true });
    await vi.waitFor(() => {
      expect(sdk.self.mute).toHaveBeenCalled();
    });
    const unmuting = perform({ command: "mute", media: "audio", muted: false });
    expect(devices.mute).toHaveBeenCalledTimes(2);
    expect(told).toEqual([]);
    answer();
    await Promise.all([muting, unmuting]);
    expect(told).toEqual(["unmute"]);
    // what the SDK closes when it is answered may be open again by then
    expect(devices.mend.mock.calls).toEqual([["audio"], ["audio"]]);
  });

  it("works before there is a call", async () => {
    const { events, lines, perform } = up({ call: false });
    await perform({ command: "mute", media: "video", muted: true });
    expect(events).toEqual([{ type: "muted", media: "video", muted: true }]);
    expect(lines).toEqual([]);
  });
});

describe("hold", () => {
  it("toggles only where that makes a difference, one after the other", async () => {
    const { told, events, inCall, perform } = up();
    await Promise.all([
      perform({ command: "hold", held: true }),
      perform({ command: "hold", held: true }),
      perform({ command: "hold", held: false }),
      perform({ command: "hold", held: true }),
    ]);
    expect(told).toEqual(["toggleHold", "toggleHold", "toggleHold"]);
    expect(events.map((event) => event.type === "held" && event.held)).toEqual([true, false, true]);
    expect(inCall.held).toBe(true);
  });

  it("says which of both was refused, and goes on", async () => {
    const { sdk, failures, inCall, perform } = up();
    sdk.toggleHold.mockRejectedValueOnce(new Error("not now"));
    await perform({ command: "hold", held: true });
    expect(inCall.held).toBe(false);
    await perform({ command: "hold", held: true });
    sdk.toggleHold.mockRejectedValueOnce(new Error("not now"));
    await perform({ command: "hold", held: false });
    expect(failures.map(({ name, message }) => `${name}: ${message}`)).toEqual([
      "HoldRefused: the far side did not hold the call: not now",
      "HoldRefused: the far side did not go on with the call: not now",
    ]);
  });
});

describe("without an answer", () => {
  const late = (): Error => Object.assign(new Error("too late"), { name: "RPCTimeoutError" });

  it("says that nobody knows, and takes the next wish for one", async () => {
    const { told, sdk, failures, inCall, perform } = up();
    sdk.toggleHold.mockRejectedValueOnce(late());
    await perform({ command: "hold", held: true });
    expect(failures).toMatchObject([{ kind: "network", name: "NoReply" }]);
    await perform({ command: "hold", held: false });
    expect(told).toEqual(["toggleHold", "toggleHold"]); // on and off, as the SDK knows no other way
    expect(inCall.held).toBe(false);
    sdk.transfer.mockRejectedValueOnce(late());
    await perform({ command: "transfer", destination: "/public/bars" });
    expect(inCall.transferred).toBe(true);
  });

  it("sends nothing while there is nobody to send it to", async () => {
    const { told, state, failures, perform } = up();
    state.signalling = false;
    await perform({ command: "digits", digits: "1" });
    expect(told).toEqual([]);
    expect(failures).toMatchObject([{ name: "DigitsRefused" }]);
  });
});

describe("digits", () => {
  it("are counted in the log, not shown", async () => {
    const { told, lines, perform } = up();
    await perform({ command: "digits", digits: "1234#" });
    await perform({ command: "digits", digits: "5" });
    expect(told).toEqual(["1234#", "5"]);
    expect(lines).toEqual(["info: 5 digits sent", "info: 1 digit sent"]);
  });

  it("need a call", async () => {
    const { failures, perform } = up({ call: false });
    await perform({ command: "digits", digits: "1" });
    expect(failures).toMatchObject([
      { kind: "call", name: "DigitsRefused", message: "the far side did not take the digits of the call: it is not connected yet" },
    ]);
  });
});

describe("transfer", () => {
  it("counts as done as soon as it is asked for: the goodbye may come first", async () => {
    const { told, sdk, inCall, perform } = up();
    let answer = (): void => undefined;
    sdk.transfer.mockReturnValueOnce(new Promise<void>((resolve) => (answer = resolve)));
    const done = perform({ command: "transfer", destination: "/public/bars" });
    expect(inCall.transferred).toBe(true);
    answer();
    await done;
    expect(inCall.transferred).toBe(true);
    await perform({ command: "transfer", destination: "/public/echo" });
    expect(told).toEqual(["/public/echo"]);
  });

  it("is not done where the far side refuses", async () => {
    const { sdk, failures, inCall, perform } = up();
    sdk.transfer.mockRejectedValueOnce(new Error("not allowed"));
    await perform({ command: "transfer", destination: "/public/bars" });
    expect(inCall.transferred).toBe(false);
    expect(failures).toMatchObject([{ name: "TransferRefused" }]);
  });

  it("fails for nobody in a call that is over", async () => {
    const { sdk, failures, state, perform } = up();
    sdk.transfer.mockImplementationOnce(() => {
      state.over = true;
      return Promise.reject(new Error("gone"));
    });
    await perform({ command: "transfer", destination: "/public/bars" });
    expect(failures).toEqual([]);
  });
});

describe("device", () => {
  it("is any, or the one that was asked for", async () => {
    const { devices, perform } = up();
    await perform({ command: "device", media: "audio" });
    await perform({ command: "device", media: "video", constraints: { deviceId: "x" } });
    expect(devices.use.mock.calls).toEqual([["audio", true], ["video", { deviceId: "x" }]]);
  });
});
