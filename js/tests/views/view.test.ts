import { afterEach, describe, expect, it, vi } from "vitest";

import { FakeSession, log } from "../../dev/fake.js";
import type { ErrorRecord } from "../../src/traits.js";
import { isShown, leave, mounted, press, type } from "./mounted.js";

const CONNECTED = {
  live: true,
  traits: {
    status: "connected",
    owner: "here",
    attempt: 1,
    media_directions: { audio: "sendrecv", video: "sendrecv" },
  },
} as const;

afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("the buttons", () => {
  it("are right for each state", () => {
    const { button, session } = mounted();
    expect([button("Dial").disabled, button("Hang up").disabled]).toEqual([false, true]);
    session.change(CONNECTED);
    expect([button("Dial").disabled, button("Hang up").disabled]).toEqual([true, false]);
    session.change({ live: false, traits: { status: "failed" } });
    expect([button("Dial").disabled, button("Hang up").disabled]).toEqual([false, true]);
  });

  it("dial once for a double click", () => {
    const { button, session } = mounted();
    button("Dial").click();
    button("Dial").click();
    expect(session.acts).toEqual([[{ act: "dial", pasted_token: false }, undefined]]);
  });

  it("hang up", () => {
    const { button, session } = mounted(CONNECTED);
    button("Hang up").click();
    expect(session.acts).toEqual([[{ act: "hangup" }, undefined]]);
  });

  it("mute and unmute what is sent, during a call of this page only", () => {
    const { button, session } = mounted();
    expect(isShown(button("Mute microphone"))).toBe(false);
    session.change(CONNECTED);
    const microphone = button("Mute microphone");
    expect(isShown(microphone)).toBe(true);
    expect(microphone.getAttribute("aria-pressed")).toBe("false");
    microphone.click();
    expect(session.acts.at(-1)?.[0]).toEqual({ act: "mute", media: "audio", muted: true });
    session.change({ traits: { audio_muted: true, video_muted: true } });
    expect(button("Unmute microphone")).toBe(microphone);
    expect(microphone.getAttribute("aria-pressed")).toBe("true");
    button("Start camera").click();
    expect(session.acts.at(-1)?.[0]).toEqual({ act: "mute", media: "video", muted: false });
  });

  it("hold, and resume", () => {
    const { button, session } = mounted();
    const hold = button("Hold");
    expect(isShown(hold)).toBe(false);
    session.change(CONNECTED);
    hold.click();
    expect(session.acts.at(-1)?.[0]).toEqual({ act: "hold", held: true });
    session.change({ traits: { held: true } });
    expect(button("Resume")).toBe(hold);
    hold.click();
    expect(session.acts.at(-1)?.[0]).toEqual({ act: "hold", held: false });
  });

  it("show the keypad, which goes with the call", () => {
    const { button, find, session } = mounted(CONNECTED);
    const keypad = find(".sw-keypad");
    expect(isShown(keypad)).toBe(false);
    button("Keypad").click();
    expect(isShown(keypad)).toBe(true);
    expect(button("Keypad").getAttribute("aria-expanded")).toBe("true");
    button("7").click();
    expect(session.acts).toEqual([[{ act: "digits", digits: "7" }, undefined]]);
    session.change({ live: false, traits: { status: "destroyed" } });
    expect(isShown(keypad)).toBe(false);
  });

  it("offer no camera where none is sent", () => {
    const { button } = mounted({ live: true, traits: { ...CONNECTED.traits, media_directions: { audio: "sendrecv" } } });
    expect(isShown(button("Mute microphone"))).toBe(true);
    expect(isShown(button("Stop camera"))).toBe(false);
  });

  it("keep the focus in the view", () => {
    const { button, session } = mounted();
    button("Dial").focus();
    session.change(CONNECTED);
    expect(document.activeElement).toBe(button("Hang up"));
    session.change({ traits: { status: "disconnecting" } });
    session.change({ live: false, traits: { status: "destroyed" } });
    expect(document.activeElement).toBe(button("Dial"));
  });

  it("take no focus from elsewhere", () => {
    const { session } = mounted();
    const other = document.body.appendChild(document.createElement("input"));
    other.focus();
    session.change(CONNECTED);
    session.change({ live: false, traits: { status: "destroyed" } });
    expect(document.activeElement).toBe(other);
  });

  it("do nothing on Escape", () => {
    const { button, session } = mounted(CONNECTED);
    press(button("Hang up"), "Escape");
    expect(session.acts).toEqual([]);
  });
});

