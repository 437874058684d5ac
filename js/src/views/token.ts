/** How long the token of a call lasts yet, in amber where it ends soon and nothing renews it. */

import type { Traits } from "../traits.js";
import { WARN_S } from "../session/tokenwatch.js";
import { formatSeconds } from "./clock.js";
import { h, setHidden, setText } from "./dom.js";
import { isOver } from "./facts.js";

type TokenTraits = Pick<Traits, "status" | "token_expires_at" | "token_renews">;

export interface TokenBadge {
  readonly el: HTMLElement;
  /** Follow these; null where no call is to be followed. */
  update: (traits: TokenTraits | null) => void;
}

export function createTokenBadge(signal: AbortSignal): TokenBadge {
  const el = h("span", { class: "sw-badge sw-lasts" });
  let shown: TokenTraits | null = null;
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  const tick = (): void => {
    const words = shown && tokenWords(shown, Date.now() / 1000);
    setHidden(el, !words);
    if (!words) return;
    setText(el, words.text);
    if (el.title !== words.title) el.title = words.title;
    el.classList.toggle("sw-warn", words.warn);
  };
  signal.addEventListener("abort", stop);
  return {
    el,
    update(traits) {
      const up = traits !== null && traits.status !== "idle" && !isOver(traits.status);
      shown = up && traits.token_expires_at !== null && !signal.aborted ? traits : null;
      tick();
      if (shown === null) stop();
      else timer ??= setInterval(tick, 1000);
    },
  };
}

export function tokenWords(
  { token_expires_at, token_renews }: Omit<TokenTraits, "status">,
  now: number,
): { text: string; title: string; warn: boolean } | null {
  if (token_expires_at === null) return null;
  const left = token_expires_at - now;
  const time = left <= 0 ? "expired" : left < WARN_S ? formatSeconds(left) : minutes(left);
  if (token_renews) {
    return { text: `token ${time}, renews`, title: "The page asks for the next token before this one runs out", warn: false };
  }
  const warn = left < WARN_S;
  const text = !warn ? `token ${time}` : left <= 0 ? "token expired" : `token ends in ${time}`;
  const title = warn ? "Nothing renews this token: the call may end with it" : "How long the token of this call lasts";
  return { text, title, warn };
}

function minutes(seconds: number): string {
  const all = Math.floor(seconds / 60);
  return all < 60 ? `${all} min` : `${Math.floor(all / 60)} h ${all % 60} min`;
}
