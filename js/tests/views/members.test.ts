import { describe, expect, it } from "vitest";

import { isShown, mounted } from "./mounted.js";

const MEMBER = { id: "1", name: "ada", type: "member", audio_muted: false, video_muted: false, deaf: false, hand_raised: false, talking: false, is_self: false };

describe("the participants", () => {
  it("are not listed where this side is alone", () => {
    const { find } = mounted({ traits: { participants: [MEMBER] } });
    expect(isShown(find(".sw-people"))).toBe(false);
  });

  it("are listed with what they do", () => {
    const participants = [
      { ...MEMBER, is_self: true, audio_muted: true },
      { ...MEMBER, id: "2", name: "<i>bob</i>", talking: true, hand_raised: true, video_muted: true, deaf: true },
      { ...MEMBER, id: "3", name: "", type: "screen" },
    ];
    const { find, el } = mounted({ traits: { participants } });
    expect(isShown(find(".sw-people"))).toBe(true);
    expect(find(".sw-people .sw-label").textContent).toBe("Participants 3");
    const rows = [...el.querySelectorAll("li")];
    expect(rows.map(({ textContent }) => textContent)).toEqual(["adayou", "<i>bob</i>hand raiseddeaf", "3screen"]);
    expect(rows.map(({ dataset }) => dataset.talking)).toEqual(["false", "true", "false"]);
    const marks = rows.map((row) => [...row.querySelectorAll("[role=img]")].map((mark) => mark.getAttribute("aria-label")));
    expect(marks).toEqual([["microphone muted"], ["camera off"], []]);
  });

  it("are drawn again only when they have changed", () => {
    const participants = [MEMBER, { ...MEMBER, id: "2" }];
    const { find, session } = mounted({ traits: { participants } });
    const row = find("li");
    session.change({ traits: { status: "connected" } });
    expect(find("li")).toBe(row);
    session.change({ traits: { participants: [...participants] } });
    expect(find("li")).not.toBe(row);
  });
});
