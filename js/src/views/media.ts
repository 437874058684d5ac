/** What the next call sends: two switches, shown while none is under way or one rings. */

import type { Traits } from "../traits.js";
import type { Session } from "../session/types.js";
import { h } from "./dom.js";
import { canDial, isWaiting, sends } from "./facts.js";
import type { Part } from "./header.js";
import { Wish } from "./wish.js";

export function createMedia(session: Session, signal: AbortSignal): Part {
  const audio = toggle(session, "audio", "Send audio", signal);
  const video = toggle(session, "video", "Send video", signal);
  const legend = h("legend", { class: "sw-label" }, "Media");
  const el = h("fieldset", { class: "sw-media" }, legend, h("div", { class: "sw-toggles" }, audio.el, video.el));
  return {
    el,
    update(state) {
      audio.update(state.traits);
      video.update(state.traits);
      el.disabled = !canDial(state) && !isWaiting(state);
    },
  };
}

function toggle(session: Session, name: "audio" | "video", text: string, signal: AbortSignal) {
  const input = h("input", { type: "checkbox", class: "sw-check", role: "switch", "data-lm-suppress-shortcuts": "true" });
  const wish = new Wish<boolean>();
  input.addEventListener("change", () => {
    const value = input.checked;
    wish.want(value, sends(session.state.traits)[name]);
    session.act({ act: "set", name, value });
  }, { signal });
  return {
    el: h("label", { class: "sw-toggle" }, input, text),
    update(traits: Traits): void {
      input.checked = wish.show(sends(traits)[name]);
    },
  };
}
