/** Who is in the call: a plain list, shown where there is anybody beside this side. */

import type { ParticipantRecord } from "../traits.js";
import { h, setHidden, setText } from "./dom.js";
import type { Part } from "./header.js";
import { icon } from "./icons.js";

export function createMembers(): Part {
  const count = h("span", { class: "sw-count" });
  const list = h("ul", { class: "sw-members", "aria-label": "Participants" });
  const el = h("div", { class: "sw-people", hidden: true }, h("p", { class: "sw-label" }, "Participants ", count), list);
  // A new list with each change of the traits, the same one otherwise.
  let drawn: readonly ParticipantRecord[] = [];
  return {
    el,
    update({ traits: { participants } }) {
      setHidden(el, participants.length < 2);
      if (participants === drawn) return;
      drawn = participants;
      setText(count, String(participants.length));
      list.replaceChildren(...participants.map(row));
    },
  };
}

function row(member: ParticipantRecord): HTMLElement {
  const marks = [
    member.hand_raised && h("span", { class: "sw-chip" }, "hand raised"),
    member.deaf && h("span", { class: "sw-chip" }, "deaf"),
    member.audio_muted && mark("microphoneOff", "microphone muted"),
    member.video_muted && mark("cameraOff", "camera off"),
  ];
  return h(
    "li",
    { class: "sw-member", "data-talking": String(member.talking), title: member.talking ? "talking" : false },
    h("i", { class: "sw-talks" }),
    h("span", { class: "sw-who" }, member.name || member.id),
    ...(member.is_self ? [h("span", { class: "sw-you" }, "you")] : []),
    ...(member.type === "member" || member.type === "" ? [] : [h("span", { class: "sw-you" }, member.type)]),
    ...marks.filter((shown) => shown !== false),
  );
}

function mark(name: "microphoneOff" | "cameraOff", words: string): HTMLElement {
  return h("span", { class: "sw-mark", role: "img", "aria-label": words, title: words }, icon(name));
}
