import {
  encode,
  type Feature,
  type GroupAccess,
  type HpkeSealedMessage,
  opaque,
  struct,
  uint16,
} from "@openmls-ts/mls-core";
import { bytesArgument, numberArgument, type Signer, utf8 } from "@openmls-ts/traits";
import { type CodePointChoice, codePoints } from "./code-points.ts";

interface ComponentLabel {
  readonly baseLabel: Uint8Array;
  readonly componentId: number;
  readonly label: Uint8Array;
}

/** A label of a component: text, or bytes. */
export type LabelChoice = string | Uint8Array;

const operationLabel = struct<ComponentLabel>({ baseLabel: opaque, componentId: uint16, label: opaque });

/**
 * The label under which a component signs or encrypts, as bytes for functions that take a label of MLS.
 * @param componentId 0 to 65535
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function componentLabel(
  componentId: number,
  label: LabelChoice,
  choice?: CodePointChoice,
): Uint8Array {
  //   struct {
  //       opaque base_label<V>; /* = "MLS Component" */
  //       ComponentID component_id;
  //       opaque label<V>;
  //   } ComponentOperationLabel;
  const given = label as unknown;
  return encode(operationLabel, {
    baseLabel: utf8(codePoints(choice).baseLabel),
    componentId: numberArgument("componentId", componentId, 0, 0xffff),
    label: typeof given === "string" ? utf8(given) : bytesArgument("label", given),
  });
}

/** The keys of a group's members, for one component. Its own operations run inside `group.use(feature, …)`. */
export interface ComponentKeys extends Feature {
  readonly componentId: number;
  /** SafeSignWithLabel, by this member's signer. */
  readonly sign: (
    access: GroupAccess,
    signer: Signer,
    label: LabelChoice,
    content: Uint8Array,
  ) => Promise<Uint8Array>;
  /** SafeVerifyWithLabel of what a member signed for a component, by default this one. */
  readonly verify: (
    access: GroupAccess,
    leafIndex: number,
    label: LabelChoice,
    content: Uint8Array,
    signature: Uint8Array,
    componentId?: number,
  ) => Promise<boolean>;
  /** SafeEncryptWithLabel to a key for a component, by default this one. */
  readonly seal: (
    access: GroupAccess,
    publicKey: Uint8Array,
    label: LabelChoice,
    context: Uint8Array,
    plaintext: Uint8Array,
    componentId?: number,
  ) => Promise<HpkeSealedMessage>;
  /** SafeDecryptWithLabel with this member's leaf key, or with the key that all members of the epoch have. */
  readonly open: (
    access: GroupAccess,
    key: "leaf" | "external",
    label: LabelChoice,
    context: Uint8Array,
    sealed: HpkeSealedMessage,
  ) => Promise<Uint8Array>;
}

/**
 * Signing and encrypting of an application's component with the keys that MLS has (draft-ietf-mls-extensions): other
 * components, and MLS itself, neither make nor read what this one does. Private keys are used under its own id alone.
 * To a whole group seal with `access.externalPublicKey()`: its private key lives for one epoch.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function componentKeys(
  componentId: number,
  options: { readonly codePoints?: CodePointChoice } = {},
): ComponentKeys {
  const own = numberArgument("componentId", componentId, 0, 0xffff);
  const types = codePoints(options.codePoints);
  const labelFor = (id: number | undefined, label: LabelChoice): Uint8Array =>
    componentLabel(id ?? own, label, types);
  return {
    name: `keys of component ${own}`,
    componentId: own,
    sign: async (access, signer, label, content) => access.sign(signer, labelFor(own, label), content),
    verify: async (access, leafIndex, label, content, signature, id) =>
      access.verify(leafIndex, labelFor(id, label), content, signature),
    seal: async (access, publicKey, label, context, plaintext, id) =>
      access.seal(publicKey, labelFor(id, label), context, plaintext),
    open: async (access, key, label, context, sealed) =>
      key === "leaf"
        ? access.openWithLeafKey(labelFor(own, label), context, sealed)
        : access.openWithExternalKey(labelFor(own, label), context, sealed),
  };
}
