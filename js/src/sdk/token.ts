/** The two claims of a token that the page reads; nothing is verified here. */

export interface TokenClaims {
  /** The host that the SDK will connect to. */
  ch: string | null;
  /** Unix time in milliseconds. */
  expiryAt: number | null;
}

function part(encoded: string | undefined): Record<string, unknown> {
  try {
    const padded = (encoded ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const value: unknown = JSON.parse(atob(padded));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function readClaims(token: string): TokenClaims {
  const [header, payload] = token.split(".");
  const { ch } = part(header);
  const { exp } = part(payload);
  return {
    ch: typeof ch === "string" ? ch : null,
    expiryAt: typeof exp === "number" ? exp * 1000 : null,
  };
}

/** The loopback space's own name in a token's `ch`, or null for any other token. */
export function loopbackDomain(ch: string | null): string | null {
  return ch?.endsWith(".loopback.invalid") ? ch.slice(ch.indexOf(".") + 1) : null;
}
