/** One `<video>` that plays what it is given, and says where the browser will not let it. */

import { h } from "./dom.js";

export interface Player {
  readonly el: HTMLVideoElement;
  readonly stream: MediaStream | null;
  set: (stream: MediaStream | null) => void;
  /** Try once more; call it from a click. */
  play: () => void;
}

/**
 * The local player is muted, so that nobody hears themselves; the remote one never is, or
 * nobody would be heard. `blocked` is called with whether a click is needed to play.
 */
export function createPlayer(
  side: "local" | "remote",
  blocked: (isBlocked: boolean) => void,
  signal: AbortSignal,
): Player {
  const el = h("video", { autoplay: true, playsinline: true, muted: side === "local" });
  el.autoplay = true;
  el.playsInline = true;
  // The attribute only sets the default, and does nothing on an element made by script.
  el.muted = side === "local";
  el.disablePictureInPicture = side === "local";

  const play = (): void => {
    el.play().then(
      () => {
        blocked(false);
      },
      (error: unknown) => {
        // Other errors mean that a newer stream took over, or none is left.
        if (error instanceof DOMException && error.name === "NotAllowedError") blocked(true);
      },
    );
  };
  const set = (stream: MediaStream | null): void => {
    if (el.srcObject === stream) return;
    el.srcObject = stream;
    if (stream) play();
    else blocked(false);
  };
  // A host that takes the cell out of the document and puts it back pauses the element.
  el.addEventListener("pause", () => {
    if (el.srcObject) play();
  }, { signal });
  signal.addEventListener("abort", () => {
    set(null);
  });
  return {
    el,
    get stream() {
      return el.srcObject as MediaStream | null;
    },
    set,
    play,
  };
}
