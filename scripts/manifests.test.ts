import { describe, expect, it } from "vitest";
import { completed, REPOSITORY, withAbsoluteLinks, withInstallLine } from "./manifests.ts";

describe("what registries show", () => {
  it("has links that do not depend on where they are read", () => {
    expect(
      withAbsoluteLinks(
        "[g](../../docs/guide.md#x) [m](../mls-core/README.md) [w](https://a.example) [h](#h)",
      ),
    ).toBe(
      `[g](${REPOSITORY}/blob/main/docs/guide.md#x) [m](${REPOSITORY}/blob/main/packages/mls-core/README.md) [w](https://a.example) [h](#h)`,
    );
  });

  it("has an install line before the first sample, once", () => {
    const page = withInstallLine("# A\n\n```ts\n```\n", "@openmls-ts/a");
    expect(page).toBe("# A\n\n```sh\nnpm install @openmls-ts/a\n```\n\n```ts\n```\n");
    expect(withInstallLine(page, "@openmls-ts/a")).toBe(page);
  });

  it("names the repository, the folder and the common version, and keeps the rest", () => {
    const manifest = completed({ name: "@openmls-ts/a-b", version: "0.0.0", license: "MIT" }, "a-b", "1.2.3");
    expect(manifest).toMatchObject({
      version: "1.2.3",
      license: "MIT",
      repository: { directory: "packages/a-b" },
    });
    expect(completed(manifest, "a-b", "1.2.3")).toEqual(manifest);
  });
});
