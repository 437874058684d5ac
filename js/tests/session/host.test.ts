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
  const requestKernelInfo = vi.fn<() => Promise<unknown>>(() => Promise.resolve());
  const signals = {
    statusChanged: new Signal(),
    kernelChanged: new Signal(),
    connectionStatusChanged: new Signal(),
    iopubMessage: new Signal(),
    disposed: new Signal(),
  };
  const session = { ...signals, session: { kernel: { requestKernelInfo } } };
  const disposed = new Signal();
  const model = new FakeModel();
  model.widget_manager = { context: context ?? { disposed, sessionContext: session } };
  const closed = new AbortController();
  const gone = vi.fn();
  const away = vi.fn();
  const unheard = vi.fn();
  const inCall = vi.fn(() => true);
  const callBegins = watchHost(asModel(model), closed.signal, { inCall, gone, away, unheard });
  return { callBegins, model, session, signals, disposed, closed, inCall, gone, away, unheard, requestKernelInfo };
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

  it("waits for no server where there is no call", () => {
    const { session, inCall, disposed } = watched();
    session.connectionStatusChanged.emit("connecting");
    disposed.emit(); // which ends it
    expect(vi.getTimerCount()).toBe(0);
    inCall.mockReturnValue(false);
    session.connectionStatusChanged.emit("disconnected");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("knows another process by its status, whatever else is said", () => {
    const { session, gone } = watched();
    const say = (speaker: unknown, asker?: string, msg_type = "status"): void => {
      session.iopubMessage.emit({ header: { msg_type, session: speaker }, parent_header: { session: asker } });
    };
    say("one", "tab");
    for (const odd of [null, {}, { header: {} }]) session.iopubMessage.emit(odd);
    say("");
    say("one", "console");
    for (const asker of ["tab", "console"]) say(asker, asker);
    say("tab", "console", "stream"); // the server's own: too much was printed
    expect(gone).not.toHaveBeenCalled();
    say("two", "tab");
    expect(gone.mock.calls).toEqual([["kernel gone"]]);
  });

  it("asks a kernel that is silent in a call, now and then, and no other", async () => {
    const { callBegins, session, inCall, gone, requestKernelInfo } = watched();
    expect(vi.getTimerCount()).toBe(0);
    callBegins();
    inCall.mockReturnValue(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requestKernelInfo).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
    inCall.mockReturnValue(true);
    callBegins();
    session.iopubMessage.emit({ header: { msg_type: "comm_msg", session: "one" } });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(requestKernelInfo).not.toHaveBeenCalled();
    requestKernelInfo.mockReturnValueOnce(new Promise(() => undefined)); // it died with its kernel
    await vi.advanceTimersByTimeAsync(30_000);
    expect(requestKernelInfo).toHaveBeenCalledTimes(1);
    requestKernelInfo.mockRejectedValueOnce(new Error("canceled"));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(requestKernelInfo).toHaveBeenCalledTimes(2);
    expect(gone).not.toHaveBeenCalled();
  });

  it("listens to nothing any more when the model is closed", () => {
    const { callBegins, model, session, signals, disposed, closed, gone } = watched();
    session.connectionStatusChanged.emit("connecting");
    callBegins();
    closed.abort();
    callBegins();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(60_000);
    window.dispatchEvent(new Event("pagehide"));
    expect(gone).not.toHaveBeenCalled();
    expect(model.listening()).toBe(0);
    for (const { slots } of [...Object.values(signals), disposed]) expect(slots.size).toBe(0);
  });

  it("lives without what only JupyterLab has", () => {
    const { callBegins, model, gone } = watched({});
    callBegins();
    expect(vi.getTimerCount()).toBe(0);
    model.emit("comm_live_update");
    expect(gone.mock.calls).toEqual([["kernel gone"]]);
  });
});
