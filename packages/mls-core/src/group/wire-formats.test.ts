import { type GroupRules, type MlsErrorCode, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, proposals, proposeToJoin, PublicGroup } from "../index.ts";
import { type Actor, cast, CRYPTO } from "../testing/cast.ts";
import { client, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const POLICY = mlsError("ERR_MLS_POLICY" satisfies MlsErrorCode);
const [, node] = CRYPTO[0]!;
const isPublic = (message: Uint8Array): boolean => message[3] === 1;

const rulesOf = (handshake: GroupRules["handshake"] & string): { rules: GroupRules } => ({
  rules: { handshake },
});

/** The same client with other rules, as one that does not obey them. */
async function lawless(who: Actor, handshake: "private" | "public"): Promise<MlsGroup> {
  const group = await MlsGroup.load({ ...who.provider, rules: {} }, (await who.group()).groupId);
  await group!.setConfig({ handshake });
  return group!;
}

describe.each(CRYPTO)("wire formats on %s", (_, crypto) => {
  it.each(["private", "public"] as const)(
    "mixed, sending %s: what the others send is taken",
    async (handshake) => {
      const [alice, bob] = await cast(crypto, ["alice", "bob"], { config: { handshake } });
      await (await bob!.group()).setConfig({ handshake: handshake === "public" ? "private" : "public" });
      const first = await alice!.turn();
      expect(isPublic(first)).toBe(handshake === "public");
      await bob!.hear(first);
      const back = await bob!.turn();
      expect(isPublic(back)).toBe(handshake === "private");
      await alice!.hear(back);
      expect((await alice!.group()).epochAuthenticator).toEqual((await bob!.group()).epochAuthenticator);
    },
  );

  it.each(["private", "public"] as const)(
    "always %s: the rule decides, whatever the settings",
    async (agreed) => {
      const other = agreed === "public" ? "private" : "public";
      const setting = { config: { handshake: other }, provider: rulesOf(agreed) } as const;
      const [alice, bob, mallory] = await cast(crypto, ["alice", "bob", "mallory"], setting);
      const commit = await alice!.turn();
      expect(isPublic(commit)).toBe(agreed === "public");
      for (const who of [bob!, mallory!]) await who.hear(commit);
      const wish = await (await bob!.group()).propose(bob!.signer, proposals.update());
      expect(isPublic(wish.message)).toBe(agreed === "public");
      expect(await alice!.hear(wish.message)).toMatchObject({ kind: "proposal" });
      const before = (await alice!.group()).epochAuthenticator;
      const bad = await lawless(mallory!, other);
      const proposal = await bad.propose(mallory!.signer, proposals.update());
      await expect(alice!.hear(proposal.message)).rejects.toThrow(POLICY);
      await bad.removePendingProposal(proposal.reference);
      const { commit: wrong } = await bad.selfUpdate(mallory!.signer);
      await expect(alice!.hear(wrong)).rejects.toThrow(POLICY);
      const group = await alice!.group();
      expect([group.epochAuthenticator, group.knownProposals.length]).toEqual([before, 1]);
      await bad.clearPendingCommit();
      expect(await alice!.hear(await bad.createMessage(mallory!.signer, utf8("hi")))).toMatchObject({
        kind: "application", // application messages have one format only
      });
    },
  );
});

describe("rules for the wire format", () => {
  it("let those outside speak in the clear, who can do nothing else", async () => {
    const provider = rulesOf("private");
    const [alice, bob] = await cast(node, ["alice", "bob"], { provider });
    const carol = await client("carol", node, 1, provider);
    const groupInfo = await (await alice!.group()).exportGroupInfo(alice!.signer);
    const group = await alice!.group();
    const request = await proposeToJoin(carol.provider, carol.signer, group, await keyPackageOf(carol));
    expect(await alice!.hear(request)).toMatchObject({ kind: "proposal", stored: false });
    const { credentialWithKey } = carol;
    const joining = await MlsGroup.joinByExternalCommit(carol.provider, carol.signer, {
      groupInfo,
      credentialWithKey,
    });
    for (const who of [alice!, bob!]) await who.hear(joining.commit);
    const joined = await joining.intoGroup();
    expect(joined.epochAuthenticator).toEqual((await bob!.group()).epochAuthenticator);
  });

  it("are an observer's too", async () => {
    const [alice] = await cast(node, ["alice"], { config: { handshake: "public" } });
    const { provider } = await client("server", node, 1, rulesOf("private"));
    const groupInfo = await (await alice!.group()).exportGroupInfo(alice!.signer);
    const seen = await PublicGroup.fromGroupInfo(provider, groupInfo);
    await expect(seen.processMessage(await alice!.turn())).rejects.toThrow(POLICY);
    expect(seen.epoch).toBe(1n);
  });

  it("are words", async () => {
    const call = cast(node, ["alice"], { provider: rulesOf("secret" as never) });
    await expect(call).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
  });
});

describe("a message of another epoch or group", () => {
  it("rfc35: says its group, its epoch and the present one, and is readable once the group is there", async () => {
    const [alice, bob] = await cast(node, ["alice", "bob"]);
    const { groupId } = await alice!.group();
    const commit = await alice!.turn();
    const [text, next] = [await alice!.say("from the future"), await alice!.turn()];
    for (const message of [text, next]) {
      const details = { groupId, epoch: 2n, current: 1n };
      await expect(bob!.hear(message)).rejects.toMatchObject({ code: "ERR_MLS_WRONG_EPOCH", details });
    }
    await bob!.hear(commit);
    expect(await bob!.hear(text)).toMatchObject({ data: utf8("from the future") });
    const [stranger] = await cast(node, ["stranger"]);
    const details = { groupId };
    await expect(stranger!.hear(next)).rejects.toMatchObject({ code: "ERR_MLS_WRONG_GROUP", details });
  });
});
