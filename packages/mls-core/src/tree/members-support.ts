import { violation } from "@openmls-ts/traits";
import { isDefaultExtensionType, isDefaultProposalType } from "../registry.ts";
import { type Extension, requiredCapabilitiesOf, type SupportKind } from "../wire/index.ts";
import type { RatchetTree } from "./ratchet-tree.ts";

/**
 * All members of a tree support what the GroupContext asks of them (RFC 9420 §11.1, 12.1.7, 13.4). Uses counts, so
 * it costs the same for any number of members.
 * @throws MlsError `ERR_MLS_VALIDATION` rules valn1001, rfc85
 */
export function checkMembersSupport(tree: RatchetTree, extensions: readonly Extension[]): void {
  const required = requiredCapabilitiesOf(extensions);
  const check = (
    rule: string,
    kind: SupportKind,
    types: readonly number[],
    isDefault: (type: number) => boolean,
  ): void => {
    for (const type of types) {
      if (!isDefault(type) && tree.supportCount(kind, type) !== tree.memberCount) {
        throw violation(rule, `a member lacks type ${type} of ${kind}, which the group asks for`);
      }
    }
  };
  check("valn1001", "extensions", required?.extensionTypes ?? [], isDefaultExtensionType);
  check("valn1001", "proposals", required?.proposalTypes ?? [], isDefaultProposalType);
  check("valn1001", "credentials", required?.credentialTypes ?? [], () => false);
  const inContext = extensions.map(({ extensionType }) => extensionType);
  check("rfc85", "extensions", inContext, isDefaultExtensionType);
}
