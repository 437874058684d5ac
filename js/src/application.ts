/** What the page loads once: the session with the SDK in it, and the views. */

import type { Model } from "./model.js";
import { createRequests } from "./requests.js";
import { createSession } from "./session/session.js";
import type { Session } from "./session/types.js";
import { shared } from "./shared.js";
import { followLayout } from "./views/layout.js";
import { mountView as draw } from "./views/view.js";

const models = new WeakMap<Session, Model>();

export function openSession(model: Model, signal: AbortSignal): Session {
  // A name of its own: a document that is closed and opened again has a new session in the same
  // page, which counts its events from 1 again.
  const page = `${shared().page}.${++shared().lastRequest}`;
  const session = createSession({ model, signal, page, request: createRequests(model, page, signal) });
  models.set(session, model);
  return session;
}

export function mountView(session: Session, el: HTMLElement, signal: AbortSignal): void {
  const model = models.get(session);
  if (model) followLayout(model, el, signal);
  draw(session, el, signal);
}
