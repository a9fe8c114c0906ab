import { bytesToHex, equalBytes } from "@openmls-ts/traits";
import { expect } from "vitest";
import { encode } from "../../codec/index.ts";
import { type CommitSummary, type MlsGroup, type ProcessedProposal, PublicGroup } from "../../index.ts";
import { groupContext } from "../../wire/index.ts";
import type { Client } from "../client.ts";
import { refusal } from "./checks.ts";

/** What members and those who follow from outside must agree on. */
function visible(group: MlsGroup | PublicGroup): object {
  return {
    context: bytesToHex(encode(groupContext, group.groupContext)),
    tree: bytesToHex(group.exportRatchetTree()),
    members: group.members(),
    proposals: group.knownProposals.map(({ reference }) => bytesToHex(reference)),
  };
}

/** A delivery service that checks what it passes on, as far as it can be read there. */
export class Observer {
  readonly #client: Client;
  #group: PublicGroup;

  private constructor(client: Client, group: PublicGroup) {
    this.#client = client;
    this.#group = group;
  }

  static async of(client: Client, groupInfo: Uint8Array, tree: Uint8Array): Promise<Observer> {
    return new Observer(client, await PublicGroup.fromGroupInfo(client.provider, groupInfo, tree));
  }

  /** Takes in a proposal, and says the same of it as members, where there are any to hear it. */
  async keep(message: Uint8Array, seen: ProcessedProposal | undefined): Promise<void> {
    const processed = await this.#group.processMessage(message);
    expect(processed).toEqual(seen ?? processed);
    if (processed.kind === "proposal" && !processed.stored) {
      await this.#group.storePendingProposal(processed.proposal.reference);
    }
  }

  /** Follows a commit, and says the same of it as members. */
  async follow(message: Uint8Array, summary: CommitSummary | undefined): Promise<void> {
    const processed = await this.#group.processMessage(message);
    if (processed.kind !== "commit") {
      throw new Error(`expected a commit, not ${processed.kind}`);
    }
    const { stagedCommit } = processed;
    expect(stagedCommit.summary).toEqual(summary ?? stagedCommit.summary);
    await this.#group.mergeCommit(stagedCommit);
    const late = await refusal(async () => this.#group.mergeCommit(stagedCommit));
    expect(late.code).toBe("ERR_MLS_STALE_COMMIT");
  }

  /** Refuses a message, for the reason that members have if one is given, and goes on as if it had never come. */
  async refuse(
    message: Uint8Array,
    like?: { readonly code: string; readonly rule: string | undefined },
  ): Promise<void> {
    const before = visible(this.#group);
    const { code, rule } = await refusal(async () => this.#group.processMessage(message));
    if (like !== undefined) {
      expect({ code, rule }).toEqual({ code: like.code, rule: like.rule });
    }
    expect(visible(this.#group)).toEqual(before);
  }

  /** Sees what a member sees, also after starting again. */
  async check(member: MlsGroup, restart: boolean): Promise<void> {
    if (restart) {
      const again = await PublicGroup.load(this.#client.provider, this.#group.groupId);
      expect(visible(again!)).toEqual(visible(this.#group));
      this.#group = again!;
    }
    expect(visible(this.#group)).toEqual(visible(member));
    expect(equalBytes(this.#group.groupId, member.groupId)).toBe(true);
  }
}
