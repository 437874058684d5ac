import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { TokenWatch } from "../../src/session/tokenwatch.js";

const NOW = 1_790_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW * 1000 });
});

afterEach(() => {
  vi.useRealTimers();
});

function watch() {
  const over = new AbortController();
  const report = vi.fn();
  const log = vi.fn();
  return { over, report, log, token: new TokenWatch({ report, log }, over.signal) };
}

it("reports what the far side says of the token", () => {
  const { token, report } = watch();
  token.granted({ expiresAt: NOW + 60, renews: true });
  expect(report.mock.calls).toEqual([[{ type: "token", expires_at: NOW + 60, renews: true }]]);
});

it("warns once, five minutes before a token ends that nothing renews", () => {
  const { token, log } = watch();
  token.granted({ expiresAt: NOW + 600, renews: false });
  vi.advanceTimersByTime(299_000);
  expect(log).not.toHaveBeenCalled();
  vi.advanceTimersByTime(600_000);
  expect(log).toHaveBeenCalledTimes(1);
  expect(log.mock.calls[0]).toEqual(["warning", expect.stringContaining("runs out in 5 min and nothing renews it")]);
});

it("says seconds of a token that is short from the beginning", () => {
  const { token, log } = watch();
  token.granted({ expiresAt: NOW + 60, renews: false });
  vi.advanceTimersByTime(5000);
  expect(log.mock.calls[0]?.[1]).toContain("in 55 s");
});

it("does not warn of a token that is renewed, that says nothing, that lasts for months, or whose call is over", () => {
  const { over, token, log } = watch();
  token.granted({ expiresAt: NOW + 60, renews: false });
  token.granted({ expiresAt: NOW + 60, renews: true });
  token.granted({ expiresAt: null, renews: false });
  token.granted({ expiresAt: NOW + 90 * 86_400, renews: false });
  expect(vi.getTimerCount()).toBe(0);
  token.granted({ expiresAt: NOW + 600, renews: false });
  over.abort();
  expect(vi.getTimerCount()).toBe(0);
  expect(log).not.toHaveBeenCalled();
});

it("starts nothing for a call that was over before its session was there", () => {
  const { over, token, report } = watch();
  over.abort();
  token.granted({ expiresAt: NOW + 7200, renews: false });
  expect(report).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
