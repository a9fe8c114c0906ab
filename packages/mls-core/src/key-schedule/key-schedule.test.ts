import { bytesToHex, concatBytes, equalBytes, hexToBytes, isMlsError, utf8 } from "@openmls-ts/traits";
import fc from "fast-check";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { decode } from "../codec/index.ts";
import { PskType, ResumptionPskUsage } from "../registry.ts";
import { deriveSecret } from "../labels/index.ts";
import { mlsError, SUITES, suiteOf } from "../testing/suites.ts";
import { itPasses } from "../testing/vectors.ts";
import {
  decodeEpochSecrets,
  encodeEpochSecrets,
  EPOCH_SECRET_NAMES,
  epochFromJoiner,
  epochFromSecret,
  exportSecret,
  externalInitSender,
  externalPublicKey,
  joinerSecret,
  pskSecret,
  receiveExternalInit,
  verifyTag,
  welcomeKeyAndNonce,
} from "./index.ts";
import { encodeGroupContext, groupContext, type PreSharedKeyId } from "../wire/index.ts";

interface KeyScheduleVector {
  readonly cipher_suite: number;
  readonly group_id: string;
  readonly initial_init_secret: string;
  readonly epochs: readonly (Readonly<
    Record<
      | "tree_hash"
      | "commit_secret"
      | "psk_secret"
      | "confirmed_transcript_hash"
      | "group_context"
      | "joiner_secret"
      | "welcome_secret"
      | "init_secret"
      | "sender_data_secret"
      | "encryption_secret"
      | "exporter_secret"
      | "epoch_authenticator"
      | "external_secret"
      | "confirmation_key"
      | "membership_key"
      | "resumption_psk"
      | "external_pub",
      string
    >
  > & {
    readonly exporter: {
      readonly label: string;
      readonly context: string;
      readonly length: number;
      readonly secret: string;
    };
  })[];
}

