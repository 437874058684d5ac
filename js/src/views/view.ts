/** A view of a call: built once, then updated in place with each state of the session. */

import type { Session, SessionState } from "../session/types.js";
import { createButtons } from "./buttons.js";
import { h, setHidden } from "./dom.js";
import { isActive, isElsewhere, isInbound, isWaiting, mayShowVideo } from "./facts.js";
import { createFields } from "./fields.js";
import { createFocusKeeper } from "./focus.js";
import { createHeader } from "./header.js";
import { createKeypad } from "./keypad.js";
import { createLevels } from "./levels.js";
import { createLog } from "./log.js";
import { createMedia } from "./media.js";
import { createMembers } from "./members.js";
import { createErrorPanel, createNotice } from "./panels.js";
import { createRinging } from "./ringing.js";
import { shareSound } from "./sound.js";
import { hasPicture } from "./streams.js";
import { ensureStyles } from "./styles.js";
import { followTheme } from "./theme.js";
import { createTile } from "./tile.js";

const DOUBLE_CLICK_MS = 500;

export function mountView(session: Session, el: HTMLElement, signal: AbortSignal): void {
  let dialled = -DOUBLE_CLICK_MS;
  const dial = (): void => {
    // The button is disabled only once the kernel has answered.
    if (buttons.dial.disabled || performance.now() - dialled < DOUBLE_CLICK_MS) return;
    dialled = performance.now();
    fields.commit();
    fields.check(session.state);
    // Sent even where something is missing: the kernel explains it in the log and in `errors`.
    const token = fields.token();
    if (token) session.act({ act: "dial", pasted_token: true }, token);
    else session.act({ act: "dial", pasted_token: false });
  };

  const levels = createLevels();
  const header = createHeader(signal);
  const notice = createNotice(session, signal);
  const ringing = createRinging(session, signal);
  const members = createMembers();
  const fields = createFields(session, dial, signal);
  const media = createMedia(session, signal);
  const keypad = createKeypad(session, signal);
  const buttons = createButtons(session, dial, keypad, signal);
  const local = createTile("local", levels, signal);
  const remote = createTile("remote", levels, signal);
  const tiles = h("div", { class: "sw-tiles" }, local.el, remote.el);
  const error = createErrorPanel();
  const log = createLog(signal);
  const parts = [header, notice, ringing, members, fields, media, buttons, local, remote, error, log];

  const actions = h("div", { class: "sw-actions" }, buttons.dial, buttons.hangUp);
  const controls = h("div", { class: "sw-controls" }, media.el, buttons.inCall, actions);
  const card = h(
    "section",
    { class: "sw-frame" },
    header.el,
    notice.el,
    ringing.el,
    fields.el,
    controls,
    keypad,
    error.el,
    tiles,
    members.el,
    log.el,
  );
  const view = h("div", { class: "sw-call" }, card);

  const keepFocus = createFocusKeeper(view, [buttons.hangUp, buttons.dial]);
  const paint = (state: SessionState): void => {
    keepFocus(() => {
      for (const part of parts) part.update(state);
      const inCall = isActive(state) && state.live && !isWaiting(state);
      setHidden(buttons.inCall, !inCall);
      setHidden(media.el, inCall);
      // Its own two buttons are the ones to press.
      setHidden(actions, !ringing.el.hidden);
      setHidden(fields.el, isInbound(state));
      setHidden(tiles, isElsewhere(state));
      tiles.dataset.shape = isWide(state) ? "video" : "audio";
      view.dataset.status = state.traits.status;
      card.setAttribute("aria-label", state.traits.title || "Call");
    });
  };

  el.append(view);
  signal.addEventListener("abort", () => {
    view.remove();
  });
  followTheme(view, signal);
  ensureStyles(view);
  session.subscribe(paint, signal);
  session.viewShown(signal);
  shareSound(session, signal, remote.setSound);
  paint(session.state);
}

/** Pictures are to be expected, or are there. */
function isWide({ traits, localStream, remoteStream }: SessionState): boolean {
  return mayShowVideo(traits) || hasPicture(localStream) || hasPicture(remoteStream);
}
