/** How long the call has lasted, ticking only while there is something to count. */

import { h, setText } from "./dom.js";
import type { Traits } from "../traits.js";

type Times = Pick<Traits, "status" | "status_time" | "dial_time" | "connected_time">;

/** Below this a difference between the clocks of kernel and page is the way that a message takes. */
const SKEW_S = 2;

export interface Clock {
  readonly el: HTMLElement;
  /** Follow these times; null where there is nothing to count. */
  update: (times: Times | null) => void;
}

export function createClock(signal: AbortSignal): Clock {
  // Outside the live region: nobody wants each second read out.
  const el = h("span", { class: "sw-clock", role: "timer", "aria-live": "off" });
  let start: number | null = null;
  let statusTime: number | null = null;
  let skew = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  const tick = (): void => {
    setText(el, start === null ? "" : formatSeconds(Date.now() / 1000 - skew - start));
  };
  signal.addEventListener("abort", () => {
    clearInterval(timer);
  });
  return {
    el,
    update(times) {
      if (times && times.status_time !== statusTime) {
        // A change that is seen happen tells how far the kernel's clock is from the page's.
        const late = Date.now() / 1000 - times.status_time;
        if (statusTime !== null && times.status_time > 0) skew = Math.abs(late) > SKEW_S ? late : 0;
        statusTime = times.status_time;
      }
      start = times && !signal.aborted ? startOf(times) : null;
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
export function startOf({ status, dial_time, connected_time }: Omit<Times, "status_time">): number | null {
  switch (status) {
    case "connected":
    case "recovering":
    case "disconnecting":
    case "disconnected":
      return connected_time;
    case "new":
    case "listening":
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
  // The kernel's clock may be ahead of the page's.
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return (hours ? `${hours}:` : "") + `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
