import { nodeCrypto } from "@openmls-ts/crypto-node";
import { describe, expect, it } from "vitest";
import { isGrease, KeyPackage } from "../index.ts";
import { client } from "../testing/client.ts";

const crypto = nodeCrypto();

async function greaseOf(choice?: boolean | "capabilities") {
  const alice = await client("alice", crypto);
  const builder = KeyPackage.builder();
  const { fields } = await (choice === undefined ? builder : builder.grease(choice)).build(
    1,
    alice.provider,
    alice.signer,
    alice.credentialWithKey,
  );
  const { capabilities } = fields.leafNode;
  const lists = [
    capabilities.cipherSuites,
    capabilities.extensions,
    capabilities.proposals,
    capabilities.credentials,
  ];
  return {
    listed: lists.map((list) => list.filter((value) => isGrease(value)).length),
    extensions: fields.extensions.map(({ extensionType }) => extensionType),
    supported: capabilities.extensions,
  };
}

describe("GREASE in a KeyPackage (RFC 9420 §13.5, rfc116)", () => {
  it("is in the capabilities and among the extensions, listed", async () => {
    const { listed, extensions, supported } = await greaseOf();
    expect(listed).toEqual([1, 1, 1, 1]);
    expect(extensions).toHaveLength(1);
    expect(supported).toContain(extensions[0]);
  });

  it("is in the capabilities alone where asked", async () => {
    expect(await greaseOf("capabilities")).toMatchObject({ listed: [1, 1, 1, 1], extensions: [] });
  });

  it("is nowhere when switched off", async () => {
    expect(await greaseOf(false)).toMatchObject({ listed: [0, 0, 0, 0], extensions: [], supported: [] });
  });
});
