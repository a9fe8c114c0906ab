import { decode, type Feature, type MlsGroup } from "@openmls-ts/mls-core";
import {
  bytesArgument,
  choiceArgument,
  numberArgument,
  optionsArgument,
  type Signer,
} from "@openmls-ts/traits";
import { open, type TargetedVersion } from "./open.ts";
import { seal } from "./seal.ts";
import { exportKeys, keptBytes } from "./secrets.ts";
import { TARGETED_MESSAGE, targetedMessage } from "./wire.ts";

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
}

/** Choices for one message. */
export interface TargetedSendOptions {
  /** Visible to whoever carries the message. Default: none. */
  readonly authenticatedData?: Uint8Array;
  /** Zeros to hide the length, 0 to 2^24. Default: none. */
  readonly padding?: number;
}

/** The feature with its one operation. */
export interface TargetedMessages extends Feature {
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
  const given = optionsArgument<TargetedMessagesOptions>("options", options, ["version", "pastEpochs"]);
  const version = choiceArgument<TargetedVersion>("options.version", given.version ?? "02", ["01", "02"]);
  const feature: Feature = {
    name: NAME,
    wireFormats: [
      {
        wireFormat: TARGETED_MESSAGE,
        header: (body) => {
          const { groupId, epoch } = decode(targetedMessage, body);
          return { groupId, epoch };
        },
        process: async (body, group) => open(version, body, group),
        ...(given.pastEpochs === true ? { keep: (epoch) => keptBytes(exportKeys(epoch)) } : {}),
      },
    ],
  };
  return {
    ...feature,
    send: async (group, signer, recipient, data, sendOptions) => {
      const { authenticatedData = new Uint8Array(), padding = 0 } = optionsArgument<TargetedSendOptions>(
        "options",
        sendOptions,
        ["authenticatedData", "padding"],
      );
      const to = recipient as number | { readonly leafIndex?: unknown } | null;
      const leafIndex = typeof to === "object" ? to?.leafIndex : to;
      const sealing = {
        version,
        recipientLeafIndex: numberArgument("recipient", leafIndex),
        data: bytesArgument("data", data),
        authenticatedData: bytesArgument("options.authenticatedData", authenticatedData),
        padding: numberArgument("options.padding", padding, 0, MAX_PADDING),
      };
      return group.use(feature, async (access) => seal(access, signer, sealing));
    },
  };
}
