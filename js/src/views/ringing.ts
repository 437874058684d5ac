/** Who rings, with the two buttons that settle it. */

import type { Session, SessionState } from "../session/types.js";
import { button } from "./buttons.js";
import { h, setHidden, setText } from "./dom.js";
import { isWaiting } from "./facts.js";
import type { Part } from "./header.js";
import { icon } from "./icons.js";

export function createRinging(session: Session, signal: AbortSignal): Part {
  // The attempt that a person has settled here: the kernel confirms it later.
  let settled = 0;
  const settle = (act: "answer" | "reject") => (): void => {
    settled = session.state.traits.attempt;
    setHidden(el, true);
    session.act({ act });
  };
  const name = h("p", { class: "sw-message" });
  const number = h("p", { class: "sw-advice" });
  const answer = button("sw-primary", "phone", "Answer", settle("answer"), signal);
  const reject = button("sw-danger", "hangup", "Reject", settle("reject"), signal);
  const el = h(
    "div",
    { class: "sw-panel sw-ringing", role: "alert", hidden: true },
    h("span", { class: "sw-bell" }, icon("phone")),
    h("div", { class: "sw-panel-text" }, name, number),
    h("div", { class: "sw-actions" }, answer.el, reject.el),
  );
  return {
    el,
    update(state) {
      const { traits } = state;
      const caller = traits.incoming;
      if (caller) {
        setText(name, `${caller.name || caller.number || "Somebody"} is calling`);
        setText(number, caller.number);
        setHidden(number, caller.number === "" || caller.number === caller.name);
      }
      setHidden(el, !caller || !rings(state) || settled === traits.attempt);
    },
  };
}

function rings(state: SessionState): boolean {
  return isWaiting(state) && state.traits.status === "ringing";
}
