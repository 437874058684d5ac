/** Counters in `src/` for `make coverage`: never in what is shipped. */

import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { createInstrumenter } from "istanbul-lib-instrument";

const here = dirname(fileURLToPath(import.meta.url));
const SOURCES = /\/js\/src\/.*\.ts$/;

/** Whether `make coverage` counts what is in this file. */
export const isCounted = (path) => SOURCES.test(path);

/** TypeScript in, TypeScript with counters out, and the map of what is counted. */
export function instrument(code, path) {
  const instrumenter = createInstrumenter({
    esModules: true,
    compact: false,
    preserveComments: true,
    parserPlugins: ["typescript"],
    // no `new Function`: pages may forbid it
    coverageGlobalScope: "globalThis",
    coverageGlobalScopeFunc: false,
  });
  const counting = instrumenter.instrumentSync(code, relative(here, path));
  return { code: counting, map: instrumenter.lastFileCoverage() };
}

/** An esbuild plugin. */
export const counters = {
  name: "counters",
  setup(build) {
    build.onLoad({ filter: SOURCES }, async ({ path }) => ({
      contents: instrument(await readFile(path, "utf8"), path).code,
      loader: "ts",
    }));
  },
};

/** The maps of all files under `src/`, also of those that nothing imports. */
export async function maps(files) {
  const found = await Promise.all(
    files.map(async (file) => {
      const path = join(here, file);
      return [file, instrument(await readFile(path, "utf8"), path).map];
    }),
  );
  return Object.fromEntries(found.sort(([one], [other]) => (one < other ? -1 : 1)));
}
