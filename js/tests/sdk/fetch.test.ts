import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { routeFetch, spaceFetch } from "../../src/sdk/fetch.js";
import { redirect } from "../../src/sdk/socket.js";

const SPACE = { domain: "abc.loopback.invalid", url: "http://127.0.0.1:4321" };
const bearer = (token: string): RequestInit => ({ headers: { Authorization: `Bearer ${token}` } });

describe("spaceFetch", () => {
  const asked = vi.fn<typeof fetch>(() => Promise.resolve(new Response("{}", { status: 401 })));
  let over: AbortController;

  beforeEach(() => {
    vi.stubGlobal("fetch", asked);
    over = new AbortController();
  });
  afterEach(() => {
    over.abort();
    vi.unstubAllGlobals();
    asked.mockClear();
  });

  it("sends a reserved name to its space and tells who dialed with the token", async () => {
    const answered = vi.fn();
    routeFetch({ token: "t", space: SPACE, answered }, over.signal);
    const other = vi.fn();
    routeFetch({ token: "u", space: null, answered: other }, over.signal);
    await spaceFetch("https://fabric.abc.loopback.invalid/api/fabric/addresses?name=%2Fpublic%2Fx", bearer("t"));
    expect(asked.mock.calls[0]?.[0]).toEqual(new URL("http://127.0.0.1:4321/api/fabric/addresses?name=%2Fpublic%2Fx"));
    expect(answered).toHaveBeenCalledExactlyOnceWith("/api/fabric/addresses", 401);
    expect(other).not.toHaveBeenCalled();
  });

  it("leaves every other host alone", async () => {
    await spaceFetch("https://fabric.example.signalwire.test/x", bearer("t"));
    expect(asked.mock.calls[0]?.[0]).toBe("https://fabric.example.signalwire.test/x");
  });

  it("never lets an unknown reserved name leave the page", async () => {
    const call = spaceFetch("https://fabric.gone.loopback.invalid/x", bearer("t"));
    await expect(call).rejects.toThrow("this page does not know");
    expect(asked).not.toHaveBeenCalled();
  });

  it("forgets a route when its attempt is over, and takes none of one that is", async () => {
    routeFetch({ token: "t", space: SPACE, answered: vi.fn() }, over.signal);
    over.abort();
    routeFetch({ token: "t", space: SPACE, answered: vi.fn() }, over.signal);
    await expect(spaceFetch("https://fabric.abc.loopback.invalid/x", bearer("t"))).rejects.toThrow();
  });
});

describe("redirect", () => {
  it("points a socket at the attempt's own space, and a platform's where it was going", () => {
    expect(redirect("wss://relay.abc.loopback.invalid", SPACE)).toBe("ws://127.0.0.1:4321/");
    expect(redirect("wss://puc.signalwire.test", SPACE)).toBe("wss://puc.signalwire.test");
  });

  it("never lets an unknown reserved name leave the page", () => {
    expect(() => redirect("wss://relay.gone.loopback.invalid", SPACE)).toThrow("this page does not know");
    expect(() => redirect("wss://relay.abc.loopback.invalid", null)).toThrow("this page does not know");
  });
});
