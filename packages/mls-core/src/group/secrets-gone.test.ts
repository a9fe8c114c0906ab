import { type CipherSuite, type CryptoProvider, utf8 } from "@openmls-ts/traits";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Reader, Writer } from "../codec/index.ts";
import {
  KeyPackage,
  MlsGroup,
  ProcessedWelcome,
  proposals,
  StagedWelcome,
  storeExternalPsk,
} from "../index.ts";
import { CRYPTO } from "../testing/cast.ts";
import {
  type Client,
  client,
  createGroup,
  follow,
  joinFrom,
  keyPackageOf,
  ownerOf,
} from "../testing/client.ts";
import { isLeft, recordingSuite } from "../testing/recording-suite.ts";
import { altered, mlsError } from "../testing/suites.ts";

interface Seed {
  readonly from: string;
  readonly bytes: Uint8Array;
}

// group ids, nonces and reserved values are random, and what AEAD opens is for the application
const isPublic = ({ from }: Seed): boolean => from === "randomBytes" || from === "aeadOpen";

/** A provider all of whose secrets are seen: what it derives, and what keys are derived from. */
function watchedCrypto(base: CryptoProvider): {
  readonly crypto: CryptoProvider;
  readonly left: () => string[];
  /** Copies of the secrets as they were made. */
  readonly secrets: readonly Seed[];
} {
  const suites = new Map<number, CipherSuite>();
  const seen: Seed[][] = [];
  const secrets: Seed[] = [];
  const copied = (recorded: Seed[]): Seed[] => {
    const push = recorded.push.bind(recorded);
    recorded.push = (...seeds) => {
      secrets.push(
        ...seeds.filter((seed) => !isPublic(seed)).map(({ from, bytes }) => ({ from, bytes: bytes.slice() })),
      );
      return push(...seeds);
    };
    return recorded;
  };
  const watched = (suite: CipherSuite): CipherSuite => {
    const { suite: recording, recorded } = recordingSuite(suite);
    seen.push(copied(recorded));
    return altered(recording, {
      deriveKeyPair: async (input) => {
        recorded.push({ from: "seed of deriveKeyPair", bytes: input });
        return recording.deriveKeyPair(input);
      },
    });
  };
  const crypto: CryptoProvider = {
    name: base.name,
    supportedCipherSuites: async () => base.supportedCipherSuites(),
    cipherSuite: async (id) => {
      const suite = suites.get(id) ?? watched(await base.cipherSuite(id));
      suites.set(id, suite);
      return suite;
    },
  };
  const left = (): string[] => {
    const counts = new Map<string, number>();
    for (const secret of seen.flat().filter((each) => isLeft(each) && !isPublic(each))) {
      counts.set(secret.from, (counts.get(secret.from) ?? 0) + 1);
    }
    return [...counts].map(([from, count]) => `${from}: ${count}`).sort();
  };
  return { crypto, left, secrets };
}

async function people(base: CryptoProvider) {
  const { crypto, left, secrets } = watchedCrypto(base);
  const [alice, bob, carol] = [
    await client("alice", crypto),
    await client("bob", crypto),
    await client("carol", crypto),
  ];
  const a = await createGroup(alice, { maxPastEpochs: 1 });
  await a.addMembers(alice.signer, [await keyPackageOf(bob), await keyPackageOf(carol)]);
  const { welcome } = await a.mergePendingCommit();
  const b = await joinFrom(bob, welcome, { maxPastEpochs: 1 });
  const c = await joinFrom(carol, welcome);
  return { left, secrets, alice, bob, carol, a, b, c };
}
type People = Awaited<ReturnType<typeof people>>;

const staged = async (group: MlsGroup, commit: Uint8Array) => {
  const processed = await group.processMessage(commit);
  return processed.kind === "commit" ? processed.stagedCommit : expect.fail(processed.kind);
};
const closeAll = async (groups: readonly MlsGroup[]): Promise<void> => {
  for (const group of groups) await group.close();
};
const corrupt = (message: Uint8Array): Uint8Array => {
  const copy = message.slice();
  copy[copy.length - 1]! ^= 1;
  return copy;
};
const lastResortOf = async ({ provider, signer, credentialWithKey }: Client): Promise<KeyPackage> =>
  KeyPackage.builder().markAsLastResort().build(1, provider, signer, credentialWithKey);

afterEach(() => {
  vi.restoreAllMocks();
});

