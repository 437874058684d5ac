/** The WebSocket that the SDK is given: it goes to the attempt's own space and can be read. */

import type { SpaceAddress } from "../protocol.js";

/** Where `url` really leads: the loopback space's own socket for its reserved name. */
export function redirect(url: string, space: SpaceAddress | null): string {
  const { hostname } = new URL(url);
  if (!hostname.endsWith(".invalid")) return url;
  if (!space || hostname !== `relay.${space.domain}`) {
    throw new Error(`${hostname} is a name of a loopback space that this page does not know`);
  }
  return `${space.url.replace(/^http/, "ws")}/`;
}

/**
 * A WebSocket class for the SDK's `webSocketConstructor`.
 *
 * `preferences.relayHost` would do the first half, but it is one for the whole page, and
 * two calls may use two spaces. The listener is added in the constructor, so that `received`
 * runs before the SDK's own.
 */
export function readableWebSocket(
  space: () => SpaceAddress | null,
  sent: (frame: unknown) => void,
  received: (frame: unknown) => void,
): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(redirect(String(url), space()), protocols);
      this.addEventListener("message", (event: MessageEvent<unknown>) => {
        received(event.data);
      });
    }

    override send(data: string | BufferSource | Blob): void {
      sent(data);
      super.send(data);
    }
  };
}
