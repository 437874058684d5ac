import { describe, expect, it, vi } from "vitest";

import type { DialCommand } from "../../src/protocol.js";
import type { Request } from "../../src/requests.js";
import { Delivery, obtainCredential } from "../../src/session/credential.js";

const encode = (value: object): string => btoa(JSON.stringify(value)).replaceAll("=", "");

const token = (ch: string, exp?: number): string => `${encode({ ch })}.${encode(exp === undefined ? {} : { exp })}.x`;

function dial(pasted_token: boolean): DialCommand {
  const ice = { relay_only: false };
  return { kind: "command", page: "p", command: "dial", attempt: 3, destination: "/public/echo", options: {}, ice, pasted_token, asks_key: false };
}

const kernel = (result: object) => vi.fn<Request>(() => Promise.resolve({ result: result as Record<string, unknown>, buffers: [] }));

const nothing = (): Delivery => new Delivery(new AbortController().signal);

describe("the kernel's token", () => {
  const sent = { kind: "credential", page: "p", attempt: 3 } as const;

  it("comes by itself", async () => {
    const request = kernel({});
    const delivery = nothing();
    const credential = obtainCredential(dial(false), request, "pasted", delivery);
    delivery.arrive({ ...sent, result: { token: "t", expiry_at: 5 } });
    expect(await credential).toEqual({ token: "t", expiry_at: 5 });
    expect(request).not.toHaveBeenCalled();
  });

  it("may come before it is needed", async () => {
    const delivery = nothing();
    delivery.arrive({ ...sent, result: { token: "t" } });
    expect(await obtainCredential(dial(false), kernel({}), null, delivery)).toEqual({ token: "t" });
  });

  it("may be refused", async () => {
    const delivery = nothing();
    delivery.arrive({ ...sent, error: { kind: "token", name: "TokenError", message: "expired" } });
    await expect(delivery.credential).rejects.toMatchObject({ kind: "token", name: "TokenError", message: "expired" });
  });

  it("is not waited for without end", async () => {
    vi.useFakeTimers();
    const outcome = expect(nothing().credential).rejects.toMatchObject({ kind: "timeout", name: "TimeoutError" });
    await vi.advanceTimersByTimeAsync(20_000);
    await outcome;
    vi.useRealTimers();
  });

  it("is not waited for when the call is over", async () => {
    vi.useFakeTimers();
    const over = new AbortController();
    const delivery = new Delivery(over.signal);
    over.abort();
    await expect(delivery.credential).rejects.toMatchObject({ kind: "unreachable" });
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

describe("a pasted token", () => {
  it("stays in the page", async () => {
    const request = kernel({});
    const pasted = token("relay.example.test", 1_800_000_000);
    expect(await obtainCredential(dial(true), request, pasted, nothing())).toEqual({ token: pasted, expiry_at: 1_800_000_000_000 });
    const endless = token("relay.example.test");
    expect(await obtainCredential(dial(true), request, endless, nothing())).toEqual({ token: endless });
    expect(request).not.toHaveBeenCalled();
  });

  it("of a loopback space needs its address, and only the name leaves the page", async () => {
    const space = { domain: "abc.loopback.invalid", url: "http://127.0.0.1:1" };
    const request = kernel({ space });
    const pasted = token("relay.abc.loopback.invalid");
    expect(await obtainCredential(dial(true), request, pasted, nothing())).toEqual({ token: pasted, space });
    expect(request.mock.calls).toEqual([["space", { domain: "abc.loopback.invalid" }]]);
  });

  it("is no project's API token", async () => {
    const key = "PT0123456789abcdef0123456789abcdef";
    const refused = obtainCredential(dial(true), kernel({}), key, nothing());
    await expect(refused).rejects.toMatchObject({ kind: "token", name: "ProjectKeyError" });
    await expect(refused).rejects.not.toThrow(key);
  });

  it("has to be there", async () => {
    await expect(obtainCredential(dial(true), kernel({}), null, nothing())).rejects.toMatchObject({
      kind: "token",
      name: "NoTokenError",
      message: "the token box of this page is empty",
    });
  });
});
