import { describe, expect, it } from "vitest";

import { isShown, mounted } from "./mounted.js";

const RINGING = {
  live: true,
  traits: { status: "ringing", direction: "inbound", attempt: 1, incoming: { name: "alice", number: "/private/alice" } },
} as const;

describe("the panel of a call that rings", () => {
  it("says who rings, and has the only buttons", () => {
    const { find, button } = mounted(RINGING);
    expect(find(".sw-ringing").textContent).toContain("alice is calling/private/alice");
    expect(isShown(button("Answer"))).toBe(true);
    expect(isShown(button("Reject"))).toBe(true);
    expect(isShown(button("Hang up"))).toBe(false);
    expect(isShown(find(".sw-destination"))).toBe(false);
  });

  it.each([
    [{ name: "", number: "+15551234567" }, "+15551234567 is calling"],
    [{ name: "", number: "" }, "Somebody is calling"],
    [{ name: "<b>eve</b>", number: "<b>eve</b>" }, "<b>eve</b> is calling"],
  ])("knows a caller by what there is: %j", (incoming, words) => {
    const { find, session } = mounted(RINGING);
    session.change({ traits: { incoming } });
    expect(find(".sw-ringing .sw-message").textContent).toBe(words);
    expect(isShown(find(".sw-ringing .sw-advice"))).toBe(incoming.number !== "" && incoming.number !== incoming.name);
  });

  it.each(["Answer", "Reject"])("asks for it once and goes: %s", (text) => {
    const { find, button, session } = mounted(RINGING);
    button(text).click();
    expect(session.acts).toEqual([[{ act: text.toLowerCase() }, undefined]]);
    session.change({ messages: [] });
    expect(isShown(find(".sw-ringing"))).toBe(false);
    session.change({ traits: { attempt: 2 } });
    expect(isShown(find(".sw-ringing"))).toBe(true);
  });

  it.each([
    [{ live: false }],
    [{ traits: { status: "listening" } }],
    [{ traits: { status: "connected" } }],
    [{ traits: { status: "destroyed" } }],
    [{ traits: { direction: "outbound" } }],
  ] as const)("is not there where nothing can be answered: %j", (change) => {
    const { find, session } = mounted(RINGING);
    session.change(change);
    expect(isShown(find(".sw-ringing"))).toBe(false);
  });

  it("leaves it to the caller's choice what the answer sends", () => {
    const { labelled, session } = mounted(RINGING);
    const video = labelled("Send video");
    expect(video.closest("fieldset")?.disabled).toBe(false);
    expect(isShown(video)).toBe(true);
    session.change({ traits: { status: "connecting" } });
    expect(isShown(video)).toBe(false);
  });

  it("names the caller beside the picture for as long as the call lasts", () => {
    const { find, session } = mounted(RINGING);
    expect(find(".sw-remote .sw-caption").textContent).toContain("alice");
    session.change({ traits: { status: "destroyed" } });
    expect(find(".sw-remote .sw-caption").textContent).toContain("Far side");
  });

  it("is not there while it listens, and then the other button says what it stops", () => {
    const { button, session } = mounted({ live: true, traits: { status: "listening", direction: "inbound" } });
    expect(button("Stop listening").disabled).toBe(false);
    session.change({ traits: { status: "destroyed" } });
    expect(button("Hang up").disabled).toBe(true);
  });
});
