/** What a call shows before the application is there, and where it cannot be had. */

import type { Boot, Phase } from "./boot.js";

// Inherited colours and a translucent border: this fits every host, light or dark. Short, since it
// is sent with every model, as is all of the loader.
const STYLE = `.sw-card{font:13px/1.6 var(--jp-ui-font-family,system-ui);max-width:720px;box-sizing:border-box;padding:14px 18px;border:1px solid #8885;border-radius:14px}
.sw-card b{font-size:16px;margin-right:1em}
.sw-card p{margin:0}
.sw-card button{font:inherit;color:inherit;background:none;border:1px solid;border-radius:9px;margin-top:8px;padding:2px 12px}
.jupyter-widgets-disconnected:has(>.sw-card)::before{display:none}`;

const SENTENCES: Readonly<Record<Phase, string>> = {
  loading: "Loading…",
  slow: "The kernel has not answered yet: it may be busy. The call appears when it is free.",
  failed: "The call cannot be shown. ",
  saved: "Saved call. Run the cell to dial again.",
  outdated: "Page and kernel run different versions of sw_notebook: reload the page.",
  ready: "",
};

/** Paint the card into `el` until `signal` aborts. */
export function showCard(boot: Boot, isSaved: () => boolean, el: HTMLElement, signal: AbortSignal): void {
  const { model } = boot;
  const add = <K extends keyof HTMLElementTagNameMap>(parent: Element, name: K): HTMLElementTagNameMap[K] =>
    parent.appendChild(document.createElement(name));

  const card = add(el, "section");
  card.className = "sw-card";
  add(card, "style").textContent = STYLE;
  const title = add(card, "b");
  const destination = add(card, "span");
  const last = add(card, "p");
  const sentence = add(card, "p");
  const retry = add(card, "button");
  retry.textContent = "Try again";
  retry.onclick = boot.load;

  const paint = (): void => {
    const phase = isSaved() ? "saved" : boot.phase;
    const status = model.get("status") ?? "idle";
    const why = model.get("end_reason");
    title.textContent = (model.get("title") ?? "") || "SignalWire call";
    destination.textContent = model.get("destination") ?? "";
    // A saved call is not connected any more, whatever it was when it was saved.
    last.textContent = status === "idle" ? "" : `Last status: ${status}${why ? ` · ${why}` : ""}`;
    sentence.textContent = SENTENCES[phase] + (phase === "failed" ? boot.error : "");
    retry.hidden = phase !== "slow" && phase !== "failed";
  };
  paint();
  model.on("change", paint);
  boot.onChange(paint, signal);
  signal.addEventListener("abort", () => {
    model.off("change", paint);
    card.remove();
  });
}
