import { checkSuiteExtension } from "@openmls-ts/conformance/testing";
import { describe, expect, it } from "vitest";
import { webCrypto } from "./index.ts";

describe("suites of the application", () => {
  it("are made of the backend's parts and of those that they bring", async () => {
    await expect(checkSuiteExtension((options) => webCrypto(options))).resolves.toBeUndefined();
  });
});
