/** Prints the bundle of `bare.ts`: `node dev/bare.mjs`. */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { outputFiles } = await esbuild.build({
  absWorkingDir: root,
  entryPoints: ["dev/bare.ts"],
  bundle: true,
  format: "esm",
  target: "es2022",
  write: false,
  logLevel: "warning",
  define: { fetch: "__spaceFetch" },
  inject: ["inject/fetch.ts"],
});
process.stdout.write(outputFiles[0].text);
