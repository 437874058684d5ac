/** The WebSocket that the SDK is given: it goes to the attempt's own space and can be read. */

import { liftRefusal } from "./lift.js";
import type { SpaceAddress } from "../protocol.js";

/** Where `url` really leads: the loopback space's own socket for its reserved name. */
export function redirect(url: string, space: SpaceAddress | null): string {
  const { hostname } = new URL(url);
  if (!hostname.endsWith(".invalid")) return url;
  if (!space || hostname !== `relay.${space.domain}`) {
    throw new Error(`this page does not know ${hostname}, a loopback space`);
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
  opened: (isOpen: boolean) => void,
  isInvite: (id: unknown) => boolean,
): typeof WebSocket {
  // The SDK leaves a socket that does not open for a new one, whose state is then the one to tell.
  let made = 0;
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(redirect(String(url), space()), protocols);
      const serial = ++made;
      for (const type of ["open", "close"]) {
        this.addEventListener(type, () => {
          if (serial === made) opened(type === "open");
        });
      }
      this.addEventListener("message", (event: MessageEvent<unknown>) => {
        const lifted = liftRefusal(event.data, isInvite);
        received(event.data);
        if (lifted === event.data) return;
        event.stopImmediatePropagation();
        this.dispatchEvent(new MessageEvent("message", { data: lifted }));
      });
    }

    override send(data: string | BufferSource | Blob): void {
      sent(data);
      super.send(data);
    }
  };
}
