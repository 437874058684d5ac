/** The title row: what this is, where it goes, how it stands. */

import type { SessionState } from "../session/types.js";
import { STATUS_WORDS } from "./words.js";
import { createClock } from "./clock.js";
import { h, setHidden, setText } from "./dom.js";
import { isOver } from "./facts.js";
import { createTokenBadge } from "./token.js";

export interface Part {
  readonly el: HTMLElement;
  update: (state: SessionState) => void;
}

export function createHeader(signal: AbortSignal): Part {
  const title = h("h3", { class: "sw-title" });
  const space = h("span", { class: "sw-badge", title: "Where this call goes" });
  const word = h("span", { class: "sw-word" });
  const reason = h("span", { class: "sw-reason" });
  const status = h("div", { class: "sw-status", role: "status", "aria-live": "polite" }, h("i", { class: "sw-dot" }), word, reason);
  const clock = createClock(signal);
  const token = createTokenBadge(signal);
  const el = h(
    "header",
    { class: "sw-header" },
    h("div", { class: "sw-names" }, title, space, token.el),
    h("div", { class: "sw-state" }, status, clock.el),
  );
  return {
    el,
    update({ traits, kernelGone }) {
      setText(title, traits.title || "Call");
      setText(space, traits.space_label);
      setHidden(space, traits.space_label === "");
      setText(word, STATUS_WORDS[traits.status]);
      status.title = `Status: ${traits.status}`;
      // After an error the panel below says it all.
      const ended = isOver(traits.status) && traits.errors.length === 0 ? traits.end_reason : "";
      setText(reason, traits.held && !isOver(traits.status) ? "on hold" : ended);
      clock.update(kernelGone ? null : traits);
      token.update(kernelGone ? null : traits);
    },
  };
}
