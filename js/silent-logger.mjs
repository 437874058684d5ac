/**
 * An esbuild plugin: marks what the SDK says to its logger as free of effects, so that it is left out.
 *
 * The application gives the SDK a logger that does nothing, and some 400 of these calls, most with a
 * sentence of its own, would be 26 KB of the chunk. Comments are all that is added: what the
 * arguments do besides being said, esbuild keeps.
 */

import { readFile } from "node:fs/promises";

const SAYS = /\blogger(?:\$\d+)?\.(?:debug|info|warn|error)\(/g;

export const silentLogger = {
  name: "silent-logger",
  setup(build) {
    build.onLoad({ filter: /@signalwire[\\/]js[\\/]dist[\\/].*\.mjs$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: source.replace(SAYS, "/* @__PURE__ */ $&"), loader: "js" };
    });
  },
};
