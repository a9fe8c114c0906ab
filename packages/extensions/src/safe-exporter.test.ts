import {
  type EpochRecord,
  KeyPackage,
  MlsGroup,
  type StagedCommit,
  StagedWelcome,
} from "@openmls-ts/mls-core";
import { bytesToHex, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { joinFrom, keyPackageOf } from "../../mls-core/src/testing/client.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { expandWithLabel } from "../../mls-core/src/labels/index.ts";
import { safeExporter } from "./safe-exporter.ts";
import { begin, company, type Member, outsider, restart } from "./testing/company.ts";
import { providers } from "./testing/providers.ts";

const exporter = safeExporter();
const features = [exporter];
const LABEL = "application_export";
const consumed = mlsError("ERR_MLS_SECRET_CONSUMED", "xe02");
const take = async ({ group }: { readonly group: MlsGroup }, id: number, from?: "pending" | StagedCommit) =>
  exporter.exportSecret(group, id, from === undefined ? {} : { from });
const everything = ({ storage }: Member): string =>
  storage
    .entries()
    .map(({ value }) => bytesToHex(value))
    .join(" ");
const recordOf = async ({ group }: Member): Promise<ReturnType<EpochRecord["get"]>> =>
  group.use(exporter, async (access) => access.epochRecord(LABEL).get());
async function staged({ group }: Member, commit: Uint8Array): Promise<StagedCommit> {
  const processed = await group.processMessage(commit);
  if (processed.kind !== "commit") throw new Error(processed.kind);
  return processed.stagedCommit;
}

describe.each(providers())("the safe exporter with %s", (_, crypto) => {
  it("XE-01 XE-02 XE-03: gives all members the same secret once, over restarts", async () => {
    const { alice, bob } = await company(["alice", "bob"], { crypto, features });
    const root = bytesToHex((await recordOf(alice))!.subarray(-32));
    expect(everything(alice)).toContain(root);
    const secrets = [];
    for (const id of [5, 4, 0, 0xffff, 0x8000]) {
      const [a, b] = [await take(alice, id), await take(bob, id)];
      expect(a).toEqual(b);
      secrets.push(bytesToHex(a));
      for (const member of [alice, bob]) {
        await restart(member);
        await expect(take(member, id)).rejects.toThrow(consumed);
        expect(everything(member)).not.toContain(root);
        expect(secrets.filter((secret) => everything(member).includes(secret))).toEqual([]);
      }
    }
    expect(new Set(secrets).size).toBe(5);
  });

  it("XE-01: is the leaf of a tree of 2^16 from application_export", async () => {
    const { alice } = await company(["alice"], { crypto, features });
    const suite = await crypto.cipherSuite(1);
    let secret: Uint8Array = (await recordOf(alice))!.slice(-32);
    const id = 0b1010_0000_0000_0011;
    for (const bit of id.toString(2)) {
      secret = expandWithLabel(suite, secret, "tree", utf8(bit === "0" ? "left" : "right"), 32);
    }
    expect(await take(alice, id)).toEqual(secret);
  });

  it("XE-04: ends with the epoch, whatever was taken", async () => {
    const { alice, bob } = await company(["alice", "bob"], {
      crypto,
      features,
      config: { maxPastEpochs: 2 },
    });
    const first = await take(alice, 7);
    const left = bytesToHex((await recordOf(alice))!.subarray(-32));
    const { commit } = await alice.group.selfUpdate(alice.signer);
    await alice.group.mergePendingCommit();
    await begin(commit, bob);
    expect(everything(alice)).not.toContain(left);
    const second = await take(alice, 7);
    expect(second).not.toEqual(first);
    await restart(bob);
    expect(await take(bob, 7)).toEqual(second);
  });

  it("exports from a pending and from a received commit, and merging keeps it taken", async () => {
    const { alice, bob } = await company(["alice", "bob"], { crypto, features });
    const { commit } = await alice.group.selfUpdate(alice.signer);
    const present = await take(alice, 9);
    await restart(alice);
    const next = await take(alice, 9, "pending");
    expect(next).not.toEqual(present);
    await expect(take(alice, 9, "pending")).rejects.toThrow(consumed);
    await restart(alice);
    await expect(take(alice, 9, "pending")).rejects.toThrow(consumed);
    const eight = await take(alice, 8, "pending");

    const received = await staged(bob, commit);
    expect(await take(bob, 9, received)).toEqual(next);
    await expect(take(bob, 9, received)).rejects.toThrow(consumed);
    expect(await take(bob, 9)).toEqual(present); // of the epoch that still is
    await bob.group.mergeStagedCommit(received);
    await alice.group.mergePendingCommit();
    await restart(alice, bob);
    await expect(take(alice, 9)).rejects.toThrow(consumed);
    await expect(take(bob, 9)).rejects.toThrow(consumed);
    expect(await take(bob, 8)).toEqual(eight);
  });

  it("exports while joining, and what was taken stays taken", async () => {
    const { alice } = await company(["alice"], { crypto, features });
    const bob = await outsider("bob", { crypto, features });
    await alice.group.addMembers(alice.signer, [await keyPackageOf(bob)]);
    const { welcome } = await alice.group.mergePendingCommit();
    const joining = await StagedWelcome.fromWelcome(bob.provider, welcome!);
    const early = await exporter.exportSecret(joining, 7);
    expect(early).toEqual(await take(alice, 7));
    await expect(exporter.exportSecret(joining, 7)).rejects.toThrow(consumed);
    expect(bob.storage.entries().filter(({ key }) => key.table === "feature_epoch")).toEqual([]);
    const group = await joining.intoGroup();
    const joined = { ...bob, group };
    await expect(take(joined, 7)).rejects.toThrow(consumed);
    await restart(joined);
    await expect(take(joined, 7)).rejects.toThrow(consumed);
    expect(await take(joined, 8)).toEqual(await take(alice, 8));
    await expect(exporter.exportSecret(joining, 9)).rejects.toThrow(
      mlsError("ERR_MLS_STALE_COMMIT", "rfc122"),
    );
    const wrong = exporter.exportSecret(joining, 9, { from: "pending" });
    await expect(wrong).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    await expect(exporter.exportSecret(undefined as never, 9)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("begins with a group, a Welcome and a join from outside", async () => {
    const { alice } = await company(["alice"], { crypto, features });
    const dave = await outsider("dave", { crypto, features });
    await take(alice, 1);
    const keyPackage = await KeyPackage.builder().build(
      1,
      dave.provider,
      dave.signer,
      dave.credentialWithKey,
    );
    await alice.group.addMembers(alice.signer, [keyPackage]);
    const { welcome } = await alice.group.mergePendingCommit();
    const joined = { ...dave, group: await joinFrom(dave, welcome) };
    expect(await take(joined, 1)).toEqual(await take(alice, 1));

    const erin = await outsider("erin", { crypto, features });
    const join = await MlsGroup.joinByExternalCommit(erin.provider, erin.signer, {
      groupInfo: await alice.group.exportGroupInfo(alice.signer),
      credentialWithKey: erin.credentialWithKey,
    });
    await begin(join.commit, alice, joined);
    const newcomer = { ...erin, group: await join.intoGroup() };
    const all = [await take(alice, 1), await take(joined, 1), await take(newcomer, 1)];
    expect(all).toEqual([all[0], all[0], all[0]]);
  });
});

describe("the safe exporter", () => {
  it("of a commit that is given up takes nothing from the next", async () => {
    const { alice, bob } = await company(["alice", "bob"], { features });
    await alice.group.selfUpdate(alice.signer);
    const lost = await take(alice, 3, "pending");
    await alice.group.clearPendingCommit();
    await expect(take(alice, 3, "pending")).rejects.toThrow(mlsError("ERR_MLS_NO_PENDING_COMMIT"));
    const { commit } = await alice.group.selfUpdate(alice.signer);
    const received = await staged(bob, commit);
    expect(await take(alice, 3, "pending")).not.toEqual(lost);
    received.discard();
    await expect(take(bob, 3, received)).rejects.toThrow(mlsError("ERR_MLS_STALE_COMMIT"));
    const again = await staged(bob, commit);
    await bob.group.mergeStagedCommit(again);
    await expect(take(bob, 3, again)).rejects.toThrow(mlsError("ERR_MLS_STALE_COMMIT"));
  });

  it("has nothing for one whom a commit removes, or in an epoch that began without it", async () => {
    const { alice, bob } = await company(["alice", "bob"], {
      featuresOf: { bob: features, alice: features },
    });
    const { commit } = await alice.group.removeMembers(alice.signer, [1]);
    const received = await staged(bob, commit);
    await expect(take(bob, 3, received)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    const plain = await company(["carol", "dave"]);
    const group = (await MlsGroup.load({ ...plain.dave.provider, features }, plain.dave.group.groupId))!;
    await expect(take({ group }, 3)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    const { commit: next } = await plain.carol.group.selfUpdate(plain.carol.signer);
    await begin(next, { ...plain.dave, group });
    expect(await take({ group }, 3)).toHaveLength(32);
  });

  it("XE-03: keeps the secret back that could not be recorded as taken", async () => {
    const { alice } = await company(["alice"], { features });
    const stale = (await MlsGroup.load(alice.provider, alice.group.groupId))!;
    const secret = await take(alice, 3);
    await expect(take({ group: stale }, 3)).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
    await stale.reload();
    await expect(take({ group: stale }, 3)).rejects.toThrow(consumed);
    expect(secret).toHaveLength(32);
  });

  it("takes component ids", async () => {
    const { alice } = await company(["alice"], { features });
    for (const wrong of [-1, 0x1_0000, "1" as unknown as number]) {
      await expect(take(alice, wrong)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    }
    const from = { from: "past" } as unknown as { readonly from: "pending" };
    await expect(exporter.exportSecret(alice.group, 1, from)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
  });
});
