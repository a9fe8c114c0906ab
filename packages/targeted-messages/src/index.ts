export { targetedMessages } from "./targeted-messages.ts";
export type { TargetedMessages, TargetedMessagesOptions, TargetedSendOptions } from "./targeted-messages.ts";
export type { TargetedContent, TargetedVersion } from "./open.ts";
export { TARGETED_MESSAGE } from "./wire.ts";
