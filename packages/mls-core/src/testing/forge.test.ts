import { describe, it } from "vitest";
import { expect } from "vitest";
import { StagedWelcome } from "../index.ts";
import { ProposalType, WireFormat } from "../registry.ts";
import { follow, keyPackageOf } from "./client.ts";
import { forgeKeyPackage, forgeProposal } from "./forge.ts";
import { forgeCommit } from "./forge-commit.ts";
import { forgeExternalCommit, forgeWelcome } from "./forge-welcome.ts";
import { insideOf, newcomer, newWorld } from "./world.ts";

// If what is forged without a defect were refused, the tests that use these tools would prove nothing.
describe.each([1, 2, 7])("suite %i: without a defect everybody accepts a forged", (suite) => {
  it.each([WireFormat.mlsPublicMessage, WireFormat.mlsPrivateMessage])(
    "commit in wire format %i, with proposals of all kinds",
    async (wireFormat) => {
      const { alice, bob, mallory } = await newWorld({ suite });
      const state = await insideOf(mallory);
      const dave = await newcomer("dave", { suite });
      const { message } = await forgeCommit(state, mallory.signer, {
        wireFormat,
        proposals: [
          { proposalType: ProposalType.add, keyPackage: await forgeKeyPackage(dave) },
          { proposalType: ProposalType.remove, removed: 2 },
        ],
      });
      for (const { group } of [alice, bob]) {
        await follow(group, message);
        expect(group.members().map(({ leafIndex }) => leafIndex)).toEqual([0, 1, 2, 3]);
      }
      expect(alice.group.epochAuthenticator).toEqual(bob.group.epochAuthenticator);
    },
  );

  it("proposal, external commit and Welcome", async () => {
    const { alice, bob, mallory } = await newWorld({ suite });
    const state = await insideOf(mallory);
    const { message } = await forgeProposal(state, mallory.signer, {
      proposalType: ProposalType.remove,
      removed: 2,
    });
    expect(await bob.group.processMessage(message)).toMatchObject({ kind: "proposal", stored: true });
    const dave = await newcomer("dave", { suite });
    const external = await forgeExternalCommit(state, dave);
    await follow(bob.group, external.message);
    await follow(alice.group, external.message);
    expect(alice.group.epochAuthenticator).toEqual(bob.group.epochAuthenticator);
    const erin = await newcomer("erin", { suite });
    const welcome = await forgeWelcome(state, mallory.signer, [(await keyPackageOf(erin)).fields]);
    const staged = await StagedWelcome.fromWelcome(erin.provider, welcome.message);
    expect(staged.members()).toHaveLength(5);
    expect((await staged.intoGroup()).ownLeafIndex).toBe(4);
  });
});
