/** Builds the dev page on each request and serves it: `node dev/serve.mjs`. */

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";

import { cssText } from "../css-text.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const context = await esbuild.context({
  entryPoints: [`${here}/page.ts`],
  bundle: true,
  format: "esm",
  outdir: here,
  write: false,
  plugins: [cssText],
});
const { port } = await context.serve({ servedir: here, host: "127.0.0.1", port: Number(process.argv[2] ?? 8123) });
console.log(`http://127.0.0.1:${port}/`);
