/** Brings the styles to wherever a view is: the document, or a shadow root. */

import css from "./styles/index.css";

/** Call once the view is in place; a view that is still detached gets its own copy. */
export function ensureStyles(view: HTMLElement): void {
  const root = view.getRootNode();
  const home = root instanceof ShadowRoot ? root : view.isConnected ? view.ownerDocument.head : view;
  const present = [...home.querySelectorAll("style[data-sw-call]")];
  if (present.some(({ textContent }) => textContent === css)) return;
  const style = document.createElement("style");
  style.dataset.swCall = "";
  style.textContent = css;
  home.prepend(style);
}