/** What people do with groups; each gives the groups that are left to close. */
const stories: Readonly<Record<string, (p: People) => Promise<readonly MlsGroup[]>>> = {
  "groups, messages out of order, late ones": async ({ alice, a, b }) => {
    const messages = [];
    for (let i = 0; i < 4; i++) messages.push(await a.createMessage(alice.signer, utf8(`${i}`)));
    await b.processMessage(messages[2]!);
    await b.processMessage(messages[0]!);
    const { commit } = await a.selfUpdate(alice.signer);
    await follow(b, commit);
    await a.mergePendingCommit();
    await b.processMessage(messages[1]!);
    await b.deletePastEpochs();
    return [];
  },
  "commits with PSKs, updates and newcomers": async ({ alice, bob, carol, a, b, c }) => {
    for (const { storage } of [alice, bob, carol]) {
      await storeExternalPsk(storage, utf8("psk"), utf8("a secret of thirty-two bytes ...."));
    }
    const { message } = await b.propose(bob.signer, proposals.update());
    for (const group of [a, c]) await group.processMessage(message);
    const dave = await client("dave", alice.provider.crypto);
    await storeExternalPsk(dave.storage, utf8("psk"), utf8("a secret of thirty-two bytes ...."));
    const { commit } = await a
      .commit()
      .propose(proposals.externalPsk(utf8("psk")), proposals.resumptionPsk(a), proposals.remove(2))
      .build(alice.signer);
    await a.clearPendingCommit();
    expect(commit).toBeDefined();
    const second = await a
      .commit()
      .propose(proposals.externalPsk(utf8("psk")), proposals.add(await keyPackageOf(dave)))
      .build(alice.signer);
    await follow(b, second.commit);
    await follow(c, second.commit);
    const d = await joinFrom(dave, (await a.mergePendingCommit()).welcome);
    expect(d.epochAuthenticator).toEqual(b.epochAuthenticator);
    return [d];
  },
  "commits that are given up, forged or lost": async ({ alice, bob, a, b, c }) => {
    const { commit } = await a.selfUpdate(alice.signer);
    await expect(b.processMessage(corrupt(commit))).rejects.toThrow();
    (await staged(b, commit)).discard();
    const lost = await b.selfUpdate(bob.signer);
    await follow(b, commit);
    await follow(c, commit);
    expect(lost.commit).toBeDefined();
    await a.mergePendingCommit();
    await staged(a, (await b.selfUpdate(bob.signer)).commit).then((each) => each.discard());
    await b.clearPendingCommit();
    return [];
  },
  "Welcomes that are read, declined, joined twice": async ({ alice, bob, a, b }) => {
    const group = await createGroup(alice);
    const keyPackage = await lastResortOf(bob);
    await group.addMembers(alice.signer, [keyPackage]);
    const { welcome } = await group.mergePendingCommit();
    await ProcessedWelcome.fromWelcome(bob.provider, welcome!);
    await expect(StagedWelcome.fromWelcome(bob.provider, corrupt(welcome!))).rejects.toThrow();
    (await StagedWelcome.fromWelcome(bob.provider, welcome!)).discard();
    await (await StagedWelcome.fromWelcome(bob.provider, welcome!)).decline();
    const joined = await joinFrom(bob, welcome);
    expect(joined.members()).toHaveLength(2);
    await expect(StagedWelcome.fromWelcome(bob.provider, welcome!)).rejects.toThrow(
      mlsError("ERR_MLS_GROUP_EXISTS"),
    );
    expect(a.epoch).toBe(b.epoch);
    return [group, joined];
  },
  "external commits, resync, removals": async ({ alice, bob, carol, a, b, c }) => {
    const groupInfo = await a.exportGroupInfo(alice.signer);
    const { credentialWithKey } = carol;
    const options = { groupInfo, credentialWithKey };
    await (await MlsGroup.joinByExternalCommit(carol.provider, carol.signer, options)).discard();
    const join = await MlsGroup.joinByExternalCommit(carol.provider, carol.signer, options);
    await follow(a, join.commit);
    await follow(b, join.commit);
    const again = await join.intoGroup();
    const { commit } = await b.removeMembers(bob.signer, [2]);
    await follow(a, commit);
    await follow(again, commit);
    await b.mergePendingCommit();
    return [c];
  },
  "branches, reloads and deletions": async ({ alice, bob, a, b }) => {
    const { group, welcome } = await a.branch({
      ...ownerOf(alice),
      keyPackages: [await keyPackageOf(bob)],
    });
    const joined = await joinFrom(bob, welcome);
    const reloaded = (await MlsGroup.load(bob.provider, joined.groupId))!;
    await reloaded.selfUpdate(bob.signer);
    await joined.reload();
    await joined.delete();
    await a.reload();
    expect(b.epoch).toBe(1n);
    return [group, reloaded];
  },
};

/** Where the first of the secrets that stand in some bytes comes from. @param secrets by their first eight bytes */
function secretIn(bytes: Uint8Array, secrets: ReadonlyMap<string, Seed>): string | undefined {
  const text = Buffer.from(bytes);
  for (let at = 0; at + 16 <= text.length; at++) {
    const secret = secrets.get(text.toString("latin1", at, at + 8));
    if (secret !== undefined && text.subarray(at, at + secret.bytes.length).equals(secret.bytes)) {
      return `${secret.from} in ${bytes.length} bytes ${text.toString("hex", 0, 8)}`;
    }
  }
  return undefined;
}

/** All that a method hands out from now on. */
function handedOut(owner: object, method: string): Uint8Array[] {
  const all: Uint8Array[] = [];
  const methods = owner as Record<string, (...args: unknown[]) => Uint8Array>;
  const real = methods[method]!;
  vi.spyOn(methods, method).mockImplementation(function (this: unknown, ...args) {
    const bytes = real.apply(this, args);
    all.push(bytes);
    return bytes;
  });
  return all;
}

describe("what is encoded and decoded", () => {
  it.each(Object.entries(stories))("holds no secret any more in the end: %s", async (_name, story) => {
    const [written, read] = [handedOut(Writer.prototype, "finish"), handedOut(Reader.prototype, "bytes")];
    const all = await people(CRYPTO[0]![1]);
    const further = await story(all);
    await closeAll([all.a, all.b, all.c, ...further]);
    const long = all.secrets.filter(({ bytes }) => bytes.length >= 16);
    const byStart = new Map(
      long.map((secret) => [Buffer.from(secret.bytes).toString("latin1", 0, 8), secret]),
    );
    expect(byStart.size).toBeGreaterThan(50);
    expect(read.length).toBeGreaterThan(50);
    expect([...written, ...read].flatMap((bytes) => secretIn(bytes, byStart) ?? [])).toEqual([]);
  });
});

describe.each(CRYPTO)("secrets on %s", (_, base) => {
  it.each(Object.entries(stories))("are erased once the groups are closed: %s", async (_name, story) => {
    const all = await people(base);
    const further = await story(all);
    await closeAll([all.a, all.b, all.c, ...further]);
    expect(all.left()).toEqual([]);
  });
});
