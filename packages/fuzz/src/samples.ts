import { utf8 } from "@openmls-ts/traits";
import {
  encode,
  forgeCommit,
  forgeExternalCommit,
  forgeMessage,
  forgeProposal,
  forgeWelcome,
  keyPackageOf,
  proposal,
} from "./core.ts";
import { insideOf, type People } from "./people.ts";

/** Genuine bytes of every kind that travels. */
export interface Samples {
  /** Of Mallory's and of a newcomer's, none of which anybody has taken in. */
  readonly messages: readonly Uint8Array[];
  readonly proposals: readonly Uint8Array[];
  readonly keyPackage: Uint8Array;
  readonly welcome: Uint8Array;
  readonly groupInfo: Uint8Array;
  readonly tree: Uint8Array;
}

const PRIVATE = { wireFormat: 2 } as const;

/** Makes samples. The group of the people stays in its epoch. */
export async function samplesOf(world: People): Promise<Samples> {
  const { alice, mallory, newcomer } = world;
  const { signer } = mallory;
  const inside = async (): ReturnType<typeof insideOf> => insideOf(mallory);
  const dave = await newcomer("dave");
  const keyPackage = await keyPackageOf(dave);
  const add = { proposalType: 1, keyPackage: keyPackage.fields } as const;
  const remove = { proposalType: 3, removed: 2 } as const;
  const context = { proposalType: 7, extensions: [] } as const;
  const data = { contentType: 1, applicationData: utf8("hello") } as const;
  const messages = [
    (await forgeCommit(await inside(), signer)).message,
    (await forgeCommit(await inside(), signer, PRIVATE)).message,
    (await forgeCommit(await inside(), signer, { proposals: [remove, add] })).message,
    (await forgeProposal(await inside(), signer, remove)).message,
    (await forgeProposal(await inside(), signer, add, PRIVATE)).message,
    (await forgeProposal(await inside(), signer, context)).message,
    (await forgeMessage(await inside(), signer, data, PRIVATE)).message,
    (await forgeExternalCommit(await inside(), await newcomer("erin"))).message,
  ];
  const groupInfo = await alice.group.exportGroupInfo(alice.signer);
  const { message: welcome } = await forgeWelcome(await inside(), signer, [keyPackage.fields]);
  return {
    messages,
    proposals: [add, remove, context].map((one) => encode(proposal, one)),
    keyPackage: keyPackage.toMessage(),
    welcome,
    groupInfo,
    tree: alice.group.exportRatchetTree(),
  };
}
