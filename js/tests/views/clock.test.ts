import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { createClock, formatSeconds, startOf } from "../../src/views/clock.js";

const NOW = 1_790_000_000;
let gone: AbortController;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW * 1000 });
  gone = new AbortController();
});

afterEach(() => {
  vi.useRealTimers();
});

it("writes seconds as mm:ss, and hours where there are some", () => {
  expect([0, 72.9, 3671, -3].map(formatSeconds)).toEqual(["00:00", "01:12", "1:01:11", "00:00"]);
});

it("counts from the dial while trying, from the answer once connected, and not at the ends", () => {
  const times = { dial_time: 10, connected_time: 14 };
  expect(startOf({ status: "trying", ...times })).toBe(10);
  expect(startOf({ status: "connected", ...times })).toBe(14);
  expect(startOf({ status: "destroyed", ...times })).toBeNull();
  expect(startOf({ status: "idle", dial_time: 0, connected_time: null })).toBeNull();
});

it("ticks with one timer, only while there is something to count", () => {
  const clock = createClock(gone.signal);
  const trying = { status: "trying", status_time: NOW, dial_time: NOW, connected_time: null } as const;
  expect(vi.getTimerCount()).toBe(0);
  clock.update(trying);
  clock.update(trying);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(3000);
  expect(clock.el.textContent).toBe("00:03");
  clock.update({ ...trying, status: "failed" });
  expect(vi.getTimerCount()).toBe(0);
  expect(clock.el.textContent).toBe("");
});

it("stops with its view", () => {
  const clock = createClock(gone.signal);
  clock.update({ status: "trying", status_time: NOW, dial_time: NOW, connected_time: null });
  gone.abort();
  expect(vi.getTimerCount()).toBe(0);
});

it("allows for a kernel whose clock is wrong", () => {
  const clock = createClock(gone.signal);
  clock.update({ status: "idle", status_time: 0, dial_time: 0, connected_time: null });
  const kernel = NOW - 600;
  clock.update({ status: "new", status_time: kernel, dial_time: kernel, connected_time: null });
  expect(clock.el.textContent).toBe("00:00");
});
