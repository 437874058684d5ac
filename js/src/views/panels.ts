/** What a person should know: the last error with its advice, and why nothing can be done here. */

import type { Session, SessionState } from "../session/types.js";
import { button } from "./buttons.js";
import { h, setHidden, setText } from "./dom.js";
import { isElsewhere } from "./facts.js";
import type { Part } from "./header.js";
import { icon } from "./icons.js";

export function createErrorPanel(): Part {
  const message = h("p", { class: "sw-message" });
  const advice = h("p", { class: "sw-advice" });
  const name = h("code", { class: "sw-name" });
  const el = h(
    "div",
    { class: "sw-panel sw-error", role: "alert", hidden: true },
    icon("warning"),
    h("div", { class: "sw-panel-text" }, message, advice),
    name,
  );
  return {
    el,
    update({ traits }) {
      const error = traits.errors.at(-1);
      if (error) {
        setText(message, sentence(error.message));
        setText(advice, sentence(error.advice));
        setHidden(advice, error.advice === "");
        setText(name, error.name);
        setHidden(name, error.name === "");
        el.dataset.fatal = String(error.fatal);
      }
      setHidden(el, !error);
    },
  };
}

/** The kernel's texts also stand in the middle of a line, and so have neither capital nor full stop. */
function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[\p{L}\p{N})"'\]]$/u.test(whole) ? `${whole}.` : whole;
}

export function createNotice(session: Session, signal: AbortSignal): Part {
  const text = h("p", { class: "sw-message" });
  const take = button("sw-quiet sw-take", "pages", "Take it over", () => {
    session.act({ act: "take over" });
  }, signal);
  take.el.title = "End it there and dial again from this page";
  const el = h("div", { class: "sw-panel sw-notice", hidden: true }, icon("pages"), h("div", { class: "sw-panel-text" }, text), take.el);
  return {
    el,
    update(state) {
      const notice = noticeOf(state);
      setText(text, notice);
      setHidden(el, notice === "");
      setHidden(take.el, state.kernelGone || !isElsewhere(state));
    },
  };
}

function noticeOf(state: SessionState): string {
  if (state.kernelGone) return "The kernel of this call is gone. Run the cell to dial again; where another tab has restarted the kernel, reload the page first.";
  if (isElsewhere(state)) return "This call is on another page.";
  if (state.kernelAway && state.live) return "The Jupyter server is out of reach. The call goes on for half a minute while the page tries again.";
  if (state.kernelAway) return "The Jupyter server is out of reach. Calls can be dialled when it is back.";
  return "";
}
