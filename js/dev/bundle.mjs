/** Prints the bundle of a page for tests and measurements: `node dev/bundle.mjs bare.ts`. */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";

const counting = process.env.SW_NOTEBOOK_COVERAGE ? await import("../instrument.mjs") : null;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { outputFiles } = await esbuild.build({
  absWorkingDir: root,
  entryPoints: [`dev/${process.argv[2]}`],
  bundle: true,
  format: "esm",
  target: "es2022",
  write: false,
  logLevel: "warning",
  define: { fetch: "__spaceFetch" },
  inject: ["inject/fetch.ts"],
  plugins: counting ? [counting.counters] : [],
});
process.stdout.write(outputFiles[0].text);
