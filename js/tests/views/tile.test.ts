import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { FakeSession } from "../../dev/fake.js";
import { FakeAudio, fakeMedia, FakeTrack, stream } from "./media.js";
import { isShown, mounted } from "./mounted.js";

const LIVE = { live: true, traits: { status: "connected", owner: "here" } } as const;
let play: ReturnType<typeof fakeMedia>["play"];

beforeEach(() => {
  ({ play } = fakeMedia());
});

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("the two videos", () => {
  it("have the local side muted and the remote one never, as attribute and as property", () => {
    const { video } = mounted();
    for (const side of ["local", "remote"] as const) {
      const el = video(side);
      expect([el.hasAttribute("autoplay"), el.autoplay]).toEqual([true, true]);
      expect([el.hasAttribute("playsinline"), el.playsInline]).toEqual([true, true]);
      expect([el.hasAttribute("muted"), el.muted]).toEqual([side === "local", side === "local"]);
    }
  });

  it("play what the session has, and nothing after its end", () => {
    const { session, video } = mounted();
    const [localStream, remoteStream] = [stream("audio", "video"), stream("audio", "video")];
    session.change({ ...LIVE, localStream, remoteStream });
    expect(video("local").srcObject).toBe(localStream);
    expect(video("remote").srcObject).toBe(remoteStream);
    session.change({ live: false, localStream: null, remoteStream: null, traits: { status: "destroyed" } });
    expect([video("local").srcObject, video("remote").srcObject]).toEqual([null, null]);
  });

  it("show a picture as soon as it flows", () => {
    const { find, session } = mounted();
    const remoteStream = stream("audio");
    const tile = find(".sw-remote");
    session.change({ ...LIVE, remoteStream });
    expect(tile.dataset.picture).toBe("false");
    const track = new FakeTrack("video");
    track.muted = true;
    remoteStream.add(track);
    expect(tile.dataset.picture).toBe("false");
    track.setMuted(false);
    expect(tile.dataset.picture).toBe("true");
  });

  it("play on when the host took them out of the page", () => {
    const { session, video } = mounted();
    session.change({ ...LIVE, remoteStream: stream("video") });
    play.mockClear();
    video("remote").dispatchEvent(new Event("pause"));
    expect(play).toHaveBeenCalledTimes(1);
  });

  it("offer a click where the browser will not play", async () => {
    play.mockRejectedValue(new DOMException("no gesture", "NotAllowedError"));
    const { button, session } = mounted();
    expect(isShown(button("Click to hear"))).toBe(false);
    session.change({ ...LIVE, remoteStream: stream("audio") });
    await vi.waitFor(() => {
      expect(button("Click to hear").hidden).toBe(true);
      expect(document.querySelectorAll(".sw-remote .sw-hear:not([hidden])")).toHaveLength(1);
    });
    play.mockResolvedValue();
    document.querySelector<HTMLButtonElement>(".sw-remote .sw-hear")?.click();
    await vi.waitFor(() => {
      expect(document.querySelectorAll(".sw-hear:not([hidden])")).toHaveLength(0);
    });
  });
});

describe("without a picture", () => {
  it("the remote element stays in the page and a meter shows the sound", () => {
    const { find, session, video } = mounted({ traits: { video: false } });
    session.change({ ...LIVE, localStream: stream("audio"), remoteStream: stream("audio") });
    expect(video("remote").isConnected && isShown(video("remote"))).toBe(true);
    expect(isShown(find(".sw-remote .sw-meter"))).toBe(true);
    expect(find(".sw-tiles").dataset.shape).toBe("audio");
  });

  it("sound is analysed only while a meter is shown", () => {
    const { gone, session } = mounted();
    expect(FakeAudio.open).toBe(0);
    session.change({ ...LIVE, localStream: stream("audio", "video"), remoteStream: stream("audio") });
    expect(FakeAudio.open).toBe(1);
    session.change({ live: false, localStream: null, remoteStream: null });
    expect(FakeAudio.open).toBe(0);
    session.change({ ...LIVE, remoteStream: stream("audio") });
    gone.abort();
    expect(FakeAudio.open).toBe(0);
  });

  it("a muted microphone has no meter", () => {
    const { find, session } = mounted();
    session.change({ ...LIVE, localStream: stream("audio"), traits: { ...LIVE.traits, audio_muted: true } });
    expect(isShown(find(".sw-local .sw-meter"))).toBe(false);
    expect(find(".sw-local").textContent).toContain("Microphone muted");
  });
});

describe("instead of a picture", () => {
  it("words say why there is none", () => {
    const { find, session } = mounted();
    const change = (traits: object, rest: object = {}): void => {
      session.change({ ...LIVE, ...rest, traits: { ...LIVE.traits, ...traits } });
    };
    change({ status: "ringing" });
    expect(find(".sw-remote").textContent).toContain("Ringing…");
    change({});
    expect(find(".sw-remote").textContent).toContain("Waiting for the far side…");
    expect(find(".sw-local").textContent).toContain("Receiving only");
    change({ video_muted: true });
    expect(find(".sw-local").textContent).toContain("Camera off");
    change({ audio_muted: true });
    expect(find(".sw-local").textContent).toContain("Microphone and camera off");
  });
});

describe("several views of one call", () => {
  it("play its sound once, and go on when the first view is closed", () => {
    const session = new FakeSession();
    const first = mounted({}, session);
    const second = mounted({}, session);
    const remoteStream = stream("audio", "video");
    session.change({ ...LIVE, remoteStream });
    const heard = second.video("remote").srcObject as MediaStream;
    expect(first.video("remote").srcObject).toBe(remoteStream);
    expect(heard.getTracks()).toEqual(remoteStream.getVideoTracks());
    expect(second.video("remote").muted).toBe(false);
    session.change({ traits: { audio_muted: true } });
    expect(second.video("remote").srcObject).toBe(heard);
    first.gone.abort();
    expect(second.video("remote").srcObject).toBe(remoteStream);
  });

  it("are silent apart from each other's calls", () => {
    const one = mounted();
    const other = mounted();
    const remoteStream = stream("audio");
    one.session.change({ ...LIVE, remoteStream });
    other.session.change({ ...LIVE, remoteStream });
    expect(other.video("remote").srcObject).toBe(remoteStream);
  });
});
