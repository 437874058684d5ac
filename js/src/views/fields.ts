/** Token and destination: two boxes that never lose what a person is typing. */

import type { Session, SessionState } from "../session/types.js";
import { h, setHidden, setText, uniqueId } from "./dom.js";
import { isActive, kindOf } from "./facts.js";
import type { Part } from "./header.js";
import { Wish } from "./wish.js";

export interface Fields extends Part {
  /** Tell the kernel about a destination that is still being edited. */
  commit: () => void;
  /** The pasted token, which stays in this box and in the session. */
  token: () => string;
  /** Say what is missing and go there; true where nothing is. */
  check: (state: SessionState) => boolean;
}

const MISSING = "Need a token and a destination.";

export function createFields(session: Session, dial: () => void, signal: AbortSignal): Fields {
  const tokenLabel = h("span");
  const token = box({
    type: "password",
    placeholder: "Paste your SAT here",
    // Password managers would offer to keep what must not be kept.
    "data-1p-ignore": true,
    "data-lpignore": "true",
  });
  const destination = box({ type: "text", placeholder: "/public/test-room" });
  const kind = h("span", { class: "sw-chip" });
  const hint = h("p", { class: "sw-hint", role: "alert", id: uniqueId("hint") });
  for (const input of [token, destination]) input.setAttribute("aria-describedby", hint.id);

  const tokenField = field(tokenLabel, token, "sw-token");
  const label = h("span", {}, "Destination");
  const el = h("div", { class: "sw-fields" }, tokenField, field(label, destination, "sw-destination", kind), hint);

  const wish = new Wish<string>();
  let edited = false;

  const commit = (): void => {
    if (!edited) return;
    edited = false;
    const value = destination.value.trim();
    destination.value = value;
    // Also where the trait says so already: what was typed before may still be on its way.
    wish.want(value, session.state.traits.destination);
    session.act({ act: "set", name: "destination", value });
  };
  const showKind = (text: string): void => {
    setText(kind, text);
    setHidden(kind, text === "");
  };
  const complain = (text: string, ...missing: HTMLInputElement[]): void => {
    setText(hint, text);
    setHidden(hint, text === "");
    for (const input of [token, destination]) input.setAttribute("aria-invalid", String(missing.includes(input)));
    missing[0]?.focus();
  };
  complain("");

  destination.addEventListener("input", () => {
    edited = true;
    showKind(kindOf(destination.value));
    complain("");
  }, { signal });
  destination.addEventListener("change", commit, { signal });
  token.addEventListener("input", () => {
    complain("");
  }, { signal });
  for (const input of [token, destination]) {
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      dial();
    }, { signal });
  }

  return {
    el,
    commit,
    token: () => (tokenField.hidden ? "" : token.value.trim()),
    check({ traits }) {
      const missing = [];
      if (traits.token_box === "required" && token.value.trim() === "") missing.push(token);
      if (destination.value.trim() === "") missing.push(destination);
      complain(missing.length ? MISSING : "", ...missing);
      return missing.length === 0;
    },
    update(state) {
      const { traits } = state;
      setHidden(tokenField, traits.token_box === "hidden");
      setText(tokenLabel, traits.token_box === "optional" ? "Token (empty: loopback space)" : "Token");
      const busy = isActive(state) || state.kernelGone;
      // Not read-only: JupyterLab takes keys typed into a read-only box for its own shortcuts.
      token.disabled = destination.disabled = busy;
      if (edited && !busy) return;
      edited = false;
      const text = wish.show(traits.destination);
      if (destination.value !== text) destination.value = text;
      showKind(text === traits.destination ? traits.destination_kind : kindOf(text));
    },
  };
}

function box(attributes: Record<string, string | boolean>): HTMLInputElement {
  return h("input", {
    class: "sw-input",
    id: uniqueId("input"),
    autocomplete: "off",
    autocapitalize: "off",
    autocorrect: "off",
    spellcheck: "false",
    ...attributes,
  });
}

function field(text: HTMLElement, input: HTMLInputElement, name: string, ...adornments: HTMLElement[]): HTMLElement {
  const label = h("label", { class: "sw-label", for: input.id }, text);
  return h("div", { class: `sw-field ${name}` }, label, h("div", { class: "sw-box" }, input, ...adornments));
}
