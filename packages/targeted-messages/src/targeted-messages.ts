import { type CodePointChoice, codePoints } from "@openmls-ts/extensions/code-points";
import { decode, type Feature, type MlsGroup, paddingFor, type ProcessedMessage } from "@openmls-ts/mls-core";
import {
  badArgument,
  bytesArgument,
  choiceArgument,
  numberArgument,
  optionsArgument,
  type Signer,
  signerArgument,
} from "@openmls-ts/traits";
import { open, type TargetedContent, type TargetedForm, type TargetedVersion } from "./open.ts";
import { seal } from "./seal.ts";
import { exportKeys, keptBytes } from "./secrets.ts";
import { targetedMessage } from "./wire.ts";

const NAME = "targeted messages";
const MAX_PADDING = 1 << 24;

/** Choices of {@link targetedMessages}. */
export interface TargetedMessagesOptions {
  /** The form that everybody in the group uses: `"01"` is what OpenMLS 0.9 sends. Default: `"02"`. */
  readonly version?: TargetedVersion;
  /**
   * Whether messages of past epochs are read while the group keeps these (`maxPastEpochs`). It keeps the private key of our leaf as
   * long. Default: `false`.
   */
  readonly pastEpochs?: boolean;
  /** The wire format, which is not final. Default: `"draft"`. */
  readonly codePoints?: CodePointChoice;
}

/** Choices for one message. */
export interface TargetedSendOptions {
  /** Visible to whoever carries the message. Default: none. */
  readonly authenticatedData?: Uint8Array;
  /** Zeros to hide the length, 0 to 2^24. Default: what the group's `paddingSize` asks for. */
  readonly padding?: number;
}

/** A targeted message that was received. */
export interface ReceivedTargeted extends TargetedContent {
  /** Leaf index of the sender, in the epoch of the message. */
  readonly sender: number;
}

/** The feature with its operation and its reader. */
export interface TargetedMessages extends Feature {
  /** The code point of its messages. */
  readonly wireFormat: number;
  /** What `processMessage` made of a targeted message; `undefined` for messages of other kinds. */
  readonly read: (processed: ProcessedMessage) => ReceivedTargeted | undefined;
  /**
   * Encrypts to one member of the present epoch: others see that it was sent and to whom, by whom only members see. Nothing
   * protects from a message that is delivered twice: put a nonce into `authenticatedData` and remember it.
   * @param recipient a leaf index, or a member as `group.members()` lists them
   * @returns an MLSMessage
   * @throws MlsError `ERR_MLS_USAGE`, rule tm08 for somebody who is no member, or ourselves; `ERR_MLS_GROUP_INACTIVE`
   */
  readonly send: (
    group: MlsGroup,
    signer: Signer,
    recipient: number | { readonly leafIndex: number },
    data: Uint8Array,
    options?: TargetedSendOptions,
  ) => Promise<Uint8Array>;
}

/**
 * Messages from one member to another (draft-ietf-mls-targeted-messages). `group.processMessage` gives `{ kind: "feature", sender,
 * value: { data, authenticatedData } }` for one to this member, and `ERR_MLS_VALIDATION` rule tm02 for one to somebody else.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function targetedMessages(options?: TargetedMessagesOptions): TargetedMessages {
  const given = optionsArgument<TargetedMessagesOptions>("options", options, [
    "version",
    "pastEpochs",
    "codePoints",
  ]);
  const version = choiceArgument<TargetedVersion>("options.version", given.version ?? "02", ["01", "02"]);
  const { targetedMessage: wireFormat } = codePoints(given.codePoints);
  const form: TargetedForm = { version, wireFormat };
  const feature: Feature = {
    name: NAME,
    wireFormats: [
      {
        wireFormat,
        header: (body) => {
          const { groupId, epoch } = decode(targetedMessage, body);
          return { groupId, epoch };
        },
        process: async (body, group) => open(form, body, group),
        ...(given.pastEpochs === true ? { keep: (epoch) => keptBytes(exportKeys(epoch)) } : {}),
      },
    ],
  };
  return {
    ...feature,
    wireFormat,
    read: (processed) =>
      processed.kind === "feature" && processed.feature === NAME
        ? { sender: processed.sender, ...(processed.value as TargetedContent) }
        : undefined,
    send: async (group, signer, recipient, data, sendOptions) => {
      const { authenticatedData = new Uint8Array(), padding } = optionsArgument<TargetedSendOptions>(
        "options",
        sendOptions,
        ["authenticatedData", "padding"],
      );
      if (typeof (group as Partial<MlsGroup> | null | undefined)?.use !== "function") {
        throw badArgument("group", group, "a group");
      }
      const to = recipient as number | { readonly leafIndex?: unknown } | null;
      const leafIndex = typeof to === "object" ? to?.leafIndex : to;
      const signs = signerArgument(signer);
      const content = bytesArgument("data", data);
      const sealing = {
        ...form,
        recipientLeafIndex: numberArgument("recipient", leafIndex, 0, 0xffff_ffff),
        data: content,
        authenticatedData: bytesArgument("options.authenticatedData", authenticatedData),
        padding:
          padding === undefined
            ? paddingFor(content.length, group.config.paddingSize)
            : numberArgument("options.padding", padding, 0, MAX_PADDING),
      };
      return group.use(feature, async (access) => seal(access, signs, sealing));
    },
  };
}
