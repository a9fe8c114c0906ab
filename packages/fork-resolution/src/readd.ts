import { type CommitBuilder, type KeyPackage, type Member, MlsGroup } from "@openmls-ts/mls-core";
import { badArgument, listArgument, MlsError, numberArgument } from "@openmls-ts/traits";

/** A commit that removes members who are in other states and adds them again, still without their key packages. */
export interface Readd {
  /** Who is removed, from left to right: get a new key package of each. */
  readonly complementPartition: readonly Member[];
  /**
   * The commit. What waits in `pendingProposals` is taken in too, as in every commit.
   * @param keyPackages verified ones, or MLSMessages; for whom there is none is out of the group
   */
  provideKeyPackages(keyPackages: readonly (KeyPackage | Uint8Array)[]): CommitBuilder;
}

/** @throws MlsError `ERR_MLS_USAGE` */
export function groupArgument(group: MlsGroup): MlsGroup {
  if (!(group instanceof MlsGroup)) {
    throw badArgument("group", group, "MlsGroup");
  }
  return group;
}

/**
 * Prepares to bring members back who merged another commit: they are removed and added again in one commit. Cheap, but one
 * must know who is in this member's state, and agree whose state goes on. Build the commit, merge it, and hand out the
 * Welcome; the members who are added again delete the group that they have, or join with `replaceOldGroup`.
 * @param ownPartition leaf indices of all members who are in the same state as this one, itself included
 * @throws MlsError `ERR_MLS_USAGE` for what is no member's leaf index, and when this member is not among them
 */
export function recoverForkByReadding(group: MlsGroup, ownPartition: readonly number[]): Readd {
  const partition = new Set(listArgument("ownPartition", ownPartition));
  const members = groupArgument(group).members();
  const present = new Set(members.map(({ leafIndex }) => leafIndex));
  for (const leafIndex of partition) {
    numberArgument("ownPartition[…]", leafIndex, 0, 0xffff_ffff);
    if (!present.has(leafIndex)) {
      throw new MlsError("ERR_MLS_USAGE", `no member at leaf ${leafIndex}`, {
        details: { argument: "ownPartition", leafIndex },
      });
    }
  }
  if (!partition.has(group.ownLeafIndex)) {
    throw new MlsError("ERR_MLS_USAGE", "ownPartition includes the own leaf", {
      details: { argument: "ownPartition", leafIndex: group.ownLeafIndex },
    });
  }
  const complementPartition = members.filter(({ leafIndex }) => !partition.has(leafIndex));
  return {
    complementPartition,
    provideKeyPackages: (keyPackages) =>
      group.commit().removeMembers(complementPartition).addMembers(keyPackages).forceSelfUpdate(),
  };
}
