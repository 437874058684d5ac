/**
 * Builds what the wheel ships in `sw_notebook/static/`: the loader (`_esm`), the application
 * chunk, the licences of the packages inside it, and a manifest.
 *
 * `--coverage=FOLDER` builds into that folder instead, with counters and without limits.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

import * as esbuild from "esbuild";

import { cssText } from "./css-text.mjs";
import { licences } from "./licences.mjs";
import { silentLogger } from "./silent-logger.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { coverage: { type: "string" } } });
const target = values.coverage ?? join(here, "..", "sw_notebook", "static");

/** Bytes; the build fails above these. */
const LIMITS = { "loader.js": 4_500, "application.js": 340_000 };

// Only then: what is shipped is built without the package that counts.
const counting = values.coverage === undefined ? null : await import("./instrument.mjs");
const plugins = counting ? [counting.counters] : [];

const common = {
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  target: "es2022",
  conditions: ["es2015"], // rxjs with classes, not with helpers that imitate them
  minify: true,
  legalComments: "none", // licences.txt carries them all
  charset: "utf8",
  metafile: true,
  write: false,
  logLevel: "warning",
};

const loader = await esbuild.build({ ...common, plugins, entryPoints: ["src/loader.ts"] });
const application = await esbuild.build({
  ...common,
  entryPoints: ["src/application.ts"],
  plugins: [cssText, silentLogger, ...plugins],
  define: { fetch: "__spaceFetch" },
  inject: ["inject/fetch.ts"],
  alias: { loglevel: join(here, "inject/silent.ts") },
});

const files = {
  "loader.js": loader.outputFiles[0].contents,
  "application.js": application.outputFiles[0].contents,
};

for (const [name, limit] of Object.entries(counting ? {} : LIMITS)) {
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

if (counting) {
  const sources = await readdir(join(here, "src"), { recursive: true });
  const counted = sources.map((file) => join("src", file)).filter((file) => counting.isCounted(join(here, file)));
  await writeFile(join(target, "maps.json"), JSON.stringify(await counting.maps(counted)));
}

for (const [name, bytes] of Object.entries(files)) {
  console.log(`${name}  ${bytes.byteLength} bytes, ${gzipSync(bytes).byteLength} gzipped`);
}
