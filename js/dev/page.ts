/** Every state on one page; `?only=`, `?theme=` and `?width=` narrow it down. */

import { showCard } from "../src/card.js";
import type { Boot, Phase } from "../src/boot.js";
import type { Model } from "../src/model.js";
import { mountView } from "../src/views/view.js";
import { FakeSession, IDLE } from "./fake.js";
import { STATES } from "./states.js";

const query = new URLSearchParams(location.search);
const theme = query.get("theme") ?? "light";
document.body.dataset.jpThemeLight = String(theme !== "dark");
const { signal } = new AbortController();

function place(name: string): HTMLElement | null {
  const only = query.get("only");
  if (only !== null && only !== name) return null;
  const el = document.createElement("div");
  el.dataset.state = name;
  el.style.width = `${query.get("width") ?? "720"}px`;
  document.body.append(el);
  return el;
}

for (const [name, changes] of Object.entries(STATES)) {
  const el = place(name);
  if (el) mountView(new FakeSession(changes()), el, signal);
}

for (const phase of ["saved", "slow", "failed"] satisfies Phase[]) {
  const el = place(`card ${phase}`);
  const traits = { ...IDLE, status: "destroyed", end_reason: "hung up here" } as const;
  const model = { get: (name: keyof typeof traits) => traits[name], on: () => undefined, off: () => undefined };
  const boot: Partial<Boot> = { model: model as unknown as Model, phase, error: "Read error.", onChange: () => undefined };
  if (el) showCard(boot as Boot, () => phase === "saved", el, signal);
}
