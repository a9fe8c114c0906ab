import { isMlsError, utf8 } from "@openmls-ts/traits";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyPackageIn, MlsGroup, StagedWelcome, storeExternalPsk } from "../index.ts";
import { type Proposal } from "../wire/index.ts";
import { WireFormat } from "../registry.ts";
import { type Client, keyPackageOf } from "../testing/client.ts";
import { forgeKeyPackage, forgeMessage, forgeProposal } from "../testing/forge.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { forgeExternalCommit, type ForgedWelcome, forgeWelcome } from "../testing/forge-welcome.ts";
import { expectAlive, insideOf, newcomer, newWorld, recordsOf, stateOf } from "../testing/world.ts";

/** Real bytes with a few of them changed, cut, repeated or put in. */
function mutated(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({
    kind: fc.constantFrom("flip", "set", "cut", "drop", "insert", "long"),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    byte: fc.integer({ min: 0, max: 255 }),
  });
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([sample, edits]) =>
      edits.reduce<Uint8Array>((bytes, { kind, at, byte }) => {
        const i = Math.floor(at * bytes.length);
        const list = [...bytes];
        switch (kind) {
          case "flip":
            list[i] = (list[i] ?? 0) ^ (1 << (byte & 7));
            break;
          case "set":
            list[i] = byte;
            break;
          case "cut":
            return bytes.slice(0, i);
          case "drop":
            list.splice(i, 1 + (byte & 3));
            break;
          case "insert":
            list.splice(i, 0, byte);
            break;
          default:
            list.splice(i, 4, 0xbf, 0xff, 0xff, 0xff); // the longest length there is
        }
        return Uint8Array.from(list);
      }, sample),
    );
}

/** Bytes that are no message, with and without the header of one. */
const noise: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(fc.integer({ min: 0, max: 6 }), fc.uint8Array({ maxLength: 300 }))
    .map(([format, rest]) => Uint8Array.from([0, 1, 0, format, ...rest])),
);

async function outcome(attempt: () => Promise<unknown>): Promise<"refused" | "accepted"> {
  try {
    await attempt();
    return "accepted";
  } catch (error) {
    if (isMlsError(error) && error.code !== "ERR_MLS_INTERNAL") {
      return "refused";
    }
    throw error;
  }
}

const RUNS = { numRuns: 1000 };

