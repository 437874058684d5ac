/** The widget as the host sees it: small, sent with every model; it fetches the application and hands over. */

import { type Boot, boot } from "./boot.js";
import { showCard } from "./card.js";
import type { Model } from "./model.js";

interface Props {
  model: Model;
  signal: AbortSignal;
}

// Jupyter evaluates this module once per model and wraps the model anew for each call; other
// hosts evaluate it once per page and hand out the model itself.
const boots = new WeakMap<Model, Boot>();
let latest: Boot | undefined;

/** Returns at once: the host gives up on a model that takes 2 s. */
function initialize({ model, signal }: Props): void {
  latest = boot(model, signal);
  boots.set(model, latest);
}

function render({ model, el, signal }: Props & { el: HTMLElement }): void {
  const own = boots.get(model) ?? latest;
  if (!own) return;
  // ipywidgets' mark on a view without a live comm: the only public sign of it.
  const isSaved = (): boolean => el.classList.contains("jupyter-widgets-disconnected");
  const waiting = new AbortController();
  const stop = (): void => {
    waiting.abort();
  };
  signal.addEventListener("abort", stop);

  const mount = (): void => {
    // The application may be there for other calls of the page: this one still has no kernel.
    if (own.phase !== "ready" || isSaved() || waiting.signal.aborted) return;
    stop();
    own.mount(el, signal);
  };
  const checkKernel = (): void => {
    if (isSaved()) own.disconnect();
    else if (own.phase === "failed" || own.phase === "saved") own.load();
    mount();
  };

  checkKernel();
  if (waiting.signal.aborted) return;
  showCard(own, isSaved, el, waiting.signal);
  own.onChange(mount, waiting.signal);
  model.on("comm_live_update", checkKernel);
  waiting.signal.addEventListener("abort", () => {
    model.off("comm_live_update", checkKernel);
  });
}

export default { initialize, render };