describe("the token", () => {
  it("has a box only where one may be given", () => {
    const { labelled, session } = mounted();
    expect(isShown(labelled("Token"))).toBe(false);
    session.change({ traits: { token_box: "optional" } });
    expect(isShown(labelled("Token (empty: loopback space)"))).toBe(true);
    session.change({ traits: { token_box: "required" } });
    expect(labelled("Token").type).toBe("password");
    expect(labelled("Token").autocomplete).toBe("off");
  });

  it("goes to the session, trimmed, and nowhere else", () => {
    const { button, el, labelled, session } = mounted({ traits: { token_box: "required" } });
    type(labelled("Token"), "  SECRET ");
    button("Dial").click();
    expect(session.acts).toEqual([[{ act: "dial", pasted_token: true }, "SECRET"]]);
    expect(el.outerHTML).not.toContain("SECRET");
    expect(localStorage.length + sessionStorage.length).toBe(0);
  });

  it("is asked for where it is missing", () => {
    const { button, el, labelled, session } = mounted({ traits: { token_box: "required" } });
    button("Dial").click();
    expect(el.textContent).toContain("Need a token and a destination.");
    expect(labelled("Token").getAttribute("aria-invalid")).toBe("true");
    expect(document.activeElement).toBe(labelled("Token"));
    expect(session.acts).toEqual([[{ act: "dial", pasted_token: false }, undefined]]);
    type(labelled("Token"), "x");
    expect(el.textContent).not.toContain("Need a token");
  });

  it("may be left out where it is optional", () => {
    const { button, el, session } = mounted({ traits: { token_box: "optional" } });
    button("Dial").click();
    expect(el.textContent).not.toContain("Need a token");
    expect(session.acts).toEqual([[{ act: "dial", pasted_token: false }, undefined]]);
  });
});

describe("the destination", () => {
  it("is set when it was edited, and before dialling", () => {
    const { labelled, session } = mounted();
    const box = labelled("Destination");
    type(box, " /public/bars ");
    leave(box);
    expect(session.acts).toEqual([[{ act: "set", name: "destination", value: "/public/bars" }, undefined]]);
    type(box, "/public/silence");
    press(box, "Enter");
    expect(session.acts.slice(1).map(([act]) => act)).toEqual([
      { act: "set", name: "destination", value: "/public/silence" },
      { act: "dial", pasted_token: false },
    ]);
  });

  it("is never taken from under somebody who types", () => {
    const { labelled, session } = mounted();
    const box = labelled("Destination");
    type(box, "/public/ba");
    session.change({ traits: { destination: "/public/other" } });
    expect(box.value).toBe("/public/ba");
  });

  it("does not jump back while the kernel has not answered", () => {
    const { labelled, session } = mounted();
    const box = labelled("Destination");
    type(box, "/public/bars");
    leave(box);
    session.change({ messages: log("something else") });
    expect(box.value).toBe("/public/bars");
    session.change({ traits: { destination: "/public/bars" } });
    session.change({ traits: { destination: "/public/echo" } });
    expect(box.value).toBe("/public/echo");
  });

  it("shows its kind, also while it is being typed", () => {
    const { find, labelled, session } = mounted();
    expect(find(".sw-chip").textContent).toBe("resource");
    type(labelled("Destination"), "sip:a@b");
    expect(find(".sw-chip").textContent).toBe("SIP");
    session.change({ traits: { destination: "x", destination_kind: "address" } });
    expect(find(".sw-chip").textContent).toBe("SIP");
  });

  it("is asked for where it is missing", () => {
    const { button, el, labelled } = mounted({ traits: { destination: "" } });
    button("Dial").click();
    expect(el.textContent).toContain("Need a token and a destination.");
    expect(document.activeElement).toBe(labelled("Destination"));
  });
});

