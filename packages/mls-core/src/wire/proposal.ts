import {
  checked,
  closedEnum,
  type Codec,
  malformed,
  opaque,
  optional,
  select,
  struct,
  uint16,
  uint32,
  uint8,
  vector,
} from "../codec/index.ts";
import { type Extension, extensions } from "./extension.ts";
import { type KeyPackageStruct, keyPackageStruct } from "./key-package.ts";
import { leafNode, type LeafNode } from "./leaf-node.ts";
import { type PreSharedKeyId, preSharedKeyId } from "./psk-id.ts";
import { updatePath, type UpdatePath } from "./update-path.ts";
import { ProposalOrRefType, ProposalType } from "../registry.ts";

/** RFC 9420 §12.1.1 */
export interface Add {
  readonly proposalType: typeof ProposalType.add;
  readonly keyPackage: KeyPackageStruct;
}
/** RFC 9420 §12.1.2 */
export interface Update {
  readonly proposalType: typeof ProposalType.update;
  readonly leafNode: LeafNode;
}
/** RFC 9420 §12.1.3 */
export interface Remove {
  readonly proposalType: typeof ProposalType.remove;
  /** A leaf index. */
  readonly removed: number;
}
/** RFC 9420 §12.1.4 */
export interface PreSharedKey {
  readonly proposalType: typeof ProposalType.psk;
  readonly psk: PreSharedKeyId;
}
/** RFC 9420 §12.1.5 */
export interface ReInit {
  readonly proposalType: typeof ProposalType.reinit;
  readonly groupId: Uint8Array;
  readonly version: number;
  readonly cipherSuite: number;
  readonly extensions: readonly Extension[];
}
/** RFC 9420 §12.1.6 */
export interface ExternalInit {
  readonly proposalType: typeof ProposalType.externalInit;
  readonly kemOutput: Uint8Array;
}
/** RFC 9420 §12.1.7 */
export interface GroupContextExtensions {
  readonly proposalType: typeof ProposalType.groupContextExtensions;
  readonly extensions: readonly Extension[];
}
/** A proposed change of the group (RFC 9420 §12.1). */
export type Proposal = Add | Update | Remove | PreSharedKey | ReInit | ExternalInit | GroupContextExtensions;

type Body<P extends Proposal> = Omit<P, "proposalType">;

//   struct {
//       ProposalType proposal_type;
//       select (Proposal.proposal_type) {
//           case add:                      Add;
//           case update:                   Update;
//           case remove:                   Remove;
//           case psk:                      PreSharedKey;
//           case reinit:                   ReInit;
//           case external_init:            ExternalInit;
//           case group_context_extensions: GroupContextExtensions;
//       };
//   } Proposal;
// A type that is not known here has no length, so it cannot be read past (§13.2 lets no member send one to us: our
// leaf does not list it).
const proposalType: Codec<ProposalType> = closedEnum("ProposalType", uint16, ProposalType);

/** RFC 9420 §12.1 */
export const proposal: Codec<Proposal> = select<Proposal, "proposalType">("proposalType", proposalType, {
  [ProposalType.add]: struct<Body<Add>>({ keyPackage: keyPackageStruct }),
  [ProposalType.update]: struct<Body<Update>>({ leafNode }),
  [ProposalType.remove]: struct<Body<Remove>>({ removed: uint32 }),
  [ProposalType.psk]: struct<Body<PreSharedKey>>({ psk: preSharedKeyId }),
  [ProposalType.reinit]: struct<Body<ReInit>>({
    groupId: opaque,
    version: uint16,
    cipherSuite: uint16,
    extensions,
  }),
  [ProposalType.externalInit]: struct<Body<ExternalInit>>({ kemOutput: opaque }),
  [ProposalType.groupContextExtensions]: struct<Body<GroupContextExtensions>>({ extensions }),
});

/** A proposal by value or by the hash of the message that carried it (RFC 9420 §12.4). */
export type ProposalOrRef =
  | { readonly type: typeof ProposalOrRefType.proposal; readonly proposal: Proposal }
  | { readonly type: typeof ProposalOrRefType.reference; readonly reference: Uint8Array };

//   struct {
//     ProposalOrRefType type;
//     select (ProposalOrRef.type) {
//       case proposal:  Proposal proposal;
//       case reference: ProposalRef reference;
//     };
//   } ProposalOrRef;
const proposalOrRef: Codec<ProposalOrRef> = select<ProposalOrRef, "type">(
  "type",
  closedEnum("ProposalOrRefType", uint8, ProposalOrRefType),
  {
    [ProposalOrRefType.proposal]: struct<{ readonly proposal: Proposal }>({ proposal }),
    [ProposalOrRefType.reference]: struct<{ readonly reference: Uint8Array }>({
      reference: checked(opaque, (reference) => {
        if (reference.length === 0) {
          throw malformed("empty proposal reference");
        }
      }),
    }),
  },
);

/** RFC 9420 §12.4 */
export interface Commit {
  readonly proposals: readonly ProposalOrRef[];
  readonly path: UpdatePath | undefined;
}

//   struct {
//       ProposalOrRef proposals<V>;
//       optional<UpdatePath> path;
//   } Commit;
export const commit: Codec<Commit> = struct<Commit>({
  proposals: vector(proposalOrRef),
  path: optional(updatePath),
});
