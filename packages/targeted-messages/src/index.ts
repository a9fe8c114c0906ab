export { targetedMessages } from "./targeted-messages.ts";
export type {
  ReceivedTargeted,
  TargetedMessages,
  TargetedMessagesOptions,
  TargetedSendOptions,
} from "./targeted-messages.ts";
export type { TargetedContent, TargetedVersion } from "./open.ts";
