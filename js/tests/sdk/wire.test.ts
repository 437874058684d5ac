import { describe, expect, it } from "vitest";

import { WireReader, type WireEvent } from "../../src/sdk/wire.js";

const INVITE = {
  jsonrpc: "2.0",
  id: "one",
  method: "webrtc.verto",
  params: { message: { method: "verto.invite", params: { dialogParams: { callID: "a-call" }, sdp: "v=0" } } },
};

function event(method: string, params: object): string {
  return JSON.stringify({
    jsonrpc: "2.0",
    id: "e",
    method: "signalwire.event",
    params: { event_type: "webrtc.message", params: { jsonrpc: "2.0", id: 1, method, params } },
  });
}

function reply(fields: object): WireEvent | null {
  const reader = new WireReader();
  reader.sent(JSON.stringify(INVITE));
  return reader.received(JSON.stringify({ jsonrpc: "2.0", id: "one", ...fields }));
}

describe("WireReader", () => {
  it("sees the invite leave", () => {
    expect(new WireReader().sent(JSON.stringify(INVITE))).toEqual({ type: "invited", callId: "a-call", sdp: "v=0" });
    expect(new WireReader().sent(JSON.stringify({ ...INVITE, method: "signalwire.connect" }))).toBeNull();
  });

  it.each([
    ["a top-level error", { error: { code: -32002, message: "no such destination" } }, -32002, "no such destination"],
    ["an inner error", { result: { code: "200", result: { error: { code: -32000, message: "busy" } } } }, -32000, "busy"],
    ["an error code of the envelope", { result: { code: "404", message: "GONE" } }, "404", "GONE"],
    ["an error without a reason", { error: {} }, null, "no reason given"],
  ])("reads %s of an invite", (_, fields, code, message) => {
    expect(reply(fields)).toEqual({ type: "refused", refusal: { code, message } });
  });

  it("takes a created call for no refusal, and the reply of another request for nothing", () => {
    expect(reply({ result: { code: "200", result: { result: { message: "CALL CREATED" } } } })).toBeNull();
    expect(new WireReader().received(JSON.stringify({ id: "one", error: { code: 1 } }))).toBeNull();
  });

  it("reads the cause of a bye, its code as number or text", () => {
    const reader = new WireReader();
    const bye = (params: object): WireEvent | null => reader.received(event("verto.bye", params));
    expect(bye({ cause: "USER_BUSY", causeCode: 17 })).toEqual({ type: "bye", bye: { cause: "USER_BUSY", causeCode: 17 } });
    expect(bye({ cause: "X", causeCode: "16" })).toEqual({ type: "bye", bye: { cause: "X", causeCode: 16 } });
    expect(bye({})).toEqual({ type: "bye", bye: { cause: null, causeCode: null } });
  });

  it.each([
    ["signalwire.connect", false],
    ["signalwire.reauthenticate", true],
  ])("reads from the answer to %s when the token runs out", (method, renews) => {
    const granted = (fields: object): WireEvent | null => {
      const reader = new WireReader();
      expect(reader.sent(JSON.stringify({ jsonrpc: "2.0", id: "t", method, params: {} }))).toBeNull();
      const said = reader.received(JSON.stringify({ jsonrpc: "2.0", id: "t", ...fields }));
      expect(reader.received(JSON.stringify({ jsonrpc: "2.0", id: "t", ...fields }))).toBeNull();
      return said;
    };
    const authorised = (expiresAt: number | null): object => ({ type: "authorised", authorisation: { expiresAt, renews } });
    const answer = (expires_at: unknown): object => ({ result: { authorization: { fabric_subscriber: { expires_at } } } });
    expect(granted(answer(1_790_000_000))).toEqual(authorised(1_790_000_000));
    for (const odd of [undefined, null, "soon", -1, 0]) expect(granted(answer(odd))).toEqual(authorised(null));
    expect(granted({ result: {} })).toEqual(authorised(null));
    expect(granted({ error: { code: -32002, message: "no" } })).toBeNull();
  });

  it("sees early media and the answer", () => {
    const reader = new WireReader();
    expect(reader.received(event("verto.media", {}))).toEqual({ type: "early media" });
    expect(reader.received(event("verto.answer", {}))).toEqual({ type: "answered" });
    expect(reader.received(event("verto.ping", {}))).toBeNull();
  });

  it.each(["", "no json", "[]", "null", "7", '{"method":"signalwire.event"}', new Blob()])("survives %s", (frame) => {
    const reader = new WireReader();
    expect(reader.sent(frame)).toBeNull();
    expect(reader.received(frame)).toBeNull();
  });
});
