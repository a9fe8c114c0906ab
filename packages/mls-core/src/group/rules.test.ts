import { type CommitFacts, type GroupRules, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, storeExternalPsk } from "../index.ts";
import { basicCredential, externalSendersExtension, requiredCapabilitiesExtension } from "../wire/index.ts";
import { ProposalType, PskType, SenderType } from "../registry.ts";
import { follow, keyPackageOf } from "../testing/client.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { forgeExternalCommit } from "../testing/forge-welcome.ts";
import { expectRefused, expectUnable, insideOf, newcomer, newWorld, type World } from "../testing/world.ts";

const V = "ERR_MLS_VALIDATION";

const remove = (removed: number): { proposalType: 3; removed: number } => ({
  proposalType: ProposalType.remove,
  removed,
});

/** Rules that remember what they were asked. */
class Rules {
  readonly given: GroupRules = { allow: async (facts) => this.allow(facts) };
  readonly seen: CommitFacts[] = [];
  verdict: (facts: CommitFacts) => unknown = () => true;

  async allow(facts: CommitFacts): Promise<boolean> {
    this.seen.push(facts);
    return this.verdict(facts) as boolean;
  }
}

describe("rules of the application about commits (RFC 9420 §12.2)", () => {
  const ruled = async (): Promise<{ rules: Rules; all: World }> => {
    const rules = new Rules();
    return { rules, all: await newWorld({ provider: { rules: rules.given } }) };
  };

  it("rfc90: refuse on both sides, whatever they answer instead of true", async () => {
    const { rules, all } = await ruled();
    const { alice, mallory } = all;
    const dave = await newcomer("dave");
    const keyPackage = await keyPackageOf(dave);
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: [{ proposalType: ProposalType.add, keyPackage: keyPackage.fields }],
    });
    const answers: (typeof rules.verdict)[] = [
      (facts) => facts.added.length === 0,
      () => 1,
      () => undefined,
      () => {
        throw new Error("no connection");
      },
    ];
    for (const answer of answers) {
      rules.verdict = answer;
      const add = async (): Promise<unknown> => alice.group.addMembers(alice.signer, [keyPackage]);
      await expectUnable(alice, add, "ERR_MLS_POLICY", "rfc90");
      await expectRefused(all, message, "ERR_MLS_POLICY", "rfc90");
    }
    rules.verdict = () => true;
    await follow(all.bob.group, message);
  });

  it("rfc90: make no invalid commit valid", async () => {
    const { rules, all } = await ruled();
    const { message } = await forgeCommit(await insideOf(all.mallory), all.mallory.signer, {
      proposals: [remove(2), remove(2)],
    });
    rules.seen.length = 0;
    await expectRefused(all, message, V, "valn0304");
    expect(rules.seen).toHaveLength(0);
  });

  it("trap47: sender, receivers and the removed one are shown the same, and cannot change it", async () => {
    const { rules, all } = await ruled();
    const { alice, bob, charlie, mallory } = all;
    rules.seen.length = 0;
    const dave = await newcomer("dave");
    const { commit } = await alice.group
      .commitBuilder()
      .removeMembers([2])
      .addMembers([await keyPackageOf(dave)])
      .build(alice.signer);
    await follow(bob.group, commit);
    await follow(charlie.group, commit);
    await follow(mallory.group, commit);
    expect(rules.seen).toHaveLength(4);
    for (const facts of rules.seen) {
      expect(facts).toEqual(rules.seen[0]);
      expect(Object.isFrozen(facts) && Object.isFrozen(facts.proposals)).toBe(true);
      expect(() => (facts.proposals as unknown[]).push("more")).toThrow(TypeError);
      expect(facts).toMatchObject({ epoch: 2n, committer: 0, sender: { senderType: SenderType.member } });
    }
  });

  it("trap47: an external commit is judged by its joiner too", async () => {
    const { rules, all } = await ruled();
    const { alice, bob } = all;
    const dave = await newcomer("dave", { provider: { rules: rules.given } });
    rules.seen.length = 0;
    const join = await MlsGroup.joinByExternalCommit(dave.provider, dave.signer, {
      groupInfo: await alice.group.exportGroupInfo(alice.signer),
      credentialWithKey: dave.credentialWithKey,
    });
    await follow(bob.group, join.commit);
    expect(rules.seen).toHaveLength(2);
    expect(rules.seen[1]).toEqual(rules.seen[0]);
  });

  it("rfc109: can demand a PSK of whoever joins by external commit", async () => {
    const { rules, all } = await ruled();
    const { alice, bob } = all;
    rules.verdict = ({ sender, psks }) => sender.senderType === SenderType.member || psks.length === 1;
    const dave = await newcomer("dave");
    const pskId = utf8("door");
    for (const { storage } of [alice, bob, dave]) {
      await storeExternalPsk(storage, pskId, utf8("secret"));
    }
    const options = {
      groupInfo: await alice.group.exportGroupInfo(alice.signer),
      credentialWithKey: dave.credentialWithKey,
    };
    const without = await MlsGroup.joinByExternalCommit(dave.provider, dave.signer, options);
    await expectRefused(all, without.commit, "ERR_MLS_POLICY", "rfc90");
    const psks = [{ pskType: PskType.external, pskId }];
    const withPsk = await MlsGroup.joinByExternalCommit(dave.provider, dave.signer, { ...options, psks });
    await follow(bob.group, withPsk.commit);
    expect(bob.group.members()).toHaveLength(5);
  });

  it("rfc109: no resync, and no external commit at all", async () => {
    for (const [externalCommits, refusesNew] of [
      ["no-resync", false],
      ["refuse", true],
    ] as const) {
      const all = await newWorld({ provider: { rules: { externalCommits } } });
      const state = await insideOf(all.mallory);
      const again = await forgeExternalCommit(state, all.charlie, { proposals: [remove(2)] });
      await expectRefused(all, again.message, "ERR_MLS_POLICY", "rfc109");
      const fresh = await forgeExternalCommit(state, await newcomer("dave"));
      if (refusesNew) {
        await expectRefused(all, fresh.message, "ERR_MLS_POLICY", "rfc109");
      } else {
        await follow(all.bob.group, fresh.message);
      }
    }
  });

  it("trap44: a commit that drops extensions shows it before the merge, to rules and application", async () => {
    const rules = new Rules();
    const service = {
      credential: basicCredential(utf8("service")),
      signatureKey: new Uint8Array(32).fill(1),
    };
    const required = { extensionTypes: [], proposalTypes: [], credentialTypes: [1] };
    const all = await newWorld({
      provider: { rules: rules.given },
      extensions: [externalSendersExtension([service]), requiredCapabilitiesExtension(required)],
    });
    const { bob, mallory } = all;
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: [{ proposalType: ProposalType.groupContextExtensions, extensions: [] }],
    });
    const types = (list: readonly { extensionType: number }[]): number[] => list.map((e) => e.extensionType);
    rules.verdict = ({ oldExtensions, extensions }) =>
      types(oldExtensions).every((type) => types(extensions).includes(type));
    await expectRefused(all, message, "ERR_MLS_POLICY", "rfc90");
    rules.verdict = () => true;
    const staged = await bob.group.processMessage(message);
    if (staged.kind !== "commit") throw new Error(staged.kind);
    expect(types(bob.group.extensions)).toEqual([5, 3]);
    expect(staged.stagedCommit.summary.extensions).toHaveLength(0);
  });
});
