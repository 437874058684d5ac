import { beforeEach, describe, expect, it } from "vitest";

import { Progress } from "../../src/session/progress.js";

const BUSY = { type: "bye", bye: { cause: "USER_BUSY", causeCode: 17 } } as const;
const REFUSED = { type: "refused", refusal: { code: -32002, message: "the media do not match" } } as const;

describe("Progress", () => {
  let dialled: Progress;

  beforeEach(() => {
    dialled = new Progress("dial", false);
  });

  it("begins new, and listens where it waits to be rung", () => {
    expect(dialled.status).toBe("new");
    const waiting = new Progress("listen", false);
    waiting.listen();
    expect(waiting.status).toBe("listening");
    expect(waiting.heard("ringing")).toBe("ringing");
    expect(waiting.status).toBe("ringing");
  });

  it("rings through early media until the answer", () => {
    dialled.heard("trying");
    expect(dialled.wire({ type: "early media" })).toBe("ringing");
    expect(dialled.heard("connected")).toBeNull();
    expect(dialled.wire({ type: "answered" })).toBe("connected");
    expect(dialled.raw).toBe("connected");
  });

  it("keeps the end that it was given", () => {
    dialled.end("failed");
    expect(dialled.heard("destroyed")).toBeNull();
    expect(dialled.status).toBe("failed");
  });

  it("is refused by a goodbye only before the answer, and only where it dialled", () => {
    dialled.wire(BUSY);
    expect(dialled.refused).toMatchObject({ kind: "destination", name: "UserBusy" });
    const answered = new Progress("dial", false);
    answered.wire({ type: "answered" });
    answered.wire(BUSY);
    expect(answered.refused).toBeNull();
    const rung = new Progress("listen", false);
    rung.wire(BUSY);
    expect(rung.refused).toBeNull();
  });

  it("takes a lost path for the end once somebody has left", () => {
    dialled.wire({ type: "answered" });
    dialled.heard("connected");
    expect(dialled.heard("disconnected")).toBe("recovering");
    dialled.leave();
    expect(dialled.heard("disconnected")).toBe("disconnected");
  });

  it("explains what was thrown with what it has seen", () => {
    dialled.wire(REFUSED);
    expect(dialled.explain(new Error("Call creation failed"))).toMatchObject({ kind: "destination", message: "the media do not match (-32002)" });
    const silent = new Progress("dial", true);
    const late = Object.assign(new Error("timeout"), { name: "CallCreateError" });
    expect(silent.explain(late)).toMatchObject({ name: "NoRelayError" });
    silent.wire({ type: "invited", callId: "1", sdp: "" });
    expect(silent.explain(late)).toMatchObject({ message: "the far side did not answer the invite in time" });
  });

  it("tells a refused answer from an error of the call", () => {
    const error = { error: new Error("no"), kind: "signaling", fatal: true } as never;
    const rung = new Progress("listen", false);
    expect(rung.failureOf(error)).toMatchObject({ kind: "call", name: "Error" });
    rung.wire(REFUSED);
    expect(rung.failureOf(error)).toMatchObject({ kind: "call", name: "AnswerRefused", message: "the media do not match" });
    expect(new Progress("dial", false).failureOf({ ...(error as object), kind: "media" } as never)).toMatchObject({ kind: "media" });
  });

  it("is lost for the reason that the SDK calls fatal, else for a far side that is silent", () => {
    expect(dialled.lost).toBe(false);
    dialled.lose();
    expect(dialled.lost).toBe(true);
    const said = (fatal: boolean): never => ({ error: new Error(fatal ? "gone" : "odd"), kind: "media", fatal }) as never;
    dialled.failureOf(said(false));
    expect(dialled.loss).toMatchObject({ kind: "network", name: "ConnectionLost" });
    dialled.failureOf(said(true));
    expect(dialled.loss).toMatchObject({ kind: "media", message: "gone" });
  });
});
