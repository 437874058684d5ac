import { expect, it } from "vitest";

import { MemoryStorage } from "../../src/sdk/storage.js";

it("keeps either scope apart, forgets what it is told to, and touches no storage of the page", async () => {
  const storage = new MemoryStorage();
  await storage.setItem("token", "one", "session");
  await storage.setItem("token", "two", "local");
  await storage.setItem("other", "three", "local");
  expect(await storage.getItem("token", "session")).toBe("one");
  expect([localStorage.length, sessionStorage.length]).toEqual([0, 0]);

  await storage.setItem("token", null, "session");
  expect(await storage.getItem("token", "session")).toBeNull();
  await storage.removeItem("token", "local");
  expect(await storage.getItem("token", "local")).toBeNull();
  expect(await storage.getItem("other", "local")).toBe("three");
  await storage.clear("local");
  expect(await storage.getItem("other", "local")).toBeNull();
});
