import { closedEnum, type Codec, empty, select, struct, uint32, uint8 } from "../codec/index.ts";
import { SenderType } from "../registry.ts";

/** Who a message is from (RFC 9420 §6). */
export type Sender =
  | { readonly senderType: typeof SenderType.member; readonly leafIndex: number }
  | { readonly senderType: typeof SenderType.external; readonly senderIndex: number }
  | { readonly senderType: typeof SenderType.newMemberProposal }
  | { readonly senderType: typeof SenderType.newMemberCommit };

//   struct {
//       SenderType sender_type;
//       select (Sender.sender_type) {
//           case member:              uint32 leaf_index;
//           case external:            uint32 sender_index;
//           case new_member_commit:
//           case new_member_proposal: struct{};
//       };
//   } Sender;
/** RFC 9420 §6 */
export const sender: Codec<Sender> = select<Sender, "senderType">(
  "senderType",
  closedEnum("SenderType", uint8, SenderType),
  {
    [SenderType.member]: struct<{ readonly leafIndex: number }>({ leafIndex: uint32 }),
    [SenderType.external]: struct<{ readonly senderIndex: number }>({ senderIndex: uint32 }),
    [SenderType.newMemberProposal]: empty,
    [SenderType.newMemberCommit]: empty,
  },
);
