import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { nobleEngine, PQ_KEMS, PQ_SUITE_NAMES, postQuantumSuites, subtleEngine } from "@openmls-ts/crypto-pq";
import { nodeEngine } from "@openmls-ts/crypto-pq/node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import {
  type AeadParams,
  AEADS,
  type CipherSuite,
  type CryptoProvider,
  type KdfParams,
  KDFS,
} from "@openmls-ts/traits";
import { hex, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";

interface HpkePq {
  readonly kem_id: number;
  readonly kdf_id: number;
  readonly aead_id: number;
  readonly info: string;
  readonly ikmR: string;
  readonly skRm: string;
  readonly pkRm: string;
  readonly enc: string;
  readonly encryptions: readonly { readonly aad: string; readonly ct: string; readonly pt: string }[];
  readonly exports: readonly {
    readonly exporter_context: string;
    readonly L: number;
    readonly exported_value: string;
  }[];
}

/** The number that a suite goes by here. */
const ID = 0xff00;

const ids = Object.fromEntries(PQ_SUITE_NAMES.map((name, index) => [name, index + 1]));

/** HPKE with the KEMs of draft-ietf-hpke-pq, without ML-KEM-512, DHKEM and KDFs of one stage. */
export const hpkePq: VectorFormat<HpkePq> = {
  name: "hpke-pq",
  fileName: /hpke-pq/,
  keys: ["kem_id", "kdf_id", "aead_id", "ikmR", "skRm", "enc", "suite_id"],
  covers: (vector) => partsOf(vector) !== undefined,
  run: async (vector, { crypto }) => {
    const suite = await suiteFor(crypto.name, vector);
    const { privateKey, publicKey } = await suite.deriveKeyPair(hex(vector.ikmR));
    sameBytes("skRm", privateKey, vector.skRm);
    sameBytes("pkRm", publicKey, vector.pkRm);
    const [enc, info] = [hex(vector.enc), hex(vector.info)];
    const [first] = vector.encryptions;
    const aad = hex(first!.aad);
    sameBytes("pt", await suite.hpkeOpen(privateKey, enc, info, aad, hex(first!.ct)), first!.pt);
    for (const { exporter_context, L, exported_value } of vector.exports) {
      const exported = await suite.hpkeExportReceiver(privateKey, enc, info, hex(exporter_context), L);
      sameBytes("exported_value", exported, exported_value);
    }
    const sent = await suite.hpkeSealContext(info).seal(publicKey, aad, hex(first!.pt));
    sameBytes(
      "our pt",
      await suite.hpkeOpen(privateKey, sent.kemOutput, info, aad, sent.ciphertext),
      first!.pt,
    );
  },
};

interface Parts {
  readonly kem: string;
  readonly kdf: KdfParams;
  readonly aead: AeadParams;
}

function partsOf({ kem_id, kdf_id, aead_id }: HpkePq): Parts | undefined {
  const kem = Object.values(PQ_KEMS).find(({ id }) => id === kem_id)?.name;
  const kdf = Object.values<KdfParams>(KDFS).find(({ id }) => id === kdf_id);
  const aead = Object.values<AeadParams>(AEADS).find(({ id }) => id === aead_id);
  return kem === undefined || kdf === undefined || aead === undefined ? undefined : { kem, kdf, aead };
}

/** A suite that never was, of the vector's parts. */
async function suiteFor(provider: string, vector: HpkePq): Promise<CipherSuite> {
  const { kem, kdf, aead } = partsOf(vector)!;
  const engine = { noble: nobleEngine, node: nodeEngine, webcrypto: subtleEngine() }[provider] ?? nobleEngine;
  const base = postQuantumSuites({ ids, engine }).find((entry) => entry.kem.name === kem)!;
  const suites = [{ ...base, id: ID, kdf, aead, hash: kdf.hash }];
  const make: Readonly<Record<string, () => CryptoProvider>> = {
    noble: () => nobleCrypto({ suites }),
    node: () => nodeCrypto({ suites }),
    webcrypto: () => webCrypto({ suites }),
  };
  return make[provider]!().cipherSuite(ID);
}
