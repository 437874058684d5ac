/** Keeps the focus in the view when a change takes the focused control away. */

/**
 * Run `change`; where it disables or hides what has the focus, focus the first of `refuges` that
 * can take it. Nothing happens to a focus that is elsewhere in the page.
 */
export function keepFocus(view: HTMLElement, refuges: readonly HTMLButtonElement[], change: () => void): void {
  const root = view.getRootNode() as Document | ShadowRoot;
  const before = "activeElement" in root ? root.activeElement : null;
  const had = before instanceof HTMLElement && view.contains(before);
  change();
  if (!had || isUsable(before)) return;
  refuges.find(isUsable)?.focus({ preventScroll: true });
}

function isUsable(element: HTMLElement): boolean {
  return !element.matches(":disabled") && element.closest("[hidden]") === null;
}