describe("the media switches", () => {
  it("show what would be sent", () => {
    const { labelled, session } = mounted({ traits: { audio: null, video: null } });
    expect([labelled("Send audio").checked, labelled("Send video").checked]).toEqual([true, false]);
    session.change({ traits: { destination: "/public/a?channel=video" } });
    expect(labelled("Send video").checked).toBe(true);
  });

  it("send a message, and wait for the kernel without jumping back", () => {
    const { labelled, session } = mounted({ traits: { video: false } });
    labelled("Send video").click();
    expect(session.acts).toEqual([[{ act: "set", name: "video", value: true }, undefined]]);
    session.change({ messages: log("something else") });
    expect(labelled("Send video").checked).toBe(true);
    session.change({ traits: { video: true } });
    session.change({ traits: { video: false } });
    expect(labelled("Send video").checked).toBe(false);
  });
});

describe("what is said", () => {
  const error: ErrorRecord = { kind: "media", name: "NotAllowedError", message: "the camera is denied", fatal: true, advice: "Allow it", time: 0 };

  it("shows the last error as an alert, in sentences", () => {
    const { find, session } = mounted();
    const alert = find(".sw-panel.sw-error");
    expect([alert.getAttribute("role"), alert.hidden]).toEqual(["alert", true]);
    session.change({ traits: { status: "failed", errors: [{ ...error, message: "older" }, error] } });
    expect(alert.hidden).toBe(false);
    expect(alert.textContent).toContain("The camera is denied.");
    expect(alert.textContent).toContain("Allow it.");
    session.change({ traits: { status: "new", errors: [] } });
    expect(alert.hidden).toBe(true);
  });

  it("tells the status in words, politely", () => {
    const { find, session } = mounted();
    const status = find("[role=status]");
    expect([status.getAttribute("aria-live"), status.textContent]).toEqual(["polite", "Ready"]);
    session.change({ traits: { status: "destroyed", end_reason: "the far side hung up" } });
    expect(status.textContent).toBe("Endedthe far side hung up");
  });

  it("says when the call is on another page, shows no videos, and can hang it up", () => {
    const { button, el, session, video } = mounted({ ...CONNECTED, live: false });
    expect(el.textContent).toContain("This call is on another page");
    expect(isShown(video("remote"))).toBe(false);
    button("Hang up").click();
    expect(session.acts).toEqual([[{ act: "hangup" }, undefined]]);
  });

  it("offers to take over a call of another page", () => {
    const { button, session } = mounted({ ...CONNECTED, live: false });
    button("Take it over").click();
    expect(session.acts).toEqual([[{ act: "take over" }, undefined]]);
    session.change({ live: true });
    expect(isShown(button("Take it over"))).toBe(false);
  });

  it("says when the server of a call is out of reach", () => {
    const { el, button, session } = mounted({ kernelAway: true });
    expect(el.textContent).toContain("Calls can be dialled when it is back.");
    expect(button("Dial").disabled).toBe(true);
    session.change(CONNECTED);
    expect(el.textContent).toContain("The call goes on for half a minute");
    session.change({ kernelAway: false });
    expect(el.textContent).not.toContain("out of reach");
  });

  it("says when the kernel is gone, and dials no more", () => {
    const { button, el } = mounted({ kernelGone: true });
    expect(el.textContent).toContain("Run the cell to dial again");
    expect(button("Dial").disabled).toBe(true);
  });
});

it("is updated in place", () => {
  const { el, session } = mounted();
  const before = [...el.querySelectorAll("*")];
  session.change(CONNECTED);
  session.change({ live: false, traits: { status: "destroyed" } });
  for (const element of before) if (!(element instanceof SVGElement)) expect(element.isConnected).toBe(true);
});

it("leaves nothing behind", () => {
  const session = new FakeSession();
  const { el, gone } = mounted({}, session);
  expect(session.views).toBe(1);
  gone.abort();
  expect([session.views, el.childElementCount]).toEqual([0, 0]);
});
