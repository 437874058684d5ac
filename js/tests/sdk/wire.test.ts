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
  it("sees an answer leave, and its refusal come", () => {
    const reader = new WireReader();
    const answer = { id: "7", method: "webrtc.verto", params: { message: { method: "verto.answer", params: { dialogParams: { callID: "a-call" } } } } };
    expect(reader.sent(JSON.stringify(answer))).toEqual({ type: "answered" });
    expect(reader.isInvite("7")).toBe(true);
    const refused = { id: "7", result: { result: { error: { code: -32002, message: "another client was faster" } } } };
    expect(reader.received(JSON.stringify(refused))).toEqual({
      type: "refused",
      refusal: { code: -32002, message: "another client was faster" },
    });
  });

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

  describe("the token", () => {
    const granted = (reader: WireReader, method: string, jwt_token: string, fields: object): WireEvent | null => {
      const params = { authentication: { jwt_token } };
      expect(reader.sent(JSON.stringify({ jsonrpc: "2.0", id: "t", method, params }))).toBeNull();
      const said = reader.received(JSON.stringify({ jsonrpc: "2.0", id: "t", ...fields }));
      expect(reader.received(JSON.stringify({ jsonrpc: "2.0", id: "t", ...fields }))).toBeNull();
      return said;
    };
    const answer = (expires_at: unknown): object => ({ result: { authorization: { fabric_subscriber: { expires_at } } } });
    const authorised = (expiresAt: number | null, renews: boolean): object => ({ type: "authorised", authorisation: { expiresAt, renews } });

    it("runs out when the answer says so", () => {
      const reader = new WireReader();
      expect(granted(reader, "signalwire.connect", "given", answer(1_790_000_000))).toEqual(authorised(1_790_000_000, false));
      for (const odd of [undefined, null, "soon", -1, 0]) {
        expect(granted(reader, "signalwire.connect", "given", answer(odd))).toEqual(authorised(null, false));
      }
      expect(granted(reader, "signalwire.connect", "given", { result: {} })).toEqual(authorised(null, false));
      expect(granted(reader, "signalwire.connect", "given", { error: { code: -32002, message: "no" } })).toBeNull();
    });

    it("is renewed by an SDK that brings another one, also after the socket was lost", () => {
      const reader = new WireReader();
      granted(reader, "signalwire.connect", "given", answer(100));
      // with the same one the SDK only says again who it is
      expect(granted(reader, "signalwire.reauthenticate", "given", answer(100))).toEqual(authorised(100, false));
      expect(granted(reader, "signalwire.reauthenticate", "asked for", { error: { code: 1 } })).toBeNull();
      expect(granted(reader, "signalwire.connect", "given", answer(100))).toEqual(authorised(100, false));
      expect(granted(reader, "signalwire.reauthenticate", "asked for", answer(160))).toEqual(authorised(160, true));
      expect(granted(reader, "signalwire.connect", "asked for", answer(160))).toEqual(authorised(160, true));
      expect(granted(reader, "signalwire.connect", "given", answer(160))).toEqual(authorised(160, true));
    });
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
