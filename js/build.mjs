/**
 * Builds what the wheel ships in `sw_notebook/static/`: the loader (`_esm`), the application
 * chunk, the licences of the packages inside it, and a manifest.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import * as esbuild from "esbuild";

import { cssText } from "./css-text.mjs";
import { licences } from "./licences.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "sw_notebook", "static");

/** Bytes; the build fails above these. */
const LIMITS = { "loader.js": 4_500, "application.js": 340_000 };

const common = {
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none", // licences.txt carries them all
  charset: "utf8",
  metafile: true,
  write: false,
  logLevel: "warning",
};

const loader = await esbuild.build({ ...common, entryPoints: ["src/loader.ts"] });
const application = await esbuild.build({
  ...common,
  entryPoints: ["src/application.ts"],
  plugins: [cssText],
  define: { fetch: "__spaceFetch" },
  inject: ["inject/fetch.ts"],
});

const files = {
  "loader.js": loader.outputFiles[0].contents,
  "application.js": application.outputFiles[0].contents,
};

for (const [name, limit] of Object.entries(LIMITS)) {
  const size = files[name].byteLength;
  if (size > limit) throw new Error(`${name} has ${size} bytes, more than its limit of ${limit}`);
}

const sdk = JSON.parse(await readFile(join(here, "node_modules/@signalwire/js/package.json"), "utf8"));
const manifest = {
  sdk: sdk.version,
  application: createHash("sha256").update(files["application.js"]).digest("hex").slice(0, 16),
  sizes: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, bytes.byteLength])),
};

await mkdir(target, { recursive: true });
await Promise.all([
  ...Object.entries(files).map(([name, bytes]) => writeFile(join(target, name), bytes)),
  writeFile(join(target, "licenses.txt"), await licences(here, [loader.metafile, application.metafile])),
  writeFile(join(target, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n"),
]);

for (const [name, bytes] of Object.entries(files)) {
  console.log(`${name}  ${bytes.byteLength} bytes, ${gzipSync(bytes).byteLength} gzipped`);
}
