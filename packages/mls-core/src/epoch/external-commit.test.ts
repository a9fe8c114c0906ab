import type { MlsErrorCode } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup } from "../index.ts";
import { ProposalType } from "../registry.ts";
import { follow } from "../testing/client.ts";
import { flip, freshKey } from "../testing/forge.ts";
import type { ForgedCommit } from "../testing/forge-commit.ts";
import { forgeExternalCommit } from "../testing/forge-welcome.ts";
import { expectRefused, insideOf, Judge, newcomer, newWorld, sharedWorld } from "../testing/world.ts";

const world = sharedWorld();

const V = "ERR_MLS_VALIDATION";

const SIG = "ERR_MLS_INVALID_SIGNATURE";

const TAG = "ERR_MLS_INVALID_TAG";

describe("an external commit (RFC 9420 §12.4.3.2)", () => {
  const dave = newcomer("dave");
  const cases: readonly (readonly [string, MlsErrorCode, string | undefined, ForgedCommit])[] = [
    ["valn0405: without a path", V, "valn0405", { path: false }],
    [
      "valn0405 trap21: for another leaf than the leftmost free one",
      SIG,
      "valn0102",
      { leafPosition: { leafIndex: 5 } },
    ],
    ["valn0407: one bit of the signature", SIG, "valn0407", { editSignature: flip }],
    [
      "valn0407: one bit of the leaf's signature",
      SIG,
      "valn0102",
      { signedLeaf: (l) => ({ ...l, signature: flip(l.signature) }) },
    ],
    [
      "valn1209: a key of the group",
      V,
      "valn1209",
      {
        editPath: (path) => ({
          ...path,
          nodes: path.nodes.map((n) => ({ ...n, encryptionKey: path.leafNode.encryptionKey })),
        }),
      },
    ],
    ["rfc44: a node less", V, "rfc44", { editPath: (path) => ({ ...path, nodes: path.nodes.slice(1) }) }],
    ["rfc27: confirmation tag", TAG, "rfc27", { editTag: flip }],
    [
      "valn1201: of another epoch",
      "ERR_MLS_WRONG_EPOCH",
      "rfc35",
      { editContent: (c) => ({ ...c, epoch: 0n }) },
    ],
  ];

  it.each(cases)("%s", async (_, code, rule, options) => {
    const all = await world();
    const { message } = await forgeExternalCommit(await insideOf(all.mallory), await dave, options);
    await expectRefused(all, message, code, rule);
  });

  it("valn0407: signed by a key that is not the path leaf's", async () => {
    const all = await world();
    const { message } = await forgeExternalCommit(await insideOf(all.mallory), await dave, {
      signer: all.mallory.signer,
    });
    await expectRefused(all, message, SIG, "valn0407");
  });

  it("valn0407: signed by the removed old leaf's key", async () => {
    const all = await world();
    const renewed = await newcomer("charlie");
    const { message } = await forgeExternalCommit(await insideOf(all.mallory), renewed, {
      proposals: [{ proposalType: ProposalType.remove, removed: 2 }],
      signer: all.charlie.signer,
    });
    await expectRefused(all, message, SIG, "valn0407");
  });

  it("rfc57: with kem_output for another key, of a wrong length, of low order, or the old init secret", async () => {
    const all = await world();
    const state = await insideOf(all.mallory);
    const external = async (kemOutput: Uint8Array): Promise<Uint8Array> =>
      (
        await forgeExternalCommit(state, await dave, {
          externalInits: 0,
          proposals: [{ proposalType: ProposalType.externalInit, kemOutput }],
        })
      ).message;
    await expectRefused(all, await external(await freshKey(state.env.suite)), TAG, "rfc27");
    await expectRefused(all, await external(new Uint8Array(31).fill(9)), "ERR_MLS_INVALID_KEY");
    await expectRefused(all, await external(new Uint8Array()), "ERR_MLS_INVALID_KEY");
    await expectRefused(all, await external(new Uint8Array(32)), "ERR_MLS_CRYPTO"); // rfc09
    const { message } = await forgeExternalCommit(state, await dave, {
      initSecret: state.epoch.secrets.initSecret,
    });
    await expectRefused(all, message, TAG, "rfc27");
  });

  it("valn0101: the validator judges the joiner", async () => {
    const judge = new Judge();
    const all = await newWorld({ provider: { credentialValidator: judge } });
    const { message } = await forgeExternalCommit(await insideOf(all.mallory), await dave);
    judge.verdict = ({ purpose }) => purpose !== "external-join";
    await expectRefused(all, message, "ERR_MLS_CREDENTIAL_REJECTED", "valn0101");
  });

  it("trap21: the joiner takes the leftmost leaf that is blank after its Remove", async () => {
    const all = await newWorld();
    const { alice, bob, mallory, charlie } = all;
    const { commit } = await alice.group.removeMembers(alice.signer, [1]);
    await alice.group.mergePendingCommit();
    await follow(mallory.group, commit);
    const groupInfo = await alice.group.exportGroupInfo(alice.signer);
    await charlie.group.delete();
    const join = await MlsGroup.joinByExternalCommit(charlie.provider, charlie.signer, {
      groupInfo,
      credentialWithKey: charlie.credentialWithKey,
    });
    await follow(alice.group, join.commit);
    await follow(mallory.group, join.commit);
    const again = await join.intoGroup();
    expect(again.ownLeafIndex).toBe(1);
    expect(again.epochAuthenticator).toEqual(mallory.group.epochAuthenticator);
    expect(bob.group.epoch).toBe(1n);
  });
});
