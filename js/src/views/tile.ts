/** One side of the call: its picture, or else what there is to know of it. */

import type { SessionState } from "../session/types.js";
import { h, setHidden, setText } from "./dom.js";
import { isActive, isInbound, isWaiting, sends } from "./facts.js";
import type { Part } from "./header.js";
import { icon, setIcon } from "./icons.js";
import type { Levels } from "./levels.js";
import { createMeter } from "./meter.js";
import { createPlayer } from "./player.js";
import { hasPicture, soundTrack, watchStream } from "./streams.js";

export type Side = "local" | "remote";

export interface Tile extends Part {
  /** Whether this view is the one that plays the sound. */
  setSound: (plays: boolean) => void;
}

const NAMES: Readonly<Record<Side, string>> = { local: "You", remote: "Far side" };

export function createTile(side: Side, levels: Levels, signal: AbortSignal): Tile {
  const listen = h("button", { type: "button", class: "sw-button sw-primary sw-hear", hidden: true }, icon("speaker"), "Click to hear");
  const player = createPlayer(side, (isBlocked) => {
    setHidden(listen, !isBlocked);
  }, signal);
  listen.addEventListener("click", () => {
    levels.resume();
    player.play();
  }, { signal });

  const face = icon(side === "local" ? "person" : "people");
  const meter = createMeter(levels, signal);
  const words = h("p", { class: "sw-cover-text" });
  const cover = h("div", { class: "sw-cover" }, h("div", { class: "sw-face" }, face), meter.el, words);
  const size = h("span", { class: "sw-size" });
  const name = h("span", {}, NAMES[side]);
  const mutedIcon = icon("microphoneOff");
  const el = h(
    "figure",
    { class: `sw-tile sw-${side}`, "aria-label": NAMES[side] },
    player.el,
    cover,
    h("figcaption", { class: "sw-caption" }, mutedIcon, name, size),
    listen,
  );
  player.el.setAttribute("aria-label", `Video: ${NAMES[side]}`);
  player.el.addEventListener("resize", paint, { signal });

  let state: SessionState | undefined;
  let plays = true;
  let stream: MediaStream | null = null;
  let watching = new AbortController();

  const follow = (next: MediaStream | null): void => {
    if (next === stream) return;
    stream = next;
    watching.abort();
    watching = new AbortController();
    if (stream) watchStream(stream, paint, watching.signal);
  };

  function paint(): void {
    if (!state || signal.aborted) return;
    const picture = hasPicture(stream);
    const muted = side === "local" && state.traits.audio_muted;
    const sound = soundTrack(stream);
    player.set(plays ? stream : silent(stream, player.stream));
    el.dataset.picture = String(picture);
    meter.attach(picture || muted ? null : sound);
    setHidden(meter.el, picture || muted || !sound);
    setText(words, picture ? "" : coverWords(side, state, stream));
    setIcon(face, isCameraOff(side, state) ? "cameraOff" : side === "local" ? "person" : "people");
    mutedIcon.toggleAttribute("hidden", !muted);
    const caller = side === "remote" && isInbound(state) && state.traits.incoming?.name;
    setText(name, typeof caller === "string" && caller !== "" ? caller : NAMES[side]);
    const { videoWidth, videoHeight } = player.el;
    setText(size, picture && videoWidth > 0 ? `${videoWidth} × ${videoHeight}` : "");
  }
  signal.addEventListener("abort", () => {
    watching.abort();
  });

  return {
    el,
    setSound(next) {
      plays = next;
      paint();
    },
    update(next) {
      state = next;
      follow(side === "local" ? next.localStream : next.remoteStream);
      paint();
    },
  };
}

function isCameraOff(side: Side, { live, traits }: SessionState): boolean {
  return side === "local" && live && traits.video_muted;
}

function coverWords(side: Side, state: SessionState, stream: MediaStream | null): string {
  const { traits, live } = state;
  if (!isActive(state) || isWaiting(state)) return side === "local" && !state.kernelGone ? idleWords(state) : waitingWords(state);
  if (!live) return "";
  if (side === "local") {
    if (traits.audio_muted) return traits.video_muted ? "Microphone and camera off" : "Microphone muted";
    if (traits.video_muted) return "Camera off";
    return !stream && traits.status === "connected" ? "Receiving only" : "";
  }
  if (traits.status === "ringing") return "Ringing…";
  return stream ? "" : "Waiting for the far side…";
}

/** Before a call people like to know that nobody sees them. */
function idleWords(state: SessionState): string {
  const { audio, video } = sends(state.traits);
  const until = isWaiting(state) ? "answer" : "dial";
  if (video) return `The camera is off until you ${until}`;
  return audio ? `The microphone is off until you ${until}` : "Nothing is sent";
}

function waitingWords(state: SessionState): string {
  if (!isWaiting(state)) return "";
  return state.traits.status === "ringing" ? "Ringing…" : "Nobody rings yet";
}

/** The pictures of `stream` alone; `shown` where it is that already. */
function silent(stream: MediaStream | null, shown: MediaStream | null): MediaStream | null {
  if (!stream) return null;
  const wanted = stream.getVideoTracks();
  const there = shown?.getTracks() ?? [];
  const same = shown !== stream && there.length === wanted.length && wanted.every((track) => there.includes(track));
  return same ? shown : new MediaStream(wanted);
}
