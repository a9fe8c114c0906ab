import { describe, expect, it } from "vitest";
import { readOptions, UsageError } from "./options.ts";

describe("the command line of the quickstart", () => {
  it("says what to type when npm has taken the option's name", async () => {
    await expect(readOptions(["7"])).rejects.toThrow("npm start -- --suite 7");
    await expect(readOptions(["noble"])).rejects.toThrow("npm start -- --crypto noble");
    await expect(readOptions(["7"])).rejects.toBeInstanceOf(UsageError);
  });

  it("takes what stands after the dashes", async () => {
    expect(await readOptions(["--suite", "7"])).toMatchObject({ suite: 7 });
  });
});