describe("key schedule (RFC 9420 §8)", () => {
  itPasses(["mls/key-schedule.json"], async (vector: KeyScheduleVector) => {
    const suite = await suiteOf(vector.cipher_suite);
    let init: Uint8Array = hexToBytes(vector.initial_init_secret);
    for (const [i, epoch] of vector.epochs.entries()) {
      const context = encodeGroupContext({
        version: 1,
        cipherSuite: vector.cipher_suite,
        groupId: hexToBytes(vector.group_id),
        epoch: BigInt(i),
        treeHash: hexToBytes(epoch.tree_hash),
        confirmedTranscriptHash: hexToBytes(epoch.confirmed_transcript_hash),
        extensions: [],
      });
      expect(bytesToHex(context)).toBe(epoch.group_context);
      expect(encodeGroupContext(decode(groupContext, context))).toEqual(context);

      const joiner = joinerSecret(suite, init, hexToBytes(epoch.commit_secret), context);
      expect(bytesToHex(joiner.expose())).toBe(epoch.joiner_secret);
      const { welcomeSecret, epochSecrets } = epochFromJoiner(
        suite,
        joiner,
        hexToBytes(epoch.psk_secret),
        context,
      );
      expect(bytesToHex(welcomeSecret.expose())).toBe(epoch.welcome_secret);
      expect({
        sender_data_secret: bytesToHex(epochSecrets.senderDataSecret.expose()),
        encryption_secret: bytesToHex(epochSecrets.takeEncryptionSecret().expose()),
        exporter_secret: bytesToHex(epochSecrets.exporterSecret.expose()),
        external_secret: bytesToHex(epochSecrets.externalSecret.expose()),
        confirmation_key: bytesToHex(epochSecrets.confirmationKey.expose()),
        membership_key: bytesToHex(epochSecrets.membershipKey.expose()),
        resumption_psk: bytesToHex(epochSecrets.resumptionPsk.expose()),
        epoch_authenticator: bytesToHex(epochSecrets.epochAuthenticator.expose()),
        init_secret: bytesToHex(epochSecrets.initSecret.expose()),
      }).toEqual({
        sender_data_secret: epoch.sender_data_secret,
        encryption_secret: epoch.encryption_secret,
        exporter_secret: epoch.exporter_secret,
        external_secret: epoch.external_secret,
        confirmation_key: epoch.confirmation_key,
        membership_key: epoch.membership_key,
        resumption_psk: epoch.resumption_psk,
        epoch_authenticator: epoch.epoch_authenticator,
        init_secret: epoch.init_secret,
      });

      const publicKey = await externalPublicKey(suite, epochSecrets.externalSecret);
      expect(bytesToHex(publicKey)).toBe(epoch.external_pub);
      const { label, context: exportContext, length, secret } = epoch.exporter;
      const exported = exportSecret(
        suite,
        epochSecrets.exporterSecret,
        label,
        hexToBytes(exportContext),
        length,
      );
      expect(bytesToHex(exported)).toBe(secret);
      init = epochSecrets.initSecret.expose();
    }
  });

  it("gives the welcome key and nonce their lengths", async () => {
    const suite = await suiteOf(3);
    const { welcomeSecret } = epochFromJoiner(
      suite,
      new Uint8Array(32),
      new Uint8Array(32),
      new Uint8Array(4),
    );
    const { key, nonce } = welcomeKeyAndNonce(suite, welcomeSecret);
    expect([key.length, nonce.length]).toEqual([32, 12]);
  });

  it("hands the encryption secret over once (rfc66)", async () => {
    const secrets = epochFromSecret(await suiteOf(1), new Uint8Array(32).fill(1));
    expect(secrets.takeEncryptionSecret()).toHaveLength(32);
    expect(() => secrets.takeEncryptionSecret()).toThrow(mlsError("ERR_MLS_INTERNAL", "rfc66"));
  });

  it("derives what features ask for, hands it over once and stores none of it", async () => {
    const suite = await suiteOf(1);
    const epochSecret = new Uint8Array(32).fill(1);
    const further = [
      { name: "text", label: "custom" },
      { name: "bytes", label: Uint8Array.of(0, 0xff) },
    ];
    const secrets = epochFromSecret(suite, epochSecret, further);
    const taken = secrets.takeFurther();
    expect([...taken].map(([name, secret]) => [name, bytesToHex(secret.expose())])).toEqual(
      further.map(({ name, label }) => [name, bytesToHex(deriveSecret(suite, epochSecret, label))]),
    );
    expect(() => secrets.takeFurther()).toThrow(mlsError("ERR_MLS_INTERNAL", "rfc66"));
    secrets.wipe();
    expect(taken.get("text")).toHaveLength(32); // its taker's now
    const { epochSecrets } = epochFromJoiner(suite, epochSecret, epochSecret, epochSecret, further);
    const stored = bytesToHex(encodeEpochSecrets(epochSecrets));
    expect(() => decodeEpochSecrets(suite, encodeEpochSecrets(epochSecrets)).takeFurther()).toThrow(
      mlsError("ERR_MLS_INTERNAL"),
    );
    for (const secret of epochSecrets.takeFurther().values()) {
      expect(stored).not.toContain(bytesToHex(secret.expose()));
    }
    expect(epochFromSecret(suite, epochSecret).takeFurther()).toHaveLength(0);
  });

  it("shows no secret (trap32)", async () => {
    const secrets = epochFromSecret(await suiteOf(1), new Uint8Array(32).fill(1));
    const hex = EPOCH_SECRET_NAMES.map((name) => bytesToHex(secrets[name].expose()).slice(0, 16));
    const seen = [
      inspect(secrets, { depth: 9 }),
      JSON.stringify(secrets),
      JSON.stringify(Object.assign({}, secrets)),
    ].join();
    expect(hex.some((secret) => seen.includes(secret))).toBe(false);
    expect(inspect(secrets.initSecret)).toBe("[Secret]");
  });

  it("wipes everything (trap33)", async () => {
    const secrets = epochFromSecret(await suiteOf(1), new Uint8Array(32).fill(1));
    const live = EPOCH_SECRET_NAMES.map((name) => secrets[name].expose());
    secrets.wipe();
    expect(live.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    expect(() => secrets.initSecret.expose()).toThrow(mlsError("ERR_MLS_INTERNAL"));
    expect(() => secrets.takeEncryptionSecret()).toThrow(mlsError("ERR_MLS_INTERNAL"));
  });

  it("depends on every input", async () => {
    const suite = await suiteOf(1);
    const [a, b] = [new Uint8Array(32), new Uint8Array(32).fill(1)];
    const authenticator = (
      init: Uint8Array,
      commit: Uint8Array,
      psk: Uint8Array,
      context: Uint8Array,
    ): string => {
      const { epochSecrets } = epochFromJoiner(
        suite,
        joinerSecret(suite, init, commit, context),
        psk,
        context,
      );
      return bytesToHex(epochSecrets.epochAuthenticator.expose());
    };
    const all = [authenticator(a, a, a, a), authenticator(b, a, a, a), authenticator(a, b, a, a)];
    all.push(authenticator(a, a, b, a), authenticator(a, a, a, b));
    expect(new Set(all)).toHaveLength(5);
  });
});

describe("stored epoch secrets", () => {
  it.each(SUITES)("come back without the encryption secret, suite %i", async (id) => {
    const suite = await suiteOf(id);
    const secrets = epochFromSecret(suite, suite.randomBytes(suite.params.kdf.hashLength));
    const restored = decodeEpochSecrets(suite, encodeEpochSecrets(secrets));
    for (const name of EPOCH_SECRET_NAMES) {
      expect(restored[name].expose()).toEqual(secrets[name].expose());
    }
    expect(() => restored.takeEncryptionSecret()).toThrow(mlsError("ERR_MLS_INTERNAL"));
    const encryptionSecret = secrets.takeEncryptionSecret().expose();
    expect(bytesToHex(encodeEpochSecrets(secrets))).not.toContain(bytesToHex(encryptionSecret));
  });

  it("are refused by name in any other form", async () => {
    const suite = await suiteOf(1);
    const bytes = encodeEpochSecrets(epochFromSecret(suite, new Uint8Array(32)));
    const other: Uint8Array[] = [
      Uint8Array.of(...bytes, 0),
      new Uint8Array(8),
      encodeEpochSecrets(epochFromSecret(await suiteOf(5), new Uint8Array(64))),
    ];
    for (let cut = 0; cut < bytes.length; cut++) {
      other.push(bytes.subarray(0, cut));
    }
    for (const input of other) {
      expect(() => decodeEpochSecrets(suite, input)).toThrow(mlsError("ERR_MLS_STORAGE_FORMAT"));
    }
  });

  it("survive any mutation as a typed error or as what they say", async () => {
    const suite = await suiteOf(1);
    const bytes = encodeEpochSecrets(epochFromSecret(suite, new Uint8Array(32)));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const mutated = bytes.slice();
        mutated[at] = byte;
        try {
          expect(encodeEpochSecrets(decodeEpochSecrets(suite, mutated.slice()))).toEqual(mutated);
        } catch (error) {
          expect(isMlsError(error, "ERR_MLS_STORAGE_FORMAT") ? "refused" : error).toBe("refused");
        }
      }),
    );
  });
});

