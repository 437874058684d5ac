/** What the page loads once: the session with the SDK in it, and the views. */

import type { Model } from "./model.js";
import { createRequests } from "./requests.js";
import { createSession } from "./session/session.js";
import type { Session } from "./session/types.js";
import { shared } from "./shared.js";

export { mountView } from "./views/view.js";

export function openSession(model: Model, signal: AbortSignal): Session {
  const { page } = shared();
  return createSession({ model, signal, page, request: createRequests(model, page, signal) });
}
