import { checkForeignBytes } from "@openmls-ts/conformance/testing";
import { expect, it } from "vitest";
import { nodeCrypto } from "./index.ts";

it("bytes of another realm are bytes", async () => {
  await expect(checkForeignBytes(nodeCrypto())).resolves.toBeUndefined();
});
