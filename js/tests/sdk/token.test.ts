import { describe, expect, it } from "vitest";

import { loopbackDomain, readClaims } from "../../src/sdk/token.js";

const encode = (value: object): string => btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

describe("readClaims", () => {
  it("reads host and expiry", () => {
    const token = `${encode({ ch: "relay.abc.loopback.invalid" })}.${encode({ exp: 1_800_000_000 })}.x`;
    expect(readClaims(token)).toEqual({ ch: "relay.abc.loopback.invalid", expiryAt: 1_800_000_000_000 });
  });

  it.each(["", "nonsense", "a.b.c", `${encode([])}.${encode({ exp: "soon" })}.x`])("survives %s", (token) => {
    expect(readClaims(token)).toEqual({ ch: null, expiryAt: null });
  });
});

describe("loopbackDomain", () => {
  it("is the reserved name without the relay, and null for the platform", () => {
    expect(loopbackDomain("relay.abc.loopback.invalid")).toBe("abc.loopback.invalid");
    expect(loopbackDomain("relay.example.signalwire.test")).toBeNull();
    expect(loopbackDomain(null)).toBeNull();
  });
});
