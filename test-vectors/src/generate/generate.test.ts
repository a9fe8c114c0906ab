import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CIPHER_SUITES, hexToBytes } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { decodeMlsMessage } from "../../../packages/mls-core/src/wire/index.ts";
import { SenderType, WireFormat } from "../../../packages/mls-core/src/registry.ts";
import { isObject, suiteOf } from "../format.ts";
import { formats } from "../formats/index.ts";
import { collect, parseCases } from "../loader.ts";
import { packageFolder, readManifest } from "../manifest.ts";
import { everything } from "../plan.ts";
import { providerNamed } from "../providers.ts";
import { runVectors } from "../run.ts";
import { generatedFiles } from "./files.ts";
import { contentOf, writeGenerated } from "./write.ts";

const entries = readManifest().filter(({ origin }) => origin === "generated");
const ALL_SUITES = CIPHER_SUITES.map(({ id }) => id);

function textOf(file: string): string {
  return readFileSync(join(packageFolder, file), "utf8");
}

describe("the checked-in vectors", () => {
  it("are those that the generator writes, and the manifest lists", () => {
    const expected = generatedFiles.map(({ file, format }) => ({ file, format }));
    expect(entries.map(({ file, format }) => ({ file, format }))).toEqual(expected);
    const there = readdirSync(join(packageFolder, "generated")).map((name) => `generated/${name}`);
    expect(there.sort()).toEqual(expected.map(({ file }) => file).sort());
  });

  it("are found without any folder of vectors, and are what the manifest says", () => {
    const found = collect(entries, formats, { search: [], further: undefined });
    expect(found.files.map(({ file }) => file)).toEqual(entries.map(({ file }) => file));
    expect([found.missing, found.broken]).toEqual([[], []]);
  });

  it.each(entries.map(({ file }) => file))("have a case of each suite: %s", (file) => {
    const suites = new Set(parseCases(textOf(file)).map(suiteOf));
    // The messages format names no suite.
    expect(suites).toEqual(new Set(file.endsWith("/messages.json") ? [undefined] : ALL_SUITES));
  });

  it("stay small", () => {
    expect(entries.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(700_000);
  });

  it("hold private and public messages of members, and messages from outside", () => {
    const kinds = new Set<string>();
    for (const vector of parseCases(textOf("generated/passive-client-histories.json"))) {
      const { epochs } = vector as { epochs: { proposals: string[]; commit: string }[] };
      for (const hex of epochs.flatMap(({ proposals, commit }) => [...proposals, commit])) {
        const message = decodeMlsMessage(hexToBytes(hex));
        kinds.add(
          message.wireFormat === WireFormat.mlsPublicMessage
            ? `public, sender type ${message.publicMessage.content.sender.senderType}`
            : `wire format ${message.wireFormat}`,
        );
        const { authenticatedData } =
          message.wireFormat === WireFormat.mlsPrivateMessage
            ? message.privateMessage
            : { authenticatedData: new Uint8Array() };
        if (authenticatedData.length > 0) {
          kinds.add("authenticated data");
        }
      }
    }
    expect([...kinds].sort()).toEqual(
      [
        "authenticated data",
        `public, sender type ${SenderType.external}`,
        `public, sender type ${SenderType.newMemberCommit}`,
        `public, sender type ${SenderType.newMemberProposal}`,
        `wire format ${WireFormat.mlsPrivateMessage}`,
      ].sort(),
    );
  });

  it("lead to a reinitialised and to a branched group", () => {
    const linked = parseCases(textOf("generated/passive-client-linked-groups.json"));
    expect(linked.length).toBeGreaterThan(ALL_SUITES.length);
    for (const vector of linked) {
      expect(isObject(vector) && vector["linked_groups"]).toHaveLength(1);
    }
  });
});

describe("the generator", () => {
  it.each(["key-schedule", "psk-secret", "secret-tree"])(
    "writes the same bytes again, also on another provider: %s",
    async (format) => {
      const generated = generatedFiles.find((file) => file.format === format)!;
      const { text } = await contentOf(generated, providerNamed("crypto-noble"));
      expect(text).toBe(textOf(generated.file));
    },
  );

  it("writes vectors that pass, and enters them into the manifest", { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "mls-generated-"));
    try {
      cpSync(join(packageFolder, "manifest.json"), join(folder, "manifest.json"));
      const written = await writeGenerated(generatedFiles, providerNamed("crypto-node"), folder);
      const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as unknown[];
      expect(manifest).toHaveLength(readManifest().length);
      expect(manifest).toEqual(expect.arrayContaining([...written]));
      const failures: string[] = [];
      const rows = await runVectors(
        {
          manifest: [],
          formats,
          folders: { search: [], further: folder },
          providers: ["crypto-node"],
          selection: everything,
          missingFails: true,
        },
        {
          warning: (text) => void failures.push(text),
          failure: ({ file }, { message }) => void failures.push(`${file}: ${message}`),
          jobDone: () => undefined,
        },
      );
      expect(failures).toEqual([]);
      const passed = rows.reduce((sum, row) => sum + row.passed, 0);
      expect(passed).toBe(written.reduce((sum, { cases }) => sum + cases, 0));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
