/** A storage for the SDK that forgets: by default it writes the token to `sessionStorage`. */

import type { Storage as SdkStorage } from "@signalwire/js";

export class MemoryStorage implements SdkStorage {
  readonly #items = { local: new Map<string, string>(), session: new Map<string, string>() };

  setItem(key: string, value: string | null, scope: "local" | "session"): Promise<void> {
    if (value === null) this.#items[scope].delete(key);
    else this.#items[scope].set(key, value);
    return Promise.resolve();
  }

  getItem(key: string, scope: "local" | "session"): Promise<string | null> {
    return Promise.resolve(this.#items[scope].get(key) ?? null);
  }

  removeItem(key: string, scope: "local" | "session"): Promise<void> {
    this.#items[scope].delete(key);
    return Promise.resolve();
  }

  clear(scope: "local" | "session"): Promise<void> {
    this.#items[scope].clear();
    return Promise.resolve();
  }
}
