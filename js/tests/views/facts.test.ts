import { describe, expect, it } from "vitest";

import { FakeSession, type Changes } from "../../dev/fake.js";
import type { Status } from "../../src/traits.js";
import { canDial, canHangUp, isElsewhere, isSending, kindOf, mayShowVideo, sends } from "../../src/views/facts.js";

const state = (changes: Changes) => new FakeSession(changes).state;
const at = (status: Status, changes: Changes = {}) => state({ ...changes, traits: { status, ...changes.traits } });

describe("dial and hang up", () => {
  it.each<[Status, boolean, boolean]>([
    ["idle", true, false],
    ["new", false, true],
    ["trying", false, true],
    ["ringing", false, true],
    ["connecting", false, true],
    ["connected", false, true],
    ["disconnecting", false, false],
    ["disconnected", false, true],
    ["destroyed", true, false],
    ["failed", true, false],
  ])("at %s: dial %s, hang up %s", (status, dial, hangUp) => {
    expect([canDial(at(status)), canHangUp(at(status))]).toEqual([dial, hangUp]);
  });

  it("need a kernel, except to hang up a call of this page", () => {
    expect(canDial(at("idle", { kernelGone: true }))).toBe(false);
    expect(canHangUp(at("connected", { kernelGone: true }))).toBe(false);
    expect(canHangUp(at("connected", { kernelGone: true, live: true }))).toBe(true);
  });
});

describe("a call elsewhere", () => {
  it("is one that is under way and owned, but not by this page", () => {
    expect(isElsewhere(at("connected", { traits: { owner: "another" } }))).toBe(true);
    expect(isElsewhere(at("connected", { traits: { owner: "here" }, live: true }))).toBe(false);
    expect(isElsewhere(at("new", { traits: { owner: "" } }))).toBe(false);
    expect(isElsewhere(at("destroyed", { traits: { owner: "another" } }))).toBe(false);
  });
});

describe("what is sent", () => {
  it.each([
    [null, null, "/public/a", true, false],
    [null, null, "/public/a?channel=video", true, true],
    [null, null, "/public/a?channel=audio", true, false],
    [null, false, "/public/a?channel=video", true, false],
    [false, true, "/public/a", false, true],
  ])("audio=%s video=%s to %s", (audio, video, destination, a, v) => {
    expect(sends({ audio, video, destination })).toEqual({ audio: a, video: v });
  });

  it("is known from the directions, the stream, or that it was muted", () => {
    expect(isSending("audio", at("connected", { traits: { media_directions: { audio: "sendonly" } } }))).toBe(true);
    expect(isSending("audio", at("connected", { traits: { media_directions: { audio: "recvonly" } } }))).toBe(false);
    expect(isSending("video", at("connected", { traits: { video_muted: true } }))).toBe(true);
  });
});

it("a picture may come where video is sent, received or hinted at", () => {
  const { traits } = state({ traits: { video: null } });
  expect(mayShowVideo(traits)).toBe(false);
  expect(mayShowVideo({ ...traits, receive_video: true })).toBe(true);
  expect(mayShowVideo({ ...traits, destination: "/public/a?channel=video" })).toBe(true);
});

it.each([
  ["/public/echo", "resource"],
  ["/private/bob", "user"],
  ["+15551234567", "phone"],
  ["sip:alice@example.com", "SIP"],
  ["something", "address"],
  ["  ", ""],
])("%s is %s", (destination, kind) => {
  expect(kindOf(destination)).toBe(kind);
});
