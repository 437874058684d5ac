/** Twelve keys for the menus of telephone lines. */

import type { Session } from "../session/types.js";
import { h, uniqueId } from "./dom.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"] as const;

/** Names that a screen reader does not read as punctuation, or not at all. */
const NAMES: Readonly<Record<string, string>> = { "*": "star", "#": "pound" };

export function createKeypad(session: Session, signal: AbortSignal): HTMLElement {
  const el = h("div", { class: "sw-keypad", role: "group", "aria-label": "Keypad", id: uniqueId("keypad"), hidden: true });
  for (const key of KEYS) {
    const button = h("button", {
      type: "button",
      class: "sw-button sw-quiet sw-key",
      "aria-label": NAMES[key] ?? key,
      "data-lm-suppress-shortcuts": "true",
    }, key);
    button.addEventListener("click", () => {
      session.act({ act: "digits", digits: key });
    }, { signal });
    el.append(button);
  }
  return el;
}
