import { describe, expect, it } from "vitest";

import { RequestError } from "../../src/requests.js";
import { explain, Failure, reasonOf, type Evidence } from "../../src/session/failure.js";

const NOTHING: Evidence = { capture: null, relayOnly: false, refusal: null, bye: null, httpStatus: null, invited: false, loopback: false };

function error(name: string, message: string, cause?: Error): Error {
  const made = new Error(message, { cause });
  made.name = name;
  return made;
}

const CREATE = error("CallCreateError", "Call creation failed", error("EmptyError", "no elements in sequence"));

describe("explain", () => {
  it.each([
    ["what the far side said of the invite", CREATE, { refusal: { code: -32002, message: "no such destination" } }, "destination", "no such destination (-32002)"],
    ["a 401 behind a failed profile", error("UnexpectedError", "Error fetching user information"), { httpStatus: 401 }, "token", "the token was refused (HTTP 401)"],
    ["an expired token", error("InvalidCredentialsError", "Provided credentials have expired."), {}, "token", "the token has expired"],
    ["no token at all", error("InvalidCredentialsError", "Invalid JWT token"), {}, "token", "the token is not a valid token"],
    ["a space that is gone", error("UnexpectedError", "Error fetching user information"), { loopback: true }, "space", "the loopback space does not answer"],
    ["a platform out of reach", error("UnexpectedError", "Error fetching user information"), {}, "network", "the platform does not answer"],
    ["an invite that never left", error("CallCreateError", "Call create timeout"), {}, "network", "the call could not be prepared within six seconds"],
    ["an invite without an answer", error("CallCreateError", "Call create timeout"), { invited: true }, "call", "the far side did not answer the invite in time"],
    ["a bye before the answer to the invite", CREATE, { bye: { cause: "NO_ROUTE", causeCode: 3 } }, "destination", "no way leads to that destination (NO_ROUTE 3)"],
    ["a device that the SDK could not open", CREATE, { capture: new Failure("media", "NotReadableError", "in use") }, "media", "in use"],
    ["a socket that does not open", error("WebSocketTimeoutError", "x"), {}, "network", "no connection to the platform came about"],
    ["a space whose socket does not open", error("WebSocketTimeoutError", "x"), { loopback: true }, "space", "the loopback space does not answer"],
    ["a session that the platform refuses", error("JSONRPCError", "not today"), {}, "token", "the session was refused: not today"],
    ["anything else, with its cause", CREATE, {}, "call", "Call creation failed (no elements in sequence)"],
    ["a token that the kernel could not give", new RequestError("token", "TokenError", "it is empty"), {}, "token", "it is empty"],
    ["a kernel that does not answer", new RequestError("timeout", "TimeoutError", "too late"), {}, "kernel", "too late"],
  ])("tells %s", (_, thrown, evidence, kind, message) => {
    expect(explain(thrown, { ...NOTHING, ...evidence })).toMatchObject({ kind, message });
  });

  it("keeps a failure that is explained already, and takes what is no error", () => {
    const failure = new Failure("page", "InsecureContextError", "not secure");
    expect(explain(failure, NOTHING)).toBe(failure);
    expect(explain("oh", NOTHING)).toMatchObject({ kind: "call", message: "oh" });
  });
});

describe("reasonOf", () => {
  it("is the innermost message, else the name", () => {
    expect(reasonOf(CREATE)).toBe("no elements in sequence");
    expect(reasonOf(error("AbortError", ""))).toBe("AbortError");
    expect(reasonOf(null)).toBe("null");
  });

  it("goes only so deep", () => {
    let endless = error("Deep", "the bottom");
    for (let depth = 0; depth < 9; depth++) endless = error("Wrapped", `${depth}`, endless);
    expect(reasonOf(endless)).toBe("3");
  });
});
