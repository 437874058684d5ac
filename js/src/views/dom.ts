/** Small helpers that build DOM; data only ever goes into text and properties. */

type Attributes = Readonly<Record<string, string | boolean>>;

/** Make an element; an attribute of `true` is set empty, one of `false` is left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** Set the text only where it differs: a live region announces every write. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setHidden(element: HTMLElement, hidden: boolean): void {
  if (element.hidden !== hidden) element.hidden = hidden;
}

let ids = 0;

/** An id that no other element of the page has, to tie labels to what they name. */
export function uniqueId(what: string): string {
  return `sw-call-${what}-${++ids}`;
}