describe("whatever a stranger sends ends in a typed error (trap04 trap05 trap59)", () => {
  it("MlsGroup.processMessage", async () => {
    const all = await newWorld();
    const { alice, bob, mallory } = all;
    const inside = async (): ReturnType<typeof insideOf> => insideOf(mallory);
    const remove = { proposalType: 3, removed: 2 } as const;
    const data = { contentType: 1, applicationData: utf8("hello") } as const;
    const wireFormat = WireFormat.mlsPrivateMessage;
    const samples = [
      (await forgeCommit(await inside(), mallory.signer)).message,
      (await forgeCommit(await inside(), mallory.signer, { wireFormat })).message,
      (await forgeCommit(await inside(), mallory.signer, { proposals: [remove] })).message,
      (await forgeProposal(await inside(), mallory.signer, remove)).message,
      (await forgeProposal(await inside(), mallory.signer, remove, { wireFormat })).message,
      (await forgeMessage(await inside(), mallory.signer, data, { wireFormat })).message,
      (await forgeExternalCommit(await inside(), await newcomer("dave"))).message,
      await alice.group.exportGroupInfo(alice.signer),
    ];
    const before = stateOf(bob);
    await fc.assert(
      fc.asyncProperty(fc.oneof(noise, mutated(samples)), async (bytes) => {
        fc.pre(!samples.some((sample) => Buffer.compare(sample, bytes) === 0));
        expect(await outcome(async () => bob.group.processMessage(bytes))).toBe("refused");
        expect(bob.group.epoch).toBe(1n);
      }),
      RUNS,
    );
    expect(stateOf(bob)).toEqual(before);
    await expectAlive(all, bob);
  });

  it("trap05: a message cut off anywhere", async () => {
    const all = await newWorld();
    const { bob, mallory } = all;
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer);
    const before = stateOf(bob);
    for (let length = 0; length < message.length; length++) {
      const cut = message.subarray(0, length);
      expect(await outcome(async () => bob.group.processMessage(cut))).toBe("refused");
    }
    expect(stateOf(bob)).toEqual(before);
    await expectAlive(all, bob);
  });

  it("what an insider mutates and signs again", async () => {
    const all = await newWorld();
    const { bob, mallory } = all;
    const before = stateOf(bob);
    const key = fc.uint8Array({ minLength: 0, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("leaf", "node", "kem", "sealed", "drop"),
        key,
        fc.nat(1),
        async (what, bytes, at) => {
          const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
            ...(what === "leaf"
              ? { signedLeaf: (leaf) => ({ ...leaf, encryptionKey: bytes }) }
              : {
                  editPath: (path) => ({
                    ...path,
                    nodes: path.nodes.flatMap((node, i) => {
                      const sealed = node.encryptedPathSecret;
                      if (i !== at) return [node];
                      switch (what) {
                        case "node":
                          return [{ ...node, encryptionKey: bytes }];
                        case "kem":
                          return [
                            { ...node, encryptedPathSecret: sealed.map((s) => ({ ...s, kemOutput: bytes })) },
                          ];
                        case "sealed":
                          return [
                            {
                              ...node,
                              encryptedPathSecret: sealed.map((s) => ({ ...s, ciphertext: bytes })),
                            },
                          ];
                        default:
                          return [];
                      }
                    }),
                  }),
                }),
          }).catch(() => ({ message: utf8("could not even be forged") }));
          await outcome(async () => bob.group.processMessage(message));
          expect(bob.group.epoch).toBe(1n);
        },
      ),
      { numRuns: 100 },
    );
    expect(stateOf(bob)).toEqual(before);
    await expectAlive(all, bob);
  });

  it("StagedWelcome.fromWelcome", async () => {
    const { mallory, alice } = await newWorld();
    const dave = await newcomer("dave");
    const { fields } = await keyPackageOf(dave);
    const { message } = await forgeWelcome(await insideOf(mallory), mallory.signer, [fields]);
    const before = recordsOf(dave);
    await fc.assert(
      fc.asyncProperty(fc.oneof(noise, mutated([message])), async (bytes) => {
        fc.pre(Buffer.compare(message, bytes) !== 0);
        expect(await outcome(async () => StagedWelcome.fromWelcome(dave.provider, bytes))).toBe("refused");
      }),
      RUNS,
    );
    const tree = alice.group.exportRatchetTree();
    await fc.assert(
      fc.asyncProperty(fc.oneof(noise, mutated([tree])), async (ratchetTree) => {
        const join = async (): Promise<unknown> =>
          StagedWelcome.fromWelcome(dave.provider, message, { ratchetTree });
        expect(await outcome(join)).toBe("refused");
      }),
      { numRuns: 300 },
    );
    expect(recordsOf(dave)).toBe(before);
    const group = await (await StagedWelcome.fromWelcome(dave.provider, message)).intoGroup();
    expect(group.members()).toHaveLength(5);
  });

  it("KeyPackageIn", async () => {
    const { provider } = await newcomer("alice");
    const keyPackage = await keyPackageOf(await newcomer("dave"));
    const message = keyPackage.toMessage();
    await fc.assert(
      fc.asyncProperty(fc.oneof(noise, mutated([message, message.slice(4)])), async (bytes) => {
        fc.pre(![message, message.slice(4)].some((sample) => Buffer.compare(sample, bytes) === 0));
        const readers = [
          (input: Uint8Array) => KeyPackageIn.decode(input),
          (input: Uint8Array) => KeyPackageIn.fromMessage(input),
        ];
        for (const read of readers) {
          expect(await outcome(async () => read(bytes).validate(provider))).toBe("refused");
        }
      }),
      RUNS,
    );
    expect(KeyPackageIn.fromMessage(message).unverified).toEqual(keyPackage.fields);
  });

  it("MlsGroup.joinByExternalCommit", async () => {
    const { alice } = await newWorld();
    const dave = await newcomer("dave");
    const whole = await alice.group.exportGroupInfo(alice.signer);
    const bare = await alice.group.exportGroupInfo(alice.signer, { ratchetTree: false });
    const tree = alice.group.exportRatchetTree();
    const join = async (groupInfo: Uint8Array, ratchetTree?: Uint8Array): Promise<unknown> =>
      MlsGroup.joinByExternalCommit(dave.provider, dave.signer, {
        groupInfo,
        credentialWithKey: dave.credentialWithKey,
        ...(ratchetTree === undefined ? {} : { ratchetTree }),
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(noise, mutated([whole, bare])), async (bytes) => {
        fc.pre(![whole, bare].some((sample) => Buffer.compare(sample, bytes) === 0));
        expect(await outcome(async () => join(bytes))).toBe("refused");
      }),
      RUNS,
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(noise, mutated([tree])), async (bytes) => {
        fc.pre(Buffer.compare(tree, bytes) !== 0);
        expect(await outcome(async () => join(bare, bytes))).toBe("refused");
      }),
      { numRuns: 300 },
    );
    expect(dave.storage.entries()).toHaveLength(0);
    expect(await outcome(async () => join(bare, tree))).toBe("accepted");
  });

  it("a tree put together at random, hashed and signed by an insider", async () => {
    const { mallory } = await newWorld();
    const dave = await newcomer("dave");
    const { fields } = await keyPackageOf(dave);
    const state = await insideOf(mallory);
    const before = recordsOf(dave);
    const index = fc.nat(20);
    const edit = fc.tuple(fc.constantFrom("swap", "blank", "copy", "drop", "unmerged", "hash"), index, index);
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
        const nodes: ForgedWelcome["nodes"] = (honest) => {
          const list = [...honest];
          for (const [kind, a, b] of edits) {
            const [i, j] = [a % list.length, b % list.length];
            const [one, two] = [list[i], list[j]];
            if (kind === "drop") {
              list.splice(i, 1 + (b & 1));
            } else if (kind === "blank") {
              list[i] = undefined;
            } else if (kind === "copy" || kind === "swap") {
              list[i] = two;
              list[j] = kind === "swap" ? one : two;
            } else if (one?.nodeType === 2) {
              const parentNode =
                kind === "hash"
                  ? { ...one.parentNode, parentHash: new Uint8Array(b) }
                  : { ...one.parentNode, unmergedLeaves: [b] };
              list[i] = { nodeType: 2, parentNode };
            }
          }
          return list;
        };
        const { message } = await forgeWelcome(state, mallory.signer, [fields], { nodes });
        await outcome(async () => StagedWelcome.fromWelcome(dave.provider, message));
        expect(recordsOf(dave)).toBe(before);
      }),
      { numRuns: 300 },
    );
  });

  it("rfc89 trap47: on any list of proposals sender and receivers come to the same verdict", async () => {
    const all = await newWorld();
    const { alice, bob, mallory } = all;
    const [dave, erin] = [await newcomer("dave"), await newcomer("erin")];
    for (const { storage } of [alice, bob, mallory]) {
      await storeExternalPsk(storage, utf8("a"), utf8("secret"));
    }
    const add = async (who: Client): Promise<Proposal> => ({
      proposalType: 1,
      keyPackage: await forgeKeyPackage(who),
    });
    const psk = (nonce: number): Proposal => ({
      proposalType: 4,
      psk: { pskType: 1, pskId: utf8("a"), pskNonce: new Uint8Array(nonce).fill(1) },
    });
    const twin = await add(dave);
    const pool: readonly Proposal[] = [
      ...[0, 2, 3, 4, 9].map((removed): Proposal => ({ proposalType: 3, removed })),
      ...[twin, twin, await add(dave), await add(erin), await add(bob), await add(await newcomer("frank"))],
      ...[psk(32), psk(31)],
      { proposalType: 5, groupId: utf8("n"), version: 1, cipherSuite: 1, extensions: [] },
      { proposalType: 6, kemOutput: new Uint8Array(32).fill(9) },
      { proposalType: 7, extensions: [] },
      { proposalType: 7, extensions: [{ extensionType: 0xf001, extensionData: new Uint8Array() }] },
    ];
    const seen = { refused: 0, accepted: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...pool), { maxLength: 4 }), async (proposals) => {
        const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, { proposals });
        const received = await outcome(async () => bob.group.processMessage(message));
        expect(await outcome(async () => alice.group.processMessage(message))).toBe(received);
        const sent = await outcome(async () => {
          const builder = mallory.group.commitBuilder();
          proposals.forEach((proposal) => builder.propose(proposal));
          await builder.build(mallory.signer);
          await mallory.group.clearPendingCommit();
        });
        expect(sent).toBe(received);
        seen[received] += 1;
      }),
      { numRuns: 200 },
    );
    expect(Math.min(seen.refused, seen.accepted)).toBeGreaterThan(20);
    expect(bob.group.epoch).toBe(1n);
    await expectAlive(all, bob);
  });
});
