import { proposals } from "../index.ts";
import { bytesToHex, type MlsErrorCode, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { basicCredential, requiredCapabilitiesExtension } from "../wire/index.ts";
import { LeafNodeSource } from "../registry.ts";
import { defaultCapabilities } from "../tree/supported.ts";
import { ext } from "../testing/proposals.ts";
import { follow } from "../testing/client.ts";
import { flip } from "../testing/forge.ts";
import { forgeUpdate, type UpdateDefects } from "../testing/forge-update.ts";
import { expectLeftOut, insideOf, Judge, newWorld, sharedWorld, type World } from "../testing/world.ts";

const world = sharedWorld();

const nonce = (length: number): Uint8Array => new Uint8Array(length).fill(9);

/** Offers an Update of Charlie's that Mallory commits. */
async function expectUpdateRefused(
  all: World,
  defects: UpdateDefects,
  code: MlsErrorCode,
  rule: string,
): Promise<void> {
  const update = await forgeUpdate(await insideOf(all.charlie), all.charlie.signer, defects);
  await expectLeftOut(all, all.charlie, update, code, rule);
}

describe("Update (valn0601, RFC 9420 §12.1.2)", () => {
  const cases: readonly [string, MlsErrorCode, string, (w: World) => UpdateDefects][] = [
    [
      "valn0109: source key_package",
      "ERR_MLS_VALIDATION",
      "valn0109",
      () => ({
        leaf: (leaf) => ({
          ...leaf,
          leafNodeSource: LeafNodeSource.keyPackage,
          lifetime: { notBefore: 0n, notAfter: 0xffff_ffff_ffffn },
        }),
      }),
    ],
    [
      "valn0109: source commit",
      "ERR_MLS_VALIDATION",
      "valn0109",
      () => ({
        leaf: (leaf) => ({ ...leaf, leafNodeSource: LeafNodeSource.commit, parentHash: nonce(32) }),
      }),
    ],
    [
      "valn0109: keeps its encryption_key",
      "ERR_MLS_VALIDATION",
      "valn0109",
      ({ charlie }) => ({
        leaf: (leaf) => ({ ...leaf, encryptionKey: charlie.group.ownLeafNode.encryptionKey }),
      }),
    ],
    [
      "valn0112: encryption_key of another member",
      "ERR_MLS_VALIDATION",
      "valn0112",
      ({ alice }) => ({
        leaf: (leaf) => ({ ...leaf, encryptionKey: alice.group.ownLeafNode.encryptionKey }),
      }),
    ],
    [
      "valn0111: signature key of another member",
      "ERR_MLS_VALIDATION",
      "valn0111",
      ({ alice }) => ({
        leaf: (leaf) => ({ ...leaf, signatureKey: alice.signer.publicKey }),
        signer: alice.signer,
      }),
    ],
    [
      "valn0102: bound to another leaf index",
      "ERR_MLS_INVALID_SIGNATURE",
      "valn0102",
      () => ({ position: { leafIndex: 3 } }),
    ],
    [
      "valn0102: bound to another group",
      "ERR_MLS_INVALID_SIGNATURE",
      "valn0102",
      () => ({ position: { groupId: utf8("elsewhere") } }),
    ],
    [
      "valn0102: one bit of the signature",
      "ERR_MLS_INVALID_SIGNATURE",
      "valn0102",
      () => ({ editSignature: (signature) => flip(signature, 5) }),
    ],
    [
      "valn0107: extension that the leaf does not list",
      "ERR_MLS_VALIDATION",
      "valn0107",
      () => ({ leaf: (leaf) => ({ ...leaf, extensions: [ext(0xf001)] }) }),
    ],
    [
      "valn1601: extension that belongs in no leaf",
      "ERR_MLS_VALIDATION",
      "valn1601",
      () => ({ leaf: (leaf) => ({ ...leaf, extensions: [ext(5)] }) }),
    ],
    [
      "valn0113: own credential type not listed",
      "ERR_MLS_VALIDATION",
      "valn0113",
      () => ({ leaf: (leaf) => ({ ...leaf, capabilities: { ...defaultCapabilities(), credentials: [2] } }) }),
    ],
    [
      "rfc38: cipher suite not listed",
      "ERR_MLS_VALIDATION",
      "rfc38",
      () => ({
        leaf: (leaf) => ({ ...leaf, capabilities: { ...defaultCapabilities(), cipherSuites: [2] } }),
      }),
    ],
    [
      "rfc08: encryption_key of 31 bytes",
      "ERR_MLS_VALIDATION",
      "rfc08",
      () => ({ leaf: (leaf) => ({ ...leaf, encryptionKey: nonce(31) }) }),
    ],
    [
      "rfc16: another identity",
      "ERR_MLS_CREDENTIAL_REJECTED",
      "rfc16",
      () => ({ leaf: (leaf) => ({ ...leaf, credential: basicCredential(utf8("carlo")) }) }),
    ],
  ];

  it.each(cases)("%s", async (_, code, rule, defects) => {
    const all = await world();
    await expectUpdateRefused(all, defects(all), code, rule);
  });

  it("valn0103 rfc115: lacks what the group requires", async () => {
    const required = { extensionTypes: [], proposalTypes: [], credentialTypes: [2] };
    const features = [{ name: "x509", objects: { capabilities: { credentials: [2] } } }];
    const all = await newWorld({
      extensions: [requiredCapabilitiesExtension(required)],
      provider: { features },
    });
    await expectUpdateRefused(
      all,
      { leaf: (leaf) => ({ ...leaf, capabilities: { ...leaf.capabilities, credentials: [1] } }) },
      "ERR_MLS_VALIDATION",
      "valn0103",
    );
  });

  it("rfc16 rfc18: the validator approves a successor, even of a credential that it no longer accepts", async () => {
    const judge = new Judge();
    const all = await newWorld({ provider: { credentialValidator: judge } });
    const earlier = await all.charlie.group.createMessage(all.charlie.signer, utf8("before the expiry"));
    // from now on "charlie" is expired
    judge.verdict = ({ identity }) => bytesToHex(identity!) !== bytesToHex(utf8("charlie"));
    judge.successor = (current, next) => bytesToHex(next.identity!).startsWith(bytesToHex(current.identity!));
    const { bob, charlie } = all;
    expect(await bob.group.processMessage(earlier)).toMatchObject({ kind: "application" });
    await expectUpdateRefused(
      all,
      { leaf: (leaf) => ({ ...leaf, credential: basicCredential(utf8("dave")) }) },
      "ERR_MLS_CREDENTIAL_REJECTED",
      "rfc16",
    );
    const renewed = {
      credential: basicCredential(utf8("charlie 2")),
      signatureKey: charlie.signer.publicKey,
    };
    const { message } = await charlie.group.propose(
      charlie.signer,
      proposals.update({ credentialWithKey: renewed }),
    );
    expect(await bob.group.processMessage(message)).toMatchObject({ kind: "proposal" });
    await charlie.group.removePendingProposal(charlie.group.pendingProposals[0]!.reference);
    const path = await charlie.group.selfUpdate(charlie.signer, { credentialWithKey: renewed });
    await follow(bob.group, path.commit);
    expect(bob.group.leafNode(2)?.credential).toEqual(renewed.credential);
  });
});
