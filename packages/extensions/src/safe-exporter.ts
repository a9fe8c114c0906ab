import type { Feature, GroupAccess, MlsGroup, StagedCommit, StagedWelcome } from "@openmls-ts/mls-core";
import { badArgument, MlsError, numberArgument, optionsArgument } from "@openmls-ts/traits";
import { startTree, takeLeaf } from "./exporter-tree.ts";

const LABEL = "application_export";

/** Where to export from. */
export interface SafeExportOptions {
  /** An epoch to come: that of our pending commit, or of a received one. Default: the present epoch. */
  readonly from?: "pending" | StagedCommit;
}

/** The feature with its one operation. */
export interface SafeExporterFeature extends Feature {
  /**
   * A component's secret of an epoch, equal for all members, Nh bytes. It is given out once: before it is, what it came
   * from is gone, in memory and in the store. Of a received commit's epoch what is gone is written when that is merged, of a
   * Welcome's when the group is joined: take it before, and it is taken for the group.
   * @param group or a Welcome that is not joined yet
   * @param componentId 0 to 65535
   * @throws MlsError `ERR_MLS_SECRET_CONSUMED` rule xe02 the second time; `ERR_MLS_USAGE` in an epoch that began without
   *   the feature; `ERR_MLS_NO_PENDING_COMMIT`, `ERR_MLS_STALE_COMMIT`, `ERR_MLS_STORAGE`
   */
  readonly exportSecret: (
    group: MlsGroup | StagedWelcome,
    componentId: number,
    options?: SafeExportOptions,
  ) => Promise<Uint8Array>;
}

/**
 * The safe exporter (draft-ietf-mls-extensions): unlike `group.exportSecret`, it has forward secrecy within the epoch.
 * In the provider from the first epoch on that is to be exported from: earlier ones have nothing to give.
 */
export function safeExporter(): SafeExporterFeature {
  const feature: Feature = {
    name: "safe exporter",
    epochSecrets: [{ label: LABEL, start: startTree }],
  };
  return {
    ...feature,
    exportSecret: async (group, componentId, options) => {
      const id = numberArgument("componentId", componentId, 0, 0xffff);
      const { from } = optionsArgument<SafeExportOptions>("options", options, ["from"]);
      if (typeof (group as Partial<MlsGroup> | null | undefined)?.use !== "function") {
        throw badArgument("group", group, "a group, or a Welcome that is not joined yet");
      }
      const work = async (access: GroupAccess): Promise<Uint8Array> => take(access, id);
      if ("intoGroup" in group) {
        if (from !== undefined) throw badArgument("options.from", from, "nothing beside a Welcome");
        return group.use(feature, work);
      }
      return group.use(feature, work, from);
    },
  };
}

function take(access: GroupAccess, id: number): Uint8Array {
  const record = access.epochRecord(LABEL);
  const tree = record.get();
  if (tree === undefined) {
    throw new MlsError("ERR_MLS_USAGE", "the epoch began without the safe exporter");
  }
  const taken = takeLeaf(access.suite, tree, id);
  if (taken === undefined) {
    throw new MlsError("ERR_MLS_SECRET_CONSUMED", `the secret of component ${id} was given out`, {
      rule: "xe02",
    });
  }
  record.set(taken.left);
  taken.left.fill(0);
  return taken.secret;
}
