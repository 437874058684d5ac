import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Signalling } from "../../src/session/signalling.js";

describe("Signalling", () => {
  const failed = vi.fn();
  const gone = vi.fn();
  const log = vi.fn();
  let over: AbortController;
  let signalling: Signalling;

  beforeEach(() => {
    vi.useFakeTimers();
    for (const hook of [failed, gone, log]) hook.mockReset();
    over = new AbortController();
    signalling = new Signalling({ failed, gone, log }, over.signal);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("says once that the platform is lost, and when it is back", () => {
    signalling.changed(true, false);
    expect(failed).not.toHaveBeenCalled();
    signalling.changed(false, false);
    signalling.changed(false, false);
    expect(signalling.isOpen).toBe(false);
    expect(failed.mock.calls).toMatchObject([[{ kind: "network", name: "SignalingLost", message: "the connection to the platform is lost; the call goes on while it is tried again" }]]);
    vi.advanceTimersByTime(3_600_000);
    expect(gone).not.toHaveBeenCalled();
    signalling.changed(true, false);
    expect(signalling.isOpen).toBe(true);
    expect(log).toHaveBeenCalledExactlyOnceWith("info", "The connection to the platform is back");
  });

  it("takes a loopback space for gone after ten seconds", () => {
    signalling.changed(false, true);
    vi.advanceTimersByTime(9_999);
    expect(gone).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(gone.mock.calls).toMatchObject([[{ kind: "space", name: "SpaceGone", message: "the loopback space has ended" }]]);
  });

  it("waits no longer when the space is back or the call is over", () => {
    signalling.changed(false, true);
    signalling.changed(true, true);
    expect(vi.getTimerCount()).toBe(0);
    signalling.changed(false, true);
    over.abort();
    expect(vi.getTimerCount()).toBe(0);
    expect(gone).not.toHaveBeenCalled();
  });
});
