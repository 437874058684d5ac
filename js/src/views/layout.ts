/** Follows the ipywidgets layout that a model gets only after its views were drawn. */

import type { Layout, Model } from "../model.js";

/**
 * A call has no layout until Python asks for one (`call.layout.width = "50%"`), and the host gives
 * a view only the layout that its model had at first: here the view gets the one that came later.
 */
export function followLayout(model: Model, el: HTMLElement, signal: AbortSignal): void {
  const given = model.get("layout");
  let layout: Layout | undefined;

  const paint = (): void => {
    for (const [name, value] of Object.entries(layout?.attributes ?? {})) {
      if (name.startsWith("_")) continue;
      el.style.setProperty(name.replaceAll("_", "-"), typeof value === "string" ? value : "");
    }
  };
  const leave = (): void => {
    layout?.off("change", paint);
  };
  const follow = (): void => {
    const found = model.get("layout");
    leave();
    // The host looks after the first by itself; one that is no model is a host's without layouts.
    layout = found !== given && typeof found === "object" ? found : undefined;
    layout?.on("change", paint);
    paint();
  };

  model.on("change:layout", follow);
  signal.addEventListener("abort", () => {
    model.off("change:layout", follow);
    leave();
  });
}
