/** Of several views of one session in a page, one plays the far side: twice would be an echo. */

import type { Session } from "../session/types.js";

// By session, and gone with it.
const turns = new WeakMap<Session, Set<(plays: boolean) => void>>();

/** Tell `changed` whether this view plays the sound: the oldest view that is still there does. */
export function shareSound(session: Session, signal: AbortSignal, changed: (plays: boolean) => void): void {
  const queue = turns.get(session) ?? new Set();
  turns.set(session, queue);
  queue.add(changed);
  changed(queue.size === 1);
  signal.addEventListener("abort", () => {
    const [first] = queue;
    queue.delete(changed);
    const [next] = queue;
    if (first === changed) next?.(true);
  });
}
