/** Keeps the focus in the view when a change takes the focused control away. */

/**
 * Returns a function that runs a change; where that disables or hides what has the focus, the
 * first of `refuges` that can take it gets it, now or after a later change. A focus that is
 * elsewhere in the page stays there.
 */
export function createFocusKeeper(
  view: HTMLElement,
  refuges: readonly HTMLButtonElement[],
): (change: () => void) => void {
  let lost = false;
  return (change) => {
    const before = focused(view);
    const had = before !== null && view.contains(before);
    change();
    if (had) lost = !isUsable(before);
    // In between, the person may have gone elsewhere.
    else if (before !== null && before !== document.body) lost = false;
    if (!lost) return;
    const refuge = refuges.find(isUsable);
    refuge?.focus({ preventScroll: true });
    lost = !refuge;
  };
}

function focused(view: HTMLElement): Element | null {
  const root = view.getRootNode();
  return "activeElement" in root ? (root as Document | ShadowRoot).activeElement : null;
}

function isUsable(element: Element): boolean {
  return !element.matches(":disabled") && element.closest("[hidden]") === null;
}
