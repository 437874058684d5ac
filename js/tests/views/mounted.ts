/** A view of a fake session in the document, and ways to find what is in it. */

import { FakeSession, type Changes } from "../../dev/fake.js";
import { mountView } from "../../src/views/view.js";

export function mounted(changes: Changes = {}, session = new FakeSession(changes)) {
  const el = document.createElement("div");
  document.body.append(el);
  const gone = new AbortController();
  mountView(session, el, gone.signal);

  const find = (selector: string): HTMLElement => {
    const found = el.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`The view has no ${selector}.`);
    return found;
  };
  return {
    el,
    session,
    gone,
    find,
    button: (text: string): HTMLButtonElement => {
      const found = [...el.querySelectorAll("button")].find(({ textContent }) => textContent === text);
      if (!found) throw new Error(`The view has no button ${text}.`);
      return found;
    },
    labelled: (text: string): HTMLInputElement => {
      const label = [...el.querySelectorAll("label")].find(({ textContent }) => textContent.startsWith(text));
      const input = label?.htmlFor ? find(`#${label.htmlFor}`) : label?.querySelector("input");
      if (!(input instanceof HTMLInputElement)) throw new Error(`The view has no box ${text}.`);
      return input;
    },
    video: (side: "local" | "remote"): HTMLVideoElement => find(`.sw-${side} video`) as HTMLVideoElement,
  };
}

/** Type as a person does: the text arrives with an `input` event. */
export function type(input: HTMLInputElement, text: string): void {
  input.focus();
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

export function leave(input: HTMLInputElement): void {
  input.dispatchEvent(new Event("change", { bubbles: true }));
  input.blur();
}

export function press(element: HTMLElement, key: string): void {
  element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

/** Seen by the DOM, whatever the styles say. */
export function isShown(element: Element): boolean {
  return element.closest("[hidden]") === null;
}
