/** The same tests for `make coverage`: what they run counts, and each file leaves its counters. */

import { mergeConfig } from "vitest/config";

import { instrument, isCounted } from "./instrument.mjs";
import base from "./vitest.config.ts";

export default mergeConfig(base, {
  plugins: [
    {
      name: "counters",
      enforce: "pre",
      transform: (code, path) => (isCounted(path) ? { code: instrument(code, path).code, map: null } : undefined),
    },
  ],
  test: { setupFiles: ["dev/counters.mjs"] },
});
