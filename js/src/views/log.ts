/** The log: appends, and follows its end unless a person has scrolled up. */

import type { LogMessage } from "../traits.js";
import { h } from "./dom.js";
import type { Part } from "./header.js";

const KEPT = 500;
const NEAR_PX = 8;

export function createLog(signal: AbortSignal): Part {
  const el = h("div", {
    class: "sw-log",
    role: "log",
    "aria-label": "Log of the call",
    tabindex: "0", // scrolls by keyboard
    "data-lm-suppress-shortcuts": "true",
    "data-placeholder": "What the call does appears here.",
  });
  let last = 0;
  let follow = true;
  let frame = 0;
  el.addEventListener("scroll", () => {
    follow = el.scrollHeight - el.scrollTop - el.clientHeight < NEAR_PX;
  }, { signal });

  const toEnd = (): void => {
    frame = 0;
    el.scrollTop = el.scrollHeight;
  };

  return {
    el,
    update({ messages }) {
      // The kernel counts from 1 for each widget: a lower end means another widget's log.
      if ((messages.at(-1)?.index ?? 0) < last) {
        el.replaceChildren();
        last = 0;
      }
      const fresh = messages.filter(({ index }) => index > last);
      if (fresh.length === 0) return;
      el.append(...fresh.map(line));
      last = fresh.at(-1)?.index ?? last;
      while (el.childElementCount > KEPT) el.firstElementChild?.remove();
      // With the frame, which lays the page out anyway: asked here, the whole page is laid out twice.
      if (follow) frame ||= requestAnimationFrame(toEnd);
    },
  };
}

function line({ time, level, text }: LogMessage): HTMLElement {
  const at = new Date(time * 1000);
  const clock = h("time", { datetime: at.toISOString() }, at.toLocaleTimeString([], { hourCycle: "h23" }));
  return h("div", { class: `sw-line sw-log-${level}` }, clock, h("span", {}, text));
}
