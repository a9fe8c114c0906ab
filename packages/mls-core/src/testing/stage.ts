import { nodeCrypto } from "@openmls-ts/crypto-node";
import { isBytes } from "@openmls-ts/traits";
import { KeyPackage, MlsGroup, StagedWelcome } from "../index.ts";
import { externalSendersExtension } from "../wire/index.ts";
import { type Client, client } from "./client.ts";

const crypto = nodeCrypto();

/** The type of an extension that everybody on the stage supports. */
export const CUSTOM = 0xff01;

/** Changes all bytes in a structure. */
export function spoil(value: unknown): void {
  if (isBytes(value)) {
    value.fill(0xee);
  } else if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(spoil);
  }
}

/** Alice and Bob in a group that knows Bob as an external sender, and uses a custom extension. */
export interface Stage {
  readonly alice: Client;
  readonly bob: Client;
  readonly a: MlsGroup;
  readonly b: MlsGroup;
}

export async function stage(): Promise<Stage> {
  const [alice, bob] = [await client("alice", crypto), await client("bob", crypto)];
  const capabilities = { extensions: [CUSTOM] };
  const sender = externalSendersExtension([{ ...bob.credentialWithKey }]);
  const a = await MlsGroup.create(alice.provider, alice.signer, alice.credentialWithKey, {
    cipherSuite: 1,
    capabilities,
    config: { handshake: "public" },
    extensions: [sender],
  });
  const his = await KeyPackage.builder()
    .capabilities(capabilities)
    .build(1, bob.provider, bob.signer, bob.credentialWithKey);
  await a.addMembers(alice.signer, [his]);
  const { welcome } = await a.mergePendingCommit();
  const b = await (
    await StagedWelcome.fromWelcome(bob.provider, welcome!, { config: { handshake: "public" } })
  ).intoGroup();
  return { alice, bob, a, b };
}
