/**
 * What the SDK's `fetch` is bound to when the bundle is built.
 *
 * The SDK's HTTP base is always `https://fabric.<domain of the token's ch>`, and it keeps the
 * status of a failed request to itself. Here requests for a loopback space's reserved name go
 * to the space, and whoever dialled with a token learns how its requests were answered.
 */

import type { SpaceAddress } from "../protocol.js";

/** One attempt's interest in the requests that carry its token. */
export interface FetchRoute {
  token: string;
  space: SpaceAddress | null;
  /** The HTTP status of each answer, with the path that was asked. */
  answered: (path: string, status: number) => void;
}

// Shared by all attempts of the page: the SDK knows one `fetch` only.
const routes = new Set<FetchRoute>();

/** Route the requests that carry `route.token`, until `signal` aborts. */
export function routeFetch(route: FetchRoute, signal: AbortSignal): void {
  if (signal.aborted) return;
  routes.add(route);
  signal.addEventListener("abort", () => routes.delete(route));
}

export async function spaceFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  const authorization = new Headers(init?.headers).get("Authorization");
  const own = [...routes].filter((route) => authorization === `Bearer ${route.token}`);
  let target: RequestInfo | URL = input;
  if (url.hostname.endsWith(".invalid")) {
    const space = [...own, ...routes].find((route) => `fabric.${route.space?.domain}` === url.hostname)?.space;
    // A reserved name never leaves the machine, not even as a DNS question.
    if (!space) throw new TypeError(`this page does not know ${url.hostname}, a loopback space`);
    target = new URL(url.pathname + url.search, space.url);
  }
  const response = await globalThis.fetch(target, init);
  for (const route of own) route.answered(url.pathname, response.status);
  return response;
}