describe("external initialization (RFC 9420 §8.3)", () => {
  it.each(SUITES)("both sides get one init secret, suite %i", async (id) => {
    const suite = await suiteOf(id);
    const secrets = epochFromSecret(suite, suite.randomBytes(suite.params.kdf.hashLength));
    const sent = await externalInitSender(suite, await externalPublicKey(suite, secrets.externalSecret));
    const received = await receiveExternalInit(suite, secrets.externalSecret, sent.kemOutput);
    expect(received.expose()).toEqual(sent.initSecret.expose());
    expect(received).toHaveLength(suite.params.kdf.hashLength);
  });

  it.each(SUITES)("refuses kem outputs and keys of a wrong length, suite %i", async (id) => {
    const suite = await suiteOf(id);
    const secret = suite.randomBytes(suite.params.kdf.hashLength);
    const { kemOutput } = await externalInitSender(suite, await externalPublicKey(suite, secret));
    for (const bad of [new Uint8Array(), kemOutput.subarray(1), concatBytes(kemOutput, Uint8Array.of(0))]) {
      await expect(receiveExternalInit(suite, secret, bad)).rejects.toThrow(mlsError("ERR_MLS_INVALID_KEY"));
      await expect(externalInitSender(suite, bad)).rejects.toThrow(mlsError("ERR_MLS_INVALID_KEY"));
    }
  });
});

interface PskVector {
  readonly cipher_suite: number;
  readonly psks: readonly { readonly psk_id: string; readonly psk: string; readonly psk_nonce: string }[];
  readonly psk_secret: string;
}

