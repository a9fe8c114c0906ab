import type { Feature, MlsGroup, StagedCommit } from "@openmls-ts/mls-core";
import { MlsError, numberArgument, optionsArgument } from "@openmls-ts/traits";
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
   * from is gone, in memory and in the store. Of a received commit's epoch what is gone is written when that is merged.
   * @param componentId 0 to 65535
   * @throws MlsError `ERR_MLS_SECRET_CONSUMED` rule xe02 the second time; `ERR_MLS_USAGE` in an epoch that began without
   *   the feature; `ERR_MLS_NO_PENDING_COMMIT`, `ERR_MLS_STALE_COMMIT`, `ERR_MLS_STORAGE`
   */
  readonly exportSecret: (
    group: MlsGroup,
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
      return group.use(
        feature,
        async (access) => {
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
        },
        from,
      );
    },
  };
}
