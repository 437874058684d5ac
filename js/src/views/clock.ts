/** How long the call has lasted, ticking only while there is something to count. */

import { h, setText } from "./dom.js";
import type { Traits } from "../protocol.js";

type Times = Pick<Traits, "status" | "dial_time" | "connected_time">;

export interface Clock {
  readonly el: HTMLElement;
  update: (times: Times) => void;
}

export function createClock(signal: AbortSignal): Clock {
  // Outside the live region: nobody wants each second read out.
  const el = h("span", { class: "sw-clock", role: "timer", "aria-live": "off" });
  let start: number | null = null;
  let timer: ReturnType<typeof setInterval> | undefined;

  const tick = (): void => {
    setText(el, start === null ? "" : formatSeconds(Date.now() / 1000 - start));
  };
  signal.addEventListener("abort", () => {
    clearInterval(timer);
  });
  return {
    el,
    update(times) {
      start = signal.aborted ? null : startOf(times);
      tick();
      if (start === null) {
        clearInterval(timer);
        timer = undefined;
      } else {
        timer ??= setInterval(tick, 1000);
      }
    },
  };
}

/** The moment from which seconds count, null where none do. */
export function startOf({ status, dial_time, connected_time }: Times): number | null {
  switch (status) {
    case "connected":
    case "disconnecting":
    case "disconnected":
      return connected_time;
    case "new":
    case "trying":
    case "ringing":
    case "connecting":
      return dial_time || null;
    case "idle":
    case "destroyed":
    case "failed":
      return null;
  }
}

export function formatSeconds(seconds: number): string {
  // The kernel's clock may be a little ahead of the page's.
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return (hours ? `${hours}:` : "") + `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
