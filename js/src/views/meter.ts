/** A level meter for a side without a picture: the last second or so as a row of bars. */

import { h } from "./dom.js";
import type { Levels } from "./levels.js";

const BARS = 25;
const STEP_MS = 50;
const CALM_STEP_MS = 500; // for people who asked for less motion

export interface Meter {
  readonly el: HTMLElement;
  /** Show the level of `track`, or nothing. */
  attach: (track: MediaStreamTrack | null) => void;
}

export function createMeter(levels: Levels, signal: AbortSignal): Meter {
  const bars = Array.from({ length: BARS }, () => h("i"));
  const el = h("div", { class: "sw-meter", "aria-hidden": "true" }, ...bars);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let shown: { track: MediaStreamTrack; stop: AbortController } | null = null;

  const run = (track: MediaStreamTrack, until: AbortSignal): void => {
    const level = levels.listen(new MediaStream([track]), until);
    const history: number[] = Array.from({ length: BARS }, () => 0);
    let due = 0;
    let peak = 0;
    const frame = (now: number): void => {
      if (until.aborted) return;
      requestAnimationFrame(frame);
      peak = Math.max(peak, level());
      if (now < due) return;
      due = now + (calm.matches ? CALM_STEP_MS : STEP_MS);
      history.push(peak);
      history.shift();
      peak = 0;
      draw(bars, history);
    };
    requestAnimationFrame(frame);
  };

  const attach = (track: MediaStreamTrack | null): void => {
    if (track === (shown?.track ?? null)) return;
    shown?.stop.abort();
    shown = null;
    draw(bars, []);
    if (!track || signal.aborted) return;
    const stop = new AbortController();
    shown = { track, stop };
    run(track, stop.signal);
  };
  signal.addEventListener("abort", () => {
    attach(null);
  });
  return { el, attach };
}

/** The newest in the middle, older ones to both sides. */
function draw(bars: readonly HTMLElement[], history: readonly number[]): void {
  const middle = (bars.length - 1) / 2;
  bars.forEach((bar, index) => {
    const level = history.at(-1 - Math.abs(index - middle)) ?? 0;
    bar.style.setProperty("--level", level.toFixed(3));
  });
}
