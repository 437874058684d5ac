/** What the page loads once: the session with the SDK in it, and the views. */

import type { Model } from "./model.js";
import { createRequests } from "./requests.js";
import { createSession } from "./session/session.js";
import type { Session } from "./session/types.js";
import { shared } from "./shared.js";

export { mountView } from "./views/view.js";

export function openSession(model: Model, signal: AbortSignal): Session {
  // A name of its own: a document that is closed and opened again has a new session in the same
  // page, which counts its events from 1 again.
  const page = `${shared().page}.${++shared().lastRequest}`;
  return createSession({ model, signal, page, request: createRequests(model, page, signal) });
}
