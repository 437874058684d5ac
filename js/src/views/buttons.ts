/** The buttons: dial, hang up, and during a call the microphone and the camera. */

import type { Session, SessionState } from "../session/types.js";
import { h, setHidden, setText } from "./dom.js";
import { canDial, canHangUp, canHold, isSending } from "./facts.js";
import { icon, type IconName, setIcon } from "./icons.js";

export interface Buttons {
  readonly dial: HTMLButtonElement;
  readonly hangUp: HTMLButtonElement;
  /** Microphone, camera, hold and keypad, shown during a call of this page. */
  readonly inCall: HTMLElement;
  update: (state: SessionState) => void;
}

export function createButtons(session: Session, onDial: () => void, keypad: HTMLElement, signal: AbortSignal): Buttons {
  const dial = button("sw-primary", "phone", "Dial", onDial, signal);
  const hangUp = button("sw-danger", "hangup", HANG_UP.text, () => {
    session.act({ act: "hangup" });
  }, signal);
  const microphone = mute(session, "audio", signal);
  const camera = mute(session, "video", signal);
  const hold = holding(session, signal);
  const keys = button("sw-quiet", "keypad", "Keypad", () => {
    setHidden(keypad, !keypad.hidden);
    keys.el.setAttribute("aria-expanded", String(!keypad.hidden));
  }, signal);
  keys.el.setAttribute("aria-expanded", "false");
  keys.el.setAttribute("aria-controls", keypad.id);
  const inCall = h("div", { class: "sw-mutes" }, microphone.el, camera.el, hold.el, keys.el);
  return {
    dial: dial.el,
    hangUp: hangUp.el,
    inCall,
    update(state) {
      dial.el.disabled = !canDial(state);
      hangUp.el.disabled = !canHangUp(state);
      hangUp.show(state.traits.status === "listening" ? STOP : HANG_UP);
      microphone.update(state);
      camera.update(state);
      hold.update(state);
      const up = canHold(state);
      setHidden(keys.el, !up);
      if (!up && !keypad.hidden) keys.el.click();
    },
  };
}

function holding(session: Session, signal: AbortSignal) {
  let held = false;
  const { el, show } = button("sw-quiet", "pause", "Hold", () => {
    session.act({ act: "hold", held: !held });
  }, signal);
  return {
    el,
    update(state: SessionState): void {
      held = state.traits.held;
      show(held ? { icon: "play", text: "Resume" } : { icon: "pause", text: "Hold" });
      el.setAttribute("aria-pressed", String(held));
      setHidden(el, !canHold(state));
    },
  };
}

interface Looks {
  icon: IconName;
  text: string;
}

const HANG_UP: Looks = { icon: "hangup", text: "Hang up" };
const STOP: Looks = { icon: "hangup", text: "Stop listening" };

const MUTES: Readonly<Record<"audio" | "video", { on: Looks; off: Looks }>> = {
  audio: {
    on: { icon: "microphone", text: "Mute microphone" },
    off: { icon: "microphoneOff", text: "Unmute microphone" },
  },
  video: { on: { icon: "camera", text: "Stop camera" }, off: { icon: "cameraOff", text: "Start camera" } },
};

function mute(session: Session, media: "audio" | "video", signal: AbortSignal) {
  const { on, off } = MUTES[media];
  let muted = false;
  const { el, show } = button("sw-quiet", on.icon, on.text, () => {
    session.act({ act: "mute", media, muted: !muted });
  }, signal);
  return {
    el,
    update(state: SessionState): void {
      muted = media === "audio" ? state.traits.audio_muted : state.traits.video_muted;
      show(muted ? off : on);
      el.setAttribute("aria-pressed", String(muted));
      setHidden(el, !isSending(media, state));
      el.disabled = !canHangUp(state);
    },
  };
}

export function button(style: string, name: IconName, text: string, onClick: () => void, signal: AbortSignal) {
  const svg = icon(name);
  const label = h("span", {}, text);
  // JupyterLab would take keys pressed on a focused button for its own shortcuts, as `x`: cut the cell.
  const el = h("button", { type: "button", class: `sw-button ${style}`, "data-lm-suppress-shortcuts": "true" }, svg, label);
  el.addEventListener("click", onClick, { signal });
  return {
    el,
    show: (looks: Looks): void => {
      setIcon(svg, looks.icon);
      setText(label, looks.text);
    },
  };
}
