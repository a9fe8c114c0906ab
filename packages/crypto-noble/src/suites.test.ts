import { checkSuiteExtension } from "@openmls-ts/conformance/testing";
import { describe, expect, it } from "vitest";
import { nobleCrypto } from "./index.ts";

describe("suites of the application", () => {
  it("are made of the backend's parts and of those that they bring", async () => {
    await expect(checkSuiteExtension((options) => nobleCrypto(options))).resolves.toBeUndefined();
  });
});
