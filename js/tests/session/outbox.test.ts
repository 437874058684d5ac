import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { CallEvent, EventsMessage } from "../../src/protocol.js";
import { Outbox } from "../../src/session/outbox.js";

const line = (text: string): CallEvent => ({ type: "log", level: "info", text });
const status = (value: "connecting" | "connected" | "destroyed"): CallEvent => ({ type: "status", status: value, raw: value });

describe("Outbox", () => {
  const sent: number[][] = [];
  let outbox: Outbox;

  beforeEach(() => {
    vi.useFakeTimers();
    sent.length = 0;
    outbox = new Outbox("p", ({ kind, page, events }: EventsMessage) => {
      expect([kind, page]).toEqual(["events", "p"]);
      sent.push(events.map(({ seq }) => seq));
    });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("sends the first at once, and what follows soon together", () => {
    outbox.report(1, line("one"));
    outbox.report(1, line("two"));
    outbox.report(1, status("connecting"));
    expect(sent).toEqual([[1]]);
    vi.advanceTimersByTime(16);
    expect(sent).toEqual([[1], [2, 3]]);
    vi.advanceTimersByTime(16);
    outbox.report(1, line("four"));
    expect(sent).toEqual([[1], [2, 3], [4]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(["connected", "destroyed"] as const)("keeps nobody waiting for %s", (value) => {
    outbox.report(1, line("one"));
    outbox.report(1, line("two"));
    outbox.report(1, status(value));
    expect(sent).toEqual([[1], [2, 3]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("sends what waits when it is asked to, once", () => {
    outbox.report(1, line("one"));
    outbox.report(1, line("two"));
    outbox.flush();
    outbox.flush();
    vi.runAllTimers();
    expect(sent).toEqual([[1], [2]]);
  });

  it("notes when each happened, not when it was sent", () => {
    const times: number[] = [];
    const dated = new Outbox("p", ({ events }) => {
      times.push(...events.map(({ time }) => time));
    });
    vi.setSystemTime(1000);
    dated.report(1, line("one"));
    vi.advanceTimersByTime(4);
    dated.report(1, line("two"));
    vi.runAllTimers();
    expect(times).toEqual([1, 1.004]);
  });
});
