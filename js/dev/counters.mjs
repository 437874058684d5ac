/** Writes the counters of one test file where `make coverage` collects them. */

import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll } from "vitest";

afterAll(() => {
  const counters = Object.entries(globalThis.__coverage__ ?? {}).map(([file, { s, f, b }]) => [file, { s, f, b }]);
  const path = join(process.env.SW_NOTEBOOK_COVERAGE, "counters", `${randomUUID()}.json`);
  writeFileSync(path, JSON.stringify(Object.fromEntries(counters)));
});
