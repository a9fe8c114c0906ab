import { readFileSync } from "node:fs";
import { CIPHER_SUITES } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { isObject, recognise, suiteOf } from "../format.ts";
import { collect, foldersOf, parseCases } from "../loader.ts";
import { readManifest } from "../manifest.ts";
import { providerNamed } from "../providers.ts";
import { formats } from "./index.ts";

// A runner that passes whatever it is given would look just like a correct one: change one value, see it fail.

type Path = readonly (string | number)[];

/** All strings of hexadecimal digits in a case, as far as they are not empty. */
function hexFields(value: unknown, path: Path = []): Path[] {
  if (typeof value === "string") {
    return /^[0-9a-f]{2,}$/.test(value) ? [path] : [];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, at) => hexFields(item, [...path, at]));
  }
  return isObject(value)
    ? Object.entries(value).flatMap(([key, item]) => hexFields(item, [...path, key]))
    : [];
}

/** A copy with one bit of a hexadecimal string changed, in the last byte but one or the only one. */
function changed(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) {
    const text = value as string;
    const at = Math.max(1, text.length - 3);
    return text.slice(0, at) + (Number.parseInt(text[at]!, 16) ^ 1).toString(16) + text.slice(at + 1);
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown, at) => (at === key ? changed(item, rest) : item));
  }
  const object = value as Record<string, unknown>;
  return { ...object, [key]: changed(object[key], rest) };
}

// Values that a runner has no way to check, for the reason given.
const UNCHECKED: Readonly<Record<string, RegExp>> = {
  "message-protection": /^confirmation_tag$/, // an extra field of one generator
  "secret-tree": /^sender_data\.ciphertext$/, // only its first Nh bytes are used (RFC 9420 §6.3.2)
  "mls/tree-operations.json": /^proposal$/, // ends with the signature of a KeyPackage, which the tree does not keep
  // What HPKE keeps to itself, its sender's randomness, and messages after the first, as MLS seals one for each context.
  "hpke-pq":
    /^(ikmE|shared_secret|suite_id|key|base_nonce|exporter_secret|encryptions\.(0\.nonce|[1-9]\d*\..*))$/,
  "targeted-messages-01": /^sender_leaf_node$/, // ends with the leaf's own signature, which no message asks for
  "targeted-messages-02": /^sender_leaf_node$/,
  messages: /./, // syntax alone: most changes leave it valid
};

// Formats whose cases have the fields of another's: these the name of the file tells apart.
const SAME_SHAPE: Readonly<Record<string, string>> = {
  "proposal-ref": "key-package-ref",
  "targeted-messages-02": "targeted-messages-01",
};

describe("each format's runner", () => {
  const { files } = collect(readManifest(), formats, foldersOf({}));

  // The largest file is left to the others of its format: joining its group takes long. So are files that are one case.
  it.each(
    files
      .filter(({ bytesPerCase, format }) => bytesPerCase < 1_000_000 && format.byName !== true)
      .map((file) => [file.file, file] as const),
  )("notices a changed value: %s", async (fileName, { path, format }) => {
    const { name } = format;
    const vector = parseCases(readFileSync(path, "utf8")).find((item) => format.covers?.(item) !== false);
    const crypto = providerNamed("crypto-node");
    const context = { crypto, suite: await crypto.cipherSuite(suiteOf(vector) ?? CIPHER_SUITES[0]!.id) };
    await expect(format.run(vector, context)).resolves.toBeUndefined();
    const unnoticed: string[] = [];
    for (const at of hexFields(vector)) {
      const field = at.join(".");
      if ((UNCHECKED[name] ?? UNCHECKED[fileName])?.test(field) === true) {
        continue;
      }
      try {
        await format.run(changed(vector, at), context);
        unnoticed.push(field);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }
    expect(unnoticed).toEqual([]);
  });

  it("is found by the shape of a case alone", () => {
    for (const file of files) {
      const first = parseCases(readFileSync(file.path, "utf8"))[0];
      const found = recognise(formats, "unnamed.json", first)?.name ?? "none";
      expect(SAME_SHAPE[found] ?? found, file.file).toBe(SAME_SHAPE[file.format.name] ?? file.format.name);
    }
  });
});