describe("PSKs (RFC 9420 §8.4)", () => {
  itPasses(
    ["mls/psk_secret.json", "extra/openmls-psk_secret.json"],
    async ({ cipher_suite, psks, psk_secret }: PskVector) => {
      const list = psks.map(({ psk_id, psk, psk_nonce }) => ({
        id: { pskType: PskType.external, pskId: hexToBytes(psk_id), pskNonce: hexToBytes(psk_nonce) },
        psk: hexToBytes(psk),
      }));
      expect(bytesToHex(pskSecret(await suiteOf(cipher_suite), list))).toBe(psk_secret);
    },
  );

  const external: PreSharedKeyId = {
    pskType: PskType.external,
    pskId: utf8("a"),
    pskNonce: new Uint8Array(32),
  };
  const resumption: PreSharedKeyId = {
    pskType: PskType.resumption,
    usage: ResumptionPskUsage.application,
    pskGroupId: utf8("g"),
    pskEpoch: 2n ** 64n - 1n,
    pskNonce: new Uint8Array(32),
  };

  it("without any are all zero (rfc60)", async () => {
    expect(pskSecret(await suiteOf(7), [])).toEqual(new Uint8Array(48));
  });

  it("count at most 65535 (rfc60)", async () => {
    const suite = await suiteOf(1);
    const psk = new Uint8Array(32);
    const many = Array.from({ length: 65536 }, () => ({ id: external, psk }));
    expect(() => pskSecret(suite, many)).toThrow(mlsError("ERR_MLS_LIMIT", "rfc60"));
  });

  it("matter in order, type, nonce and value", async () => {
    const suite = await suiteOf(1);
    const psk = new Uint8Array(32).fill(3);
    const [a, b] = [
      { id: external, psk },
      { id: resumption, psk },
    ];
    const renewed = { id: { ...external, pskNonce: new Uint8Array(32).fill(1) }, psk };
    const other = { id: external, psk: new Uint8Array(32).fill(4) };
    const secrets = [[a], [b], [a, b], [b, a], [renewed], [other]].map((list) =>
      bytesToHex(pskSecret(suite, list)),
    );
    expect(new Set(secrets)).toHaveLength(6);
  });
});

describe("exporter (RFC 9420 §8.5)", () => {
  it.each(SUITES)("honours every length or refuses it (rfc61), suite %i", async (id) => {
    const suite = await suiteOf(id);
    const { exporterSecret } = epochFromSecret(suite, new Uint8Array(suite.params.kdf.hashLength));
    const max = 255 * suite.params.kdf.hashLength;
    for (const length of [0, 1, suite.params.kdf.hashLength, 256, max]) {
      expect(exportSecret(suite, exporterSecret, "x", new Uint8Array(), length)).toHaveLength(length);
    }
    for (const length of [max + 1, 65536, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => exportSecret(suite, exporterSecret, "x", new Uint8Array(), length)).toThrow(
        mlsError("ERR_MLS_USAGE", "rfc61"),
      );
    }
  });

  it("depends on label, context, length and epoch (rfc61)", async () => {
    const suite = await suiteOf(1);
    const [one, two] = [
      epochFromSecret(suite, new Uint8Array(32)),
      epochFromSecret(suite, new Uint8Array(32).fill(1)),
    ];
    const exported = [
      exportSecret(suite, one.exporterSecret, "a", utf8("x"), 32),
      exportSecret(suite, one.exporterSecret, "b", utf8("x"), 32),
      exportSecret(suite, one.exporterSecret, "a", utf8("y"), 32),
      exportSecret(suite, two.exporterSecret, "a", utf8("x"), 32),
      exportSecret(suite, one.exporterSecret, "a", utf8("x"), 33).subarray(0, 32),
    ];
    expect(new Set(exported.map(bytesToHex))).toHaveLength(5);
  });
});

describe("tags", () => {
  it("match over their full length only (trap11)", async () => {
    const suite = await suiteOf(1);
    const tag = suite.randomBytes(32);
    expect(verifyTag(tag, tag.slice())).toBe(true);
    for (const other of [
      new Uint8Array(),
      tag.subarray(0, 1),
      tag.subarray(0, 31),
      concatBytes(tag, tag.subarray(0, 1)),
      concatBytes(tag, tag),
    ]) {
      expect(verifyTag(tag, other)).toBe(false);
    }
    const flipped = tag.slice();
    flipped[31] = flipped[31]! ^ 1;
    expect(verifyTag(tag, flipped)).toBe(equalBytes(tag, flipped));
  });
});
