import {
  type Codec,
  decode,
  encode,
  type Feature,
  opaque,
  type PreSharedKeyId,
  type PskName,
  struct,
  uint16,
} from "@openmls-ts/mls-core";
import {
  bytesArgument,
  functionArgument,
  isBytes,
  numberArgument,
  optionsArgument,
} from "@openmls-ts/traits";
import { type CodePointChoice, codePoints } from "./code-points.ts";

/** Which PSK of which component. */
export interface ApplicationPskName {
  /** 0 to 65535. */
  readonly componentId: number;
  readonly pskId: Uint8Array;
}

export interface ApplicationPskOptions {
  /**
   * The secret that the application has under a name; `undefined` if it has none. Asked when a commit or Welcome needs
   * it; the bytes stay the application's.
   */
  readonly find: (name: ApplicationPskName) => Promise<Uint8Array | undefined>;
  readonly codePoints?: CodePointChoice;
}

/** The feature with a maker and a reader of names. */
export interface ApplicationPskFeature extends Feature {
  /** For `commit().injectPsk`, `proposals.psk` and `ExternalJoinOptions.psks`. @throws MlsError `ERR_MLS_USAGE` */
  readonly psk: (componentId: number, pskId: Uint8Array) => PskName;
  /** What a PSK of `summary.psks` is; `undefined` for one of another type. */
  readonly read: (psk: PreSharedKeyId | PskName) => ApplicationPskName | undefined;
}

//   case application:
//     ComponentID component_id;
//     opaque psk_id<V>;
const body: Codec<ApplicationPskName> = struct<ApplicationPskName>({ componentId: uint16, pskId: opaque });

/**
 * Pre-shared keys of an application's components (draft-ietf-mls-extensions): what all members know, a password or a file,
 * becomes part of the group's secrets. No capability tells who can read a commit with one: use it where all members list
 * the component.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function applicationPsk(options: ApplicationPskOptions): ApplicationPskFeature {
  const given = optionsArgument<ApplicationPskOptions>("options", options, ["find", "codePoints"]);
  const find = functionArgument("find", given.find);
  const { applicationPsk: pskType } = codePoints(given.codePoints);
  return {
    name: "application PSK",
    psks: [
      {
        type: pskType,
        body,
        find: async (bytes) => {
          const found: unknown = await find(decode(body, bytes));
          return isBytes(found) ? new Uint8Array(found) : undefined; // the library wipes what it gets
        },
      },
    ],
    psk: (componentId, pskId) => ({
      pskType,
      body: encode(body, {
        componentId: numberArgument("componentId", componentId, 0, 0xffff),
        pskId: bytesArgument("pskId", pskId),
      }),
    }),
    read: (psk) => (psk.pskType === pskType && "body" in psk ? decode(body, psk.body) : undefined),
  };
}
