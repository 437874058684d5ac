import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { HostContext } from "../../src/model.js";
import { watchHost } from "../../src/session/host.js";
import { asModel, FakeModel } from "../model.js";

class Signal {
  readonly slots = new Set<(sender: unknown, value: unknown) => void>();
  connect = (slot: (sender: unknown, value: unknown) => void): void => void this.slots.add(slot);
  disconnect = (slot: (sender: unknown, value: unknown) => void): void => void this.slots.delete(slot);
  emit = (value?: unknown): void => {
    for (const slot of this.slots) slot(this, value);
  };
}

/** A call in a page of JupyterLab. */
function watched(context?: HostContext) {
  const session = { statusChanged: new Signal(), kernelChanged: new Signal(), connectionStatusChanged: new Signal(), disposed: new Signal() };
  const disposed = new Signal();
  const model = new FakeModel();
  model.widget_manager = { context: context ?? { disposed, sessionContext: session } };
  const closed = new AbortController();
  const gone = vi.fn();
  const away = vi.fn();
  const unheard = vi.fn();
  watchHost(asModel(model), closed.signal, { gone, away, unheard });
  return { model, session, disposed, closed, gone, away, unheard };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("watchHost", () => {
  it("hears of a kernel that dies or restarts, and not of one that works", () => {
    const { session, gone } = watched();
    for (const status of ["idle", "busy", "unknown"]) session.statusChanged.emit(status);
    expect(gone).not.toHaveBeenCalled();
    for (const status of ["starting", "autorestarting", "dead"]) session.statusChanged.emit(status);
    expect(gone.mock.calls).toEqual([["kernel gone"], ["kernel gone"], ["kernel gone"]]);
  });

  it("hears of another kernel, of a comm without one, of a closed document and of a page that goes", () => {
    const { model, session, disposed, gone } = watched();
    session.kernelChanged.emit();
    model.emit("comm_live_update");
    session.disposed.emit();
    disposed.emit();
    window.dispatchEvent(new Event("pagehide"));
    expect(gone.mock.calls.flat()).toEqual(["kernel gone", "kernel gone", "document closed", "document closed", "page closed"]);
  });

  it("waits half a minute for a server that is away", () => {
    const { session, gone, away, unheard } = watched();
    session.connectionStatusChanged.emit("connecting");
    vi.advanceTimersByTime(20_000);
    session.connectionStatusChanged.emit("disconnected");
    session.connectionStatusChanged.emit("connected");
    vi.advanceTimersByTime(60_000);
    expect(unheard).not.toHaveBeenCalled();
    expect(away.mock.calls.flat()).toEqual([true, true, false]);
    session.connectionStatusChanged.emit("connecting");
    vi.advanceTimersByTime(30_000);
    expect(unheard).toHaveBeenCalledTimes(1);
    expect(gone).not.toHaveBeenCalled(); // it may come back
  });

  it("listens to nothing any more when the model is closed", () => {
    const { model, session, disposed, closed, gone } = watched();
    session.connectionStatusChanged.emit("connecting");
    closed.abort();
    vi.advanceTimersByTime(60_000);
    window.dispatchEvent(new Event("pagehide"));
    expect(gone).not.toHaveBeenCalled();
    expect(model.listening()).toBe(0);
    for (const { slots } of [...Object.values(session), disposed]) expect(slots.size).toBe(0);
  });

  it("lives without what only JupyterLab has", () => {
    const { model, gone } = watched({});
    model.emit("comm_live_update");
    expect(gone.mock.calls).toEqual([["kernel gone"]]);
  });
});
