import {
  checked,
  closedEnum,
  type Codec,
  malformed,
  optional,
  select,
  struct,
  uint8,
  vector,
} from "../codec/index.ts";
import { ProposalOrRefType } from "../registry.ts";
import { type Proposal, proposal } from "./proposal.ts";
import { digestBytes } from "./sizes.ts";
import { type UpdatePath, updatePath } from "./update-path.ts";

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
      reference: checked(digestBytes, (reference) => {
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
