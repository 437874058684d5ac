import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { createTokenBadge, tokenWords } from "../../src/views/token.js";

const NOW = 1_790_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW * 1000 });
});

afterEach(() => {
  vi.useRealTimers();
});

it.each([
  [7260, false, "token 2 h 1 min", false],
  [3599, false, "token 59 min", false],
  [299, false, "token ends in 04:59", true],
  [0, false, "token expired", true],
  [299, true, "token 04:59, renews", false],
  [3600, true, "token 1 h 0 min, renews", false],
])("says %d seconds, renewed: %s, as %s", (left, token_renews, text, warn) => {
  expect(tokenWords({ token_expires_at: NOW + left, token_renews }, NOW)).toMatchObject({ text, warn });
});

it("says nothing of a token that does not say when it ends", () => {
  expect(tokenWords({ token_expires_at: null, token_renews: true }, NOW)).toBeNull();
});

it("counts with one timer, only while a call is up", () => {
  const gone = new AbortController();
  const badge = createTokenBadge(gone.signal);
  const up = { status: "connected", token_expires_at: NOW + 302, token_renews: false } as const;
  badge.update(null);
  expect(badge.el.hidden).toBe(true);
  badge.update(up);
  badge.update(up);
  expect(vi.getTimerCount()).toBe(1);
  expect(badge.el.classList.contains("sw-warn")).toBe(false);
  vi.advanceTimersByTime(3000);
  expect(badge.el.textContent).toBe("token ends in 04:59");
  expect(badge.el.classList.contains("sw-warn")).toBe(true);
  for (const status of ["destroyed", "failed", "idle"] as const) {
    badge.update({ ...up, status });
    expect(badge.el.hidden).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  }
  badge.update(up);
  gone.abort();
  expect(vi.getTimerCount()).toBe(0);
  badge.update(up);
  expect(badge.el.hidden).toBe(true);
});
