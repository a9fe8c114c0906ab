import { bytesToHex, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup } from "../index.ts";
import type { Client } from "../testing/client.ts";
import { client, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { type Pair, pair, restart } from "../testing/pair.ts";
import { mlsError } from "../testing/suites.ts";
import type { Feature } from "./index.ts";

const LABEL = "ticket";
const TABLE = "feature_epoch";

/** A feature that keeps a hash of its secret, and remembers the secrets that it was shown. */
function tickets(): Feature & { readonly shown: Uint8Array[] } {
  const shown: Uint8Array[] = [];
  return {
    name: "tickets",
    shown,
    epochSecrets: [{ label: LABEL, start: (secret, suite) => (shown.push(secret), suite.hash(secret)) }],
  };
}

const ticketOf = async (feature: Feature, group: MlsGroup): Promise<string | undefined> =>
  group.use(feature, async (access) => {
    const ticket = access.epochRecord(LABEL).get();
    return ticket === undefined ? undefined : bytesToHex(ticket);
  });

const stored = ({ storage }: Client): string[] =>
  storage
    .entries()
    .filter(({ key }) => key.table === TABLE)
    .map(({ value }) => bytesToHex(value));

describe("an epoch secret of a feature", () => {
  const start = async (): Promise<{ feature: ReturnType<typeof tickets>; two: Pair }> => {
    const feature = tickets();
    return { feature, two: await pair({ features: [feature] }) };
  };

  /** That all have the same ticket, in memory and after a restart, and that the one before is nowhere. */
  const expectNewTicket = async (
    feature: Feature,
    members: readonly (readonly [Client, MlsGroup])[],
    before: string | undefined,
  ): Promise<string> => {
    const [first] = members;
    const ticket = await ticketOf(feature, first![1]);
    expect(ticket).toMatch(/^[0-9a-f]{64}$/);
    expect(ticket).not.toBe(before);
    for (const [owner, group] of members) {
      expect(await ticketOf(feature, group)).toBe(ticket);
      const loaded = await MlsGroup.load(owner.provider, group.groupId);
      expect(await ticketOf(feature, loaded!)).toBe(ticket);
      expect(stored(owner)).toHaveLength(1);
      expect(stored(owner)[0]).toContain(ticket);
      const everything = owner.storage.entries().map(({ value }) => bytesToHex(value));
      expect(before !== undefined && everything.some((value) => value.includes(before))).toBe(false);
    }
    return ticket!;
  };

  it("begins with the group, each commit, Welcome and external join, and ends with the epoch", async () => {
    const { feature, two } = await start();
    const { alice, bob } = two;
    const both = () => [[alice, two.a] as const, [bob, two.b] as const];
    const joined = await expectNewTicket(feature, both(), undefined);

    const { commit } = await two.a.selfUpdate(alice.signer);
    await two.a.mergePendingCommit();
    await follow(two.b, commit);
    const updated = await expectNewTicket(feature, both(), joined);

    // as the pending commit's, over a restart
    const next = await two.b.selfUpdate(bob.signer);
    expect(await ticketOf(feature, two.b)).toBe(updated);
    await restart(two);
    await two.b.mergePendingCommit();
    await follow(two.a, next.commit);
    const third = await expectNewTicket(feature, both(), updated);

    const dave = await client("dave", alice.provider.crypto, 1, { features: [feature] });
    const added = await two.a.addMembers(alice.signer, [await keyPackageOf(dave)]);
    await follow(two.b, added.commit);
    const d = await joinFrom(dave, (await two.a.mergePendingCommit()).welcome);
    const fourth = await expectNewTicket(feature, [...both(), [dave, d]], third);

    const erin = await client("erin", alice.provider.crypto, 1, { features: [feature] });
    const join = await MlsGroup.joinByExternalCommit(erin.provider, erin.signer, {
      groupInfo: await two.a.exportGroupInfo(alice.signer),
      credentialWithKey: erin.credentialWithKey,
    });
    for (const group of [two.a, two.b, d]) {
      await follow(group, join.commit);
    }
    const waiting = await MlsGroup.pendingExternalJoin(erin.provider, two.a.groupId);
    const e = await waiting!.intoGroup();
    await expectNewTicket(feature, [...both(), [dave, d], [erin, e]], fourth);
    expect(feature.shown.every((secret) => secret.every((byte) => byte === 0))).toBe(true); // wiped after use
  });

  it("begins in a new group, before anybody else is in it", async () => {
    const feature = tickets();
    const alice = await client("alice", (await pair()).alice.provider.crypto, 1, { features: [feature] });
    const group = await MlsGroup.builder().build(alice.provider, alice.signer, alice.credentialWithKey);
    await expectNewTicket(feature, [[alice, group]], undefined);
  });

  it("is derived from the epoch_secret by its label alone", async () => {
    const { feature } = await start();
    const other: Feature = {
      ...feature,
      epochSecrets: [{ label: "voucher", start: (s, suite) => suite.hash(s) }],
    };
    const two = await pair({ features: [feature, { ...other, name: "vouchers" }] });
    const voucher = await two.a.use({ ...other, name: "vouchers" }, async (access) =>
      bytesToHex(access.epochRecord("voucher").get()!),
    );
    expect(voucher).not.toBe(await ticketOf(feature, two.a));
  });

  it("of a commit that is given up stays where it was, and is erased", async () => {
    const { feature, two } = await start();
    const before = await ticketOf(feature, two.a);
    const { commit } = await two.a.selfUpdate(two.alice.signer);
    await two.a.clearPendingCommit();
    const processed = await two.b.processMessage(commit);
    if (processed.kind !== "commit") throw new Error(processed.kind);
    processed.stagedCommit.discard();
    await restart(two);
    expect(await ticketOf(feature, two.a)).toBe(before);
    expect(await ticketOf(feature, two.b)).toBe(before);
  });

  it("can be consumed: what its record becomes is written with the operation", async () => {
    const { feature, two } = await start();
    const { alice } = two;
    const before = (await ticketOf(feature, two.a))!;
    await two.a.use(feature, async (access) => {
      access.epochRecord(LABEL).set(utf8("used"));
      expect(access.epochRecord(LABEL).get()).toEqual(utf8("used"));
    });
    const failed = two.a.use(feature, async (access) => {
      access.epochRecord(LABEL).set(utf8("lost"));
      throw new Error("changed my mind");
    });
    await expect(failed).rejects.toThrow("changed my mind");
    for (const group of [two.a, (await MlsGroup.load(alice.provider, two.a.groupId))!]) {
      expect(await ticketOf(feature, group)).toBe(bytesToHex(utf8("used")));
    }
    expect(alice.storage.entries().some(({ value }) => bytesToHex(value).includes(before))).toBe(false);
  });

  it("is for its own feature", async () => {
    const { feature, two } = await start();
    await restart(two);
    const other: Feature = { name: "other" };
    const use = two.a.use(other, async () => undefined);
    await expect(use).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    const wrong = two.a.use(feature, async (access) => access.epochRecord("voucher"));
    await expect(wrong).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
  });
});
