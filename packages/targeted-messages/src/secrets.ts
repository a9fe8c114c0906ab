import { type EndingEpoch, encode, type GroupAccess, opaque, struct, uint16 } from "@openmls-ts/mls-core";
import { type CipherSuite, concatBytes, utf8 } from "@openmls-ts/traits";

/** What all members have for targeted messages of one epoch; Nh bytes each. */
export interface EpochKeys {
  readonly psk: Uint8Array;
  readonly senderAuthDataSecret: Uint8Array;
}

const LABEL = "targeted message";

/** Those of an epoch, from its exporter. */
export function exportKeys({ suite, exportSecret }: EndingEpoch): EpochKeys {
  const { hashLength } = suite.params.kdf;
  return {
    psk: exportSecret(LABEL, utf8("psk"), hashLength),
    senderAuthDataSecret: exportSecret(LABEL, utf8("sender auth data secret"), hashLength),
  };
}

/** As they are kept of an epoch that ended. */
export function keptBytes({ psk, senderAuthDataSecret }: EpochKeys): Uint8Array {
  return concatBytes(psk, senderAuthDataSecret);
}

/** Those of the epoch that a group is looked at in, which may be a past one. */
export function keysOf(group: GroupAccess): EpochKeys {
  if (group.kept === undefined) {
    return exportKeys(group);
  }
  const { hashLength } = group.suite.params.kdf;
  return {
    psk: group.kept.slice(0, hashLength),
    senderAuthDataSecret: group.kept.slice(hashLength),
  };
}

const kdfLabel = struct<{
  readonly length: number;
  readonly label: Uint8Array;
  readonly context: Uint8Array;
}>({
  length: uint16,
  label: opaque,
  context: opaque,
});

/** Key and nonce for the sender's data, by a sample of the ciphertext, as for a PrivateMessage (RFC 9420 §6.3.2). */
export function senderDataKeys(
  suite: CipherSuite,
  secret: Uint8Array,
  ciphertext: Uint8Array,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const sample = ciphertext.subarray(0, suite.params.kdf.hashLength);
  const expand = (label: string, length: number): Uint8Array =>
    suite.hkdfExpand(
      secret,
      encode(kdfLabel, { length, label: utf8(`MLS 1.0 ${label}`), context: sample }),
      length,
    );
  const { keyLength, nonceLength } = suite.params.aead;
  return { key: expand("key", keyLength), nonce: expand("nonce", nonceLength) };
}
