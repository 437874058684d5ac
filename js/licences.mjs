/** The licence notices of the packages whose code is really inside a bundle. */

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

const LICENCE_FILE = /^(licen[cs]e|copying|notice|copyrightnotice)([-.].*)?$/i;

/** Packages known to ship no licence file, and the holder of their copyright. */
const WITHOUT_FILE = { "@signalwire/js": "SignalWire" };

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of
the Software, and to permit persons to whom the Software is furnished to do so,
subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS
FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
const PACKAGE = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/**
 * Returns the text of all notices, sorted by package.
 *
 * Throws where a package lacks its licence file and is not known for that.
 */
export async function licences(root, metafiles) {
  const folders = new Set();
  for (const metafile of metafiles) {
    for (const output of Object.values(metafile.outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
        const folder = PACKAGE.exec(path)?.[1];
        if (folder && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  const notices = await Promise.all([...folders].sort().map((folder) => notice(join(root, folder))));
  return notices.join("\n" + "-".repeat(78) + "\n\n");
}

async function notice(folder) {
  const { name, version, license, author } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  if (!license) throw new Error(`${name} ${version} does not say its licence`);
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  if (texts.length === 0) {
    const holder = (typeof author === "string" ? author : author?.name) || WITHOUT_FILE[name];
    if (!(name in WITHOUT_FILE) || license !== "MIT") throw new Error(`${name} ${version} has no licence file`);
    texts.push(`The package has no licence file; its package.json says MIT.\n\nCopyright (c) ${holder}\n\n${MIT}`);
  }
  return `${name} ${version} (${license})\n\n${texts.map((text) => text.trim()).join("\n\n")}\n`;
}
