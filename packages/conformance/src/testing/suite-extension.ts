import type { CryptoProvider, HpkeKeyPair } from "@openmls-ts/traits";
import { AEADS, equalBytes, hexToBytes, isMlsError, KDFS, KEMS, SIGNATURES, utf8 } from "@openmls-ts/traits";
import { check, checkBytes, checkThrows } from "../case.ts";

/** A KEM as a suite brings it along, by structure: this package knows interfaces of traits alone. */
interface OwnKem {
  deriveKeyPair(inputKeyMaterial: Uint8Array): Promise<HpkeKeyPair>;
  encap(
    publicKey: Uint8Array,
  ): Promise<{ readonly sharedSecret: Uint8Array; readonly kemOutput: Uint8Array }>;
  decap(kemOutput: Uint8Array, privateKey: Uint8Array): Promise<Uint8Array>;
  isValidPublicKey(publicKey: Uint8Array): Promise<boolean>;
}

interface Tools {
  randomBytes(length: number): Uint8Array;
  kdf(hash: "SHA-256"): { hash(data: Uint8Array): Uint8Array };
  group(curve: "X25519"): {
    publicKey(privateKey: Uint8Array): Promise<Uint8Array>;
    agree(
      privateKey: Uint8Array,
      publicKey: Uint8Array,
    ): Promise<{ readonly secret: Uint8Array; readonly publicKey: Uint8Array }>;
  };
}

const INPUT = utf8("input");

/** A suite of entries that every backend has, in a combination that RFC 9420 does not. */
export const COMBINED = {
  id: 0xf0f1,
  name: "PRIVATE_DHKEMX25519_CHACHA20POLY1305_SHA512_Ed25519",
  kem: KEMS.X25519,
  kdf: KDFS["SHA-512"],
  aead: AEADS["ChaCha20-Poly1305"],
  hash: "SHA-512",
  signature: SIGNATURES.Ed25519,
} as const;

/** A KEM that no backend has: the shared secret is a hash over both public keys and the Diffie-Hellman result. */
function ownKem(tools: Tools): OwnKem {
  const x25519 = tools.group("X25519");
  const sha256 = tools.kdf("SHA-256");
  const combine = (secret: Uint8Array, kemOutput: Uint8Array, publicKey: Uint8Array): Uint8Array =>
    sha256.hash(Uint8Array.of(...secret, ...kemOutput, ...publicKey));
  return {
    async deriveKeyPair(inputKeyMaterial) {
      const privateKey = sha256.hash(inputKeyMaterial);
      return { privateKey, publicKey: await x25519.publicKey(privateKey) };
    },
    async encap(publicKey) {
      const { secret, publicKey: kemOutput } = await x25519.agree(tools.randomBytes(32), publicKey);
      return { sharedSecret: combine(secret, kemOutput, publicKey), kemOutput };
    },
    async decap(kemOutput, privateKey) {
      const { secret, publicKey } = await x25519.agree(privateKey, kemOutput);
      return combine(secret, kemOutput, publicKey);
    },
    isValidPublicKey: async (publicKey) => publicKey.some((byte) => byte !== 0),
  };
}

/** A suite that brings its KEM. */
export const WITH_OWN_KEM = {
  ...COMBINED,
  id: 0xf0f2,
  name: "PRIVATE_OWNKEM_CHACHA20POLY1305_SHA512_Ed25519",
  kem: {
    id: 0xf0f0,
    name: "hashed X25519",
    sharedSecretLength: 32,
    encapsulatedLength: 32,
    publicKeyLength: 32,
    privateKeyLength: 32,
  },
  implementations: { kem: ownKem },
} as const;

type Factory = (options: {
  readonly suites: readonly (typeof COMBINED | typeof WITH_OWN_KEM)[];
}) => CryptoProvider;

async function checkWorks(provider: CryptoProvider, id: number, derived: string): Promise<void> {
  const suite = await provider.cipherSuite(id);
  check(suite.id === id && suite.params.id === id, `suite ${id} knows its number`);
  check(!("implementations" in suite.params), "params are plain data");
  check(suite.hash(INPUT).length === 64 && suite.hmac(INPUT, INPUT).length === 64, "the hash is SHA-512");
  const keys = await suite.deriveKeyPair(INPUT);
  checkBytes(keys.publicKey, hexToBytes(derived), "the public key derived, on every backend");
  check(await suite.isValidHpkePublicKey(keys.publicKey), "a derived key is valid");
  const sealed = await suite.hpkeSealContext(INPUT).seal(keys.publicKey, INPUT, utf8("text"));
  const opened = await suite.hpkeOpen(keys.privateKey, sealed.kemOutput, INPUT, INPUT, sealed.ciphertext);
  checkBytes(opened, utf8("text"), "what was sealed");
  const exported = await suite.hpkeExportSender(keys.publicKey, INPUT, INPUT, 48);
  const received = await suite.hpkeExportReceiver(keys.privateKey, exported.kemOutput, INPUT, INPUT, 48);
  check(equalBytes(exported.secret, received), "both sides export one secret");
  const signer = await suite.generateSignatureKeys();
  const signature = await suite.sign(signer.privateKey, INPUT);
  check(await suite.verify(signer.publicKey, INPUT, signature), "a signature verifies");
  check(!(await suite.verify(signer.publicKey, utf8("other"), signature)), "of one message");
}

/**
 * Whether a provider takes suites from the application: one of known entries, one with an implementation of its own, and
 * none that names what nobody implements.
 */
export async function checkSuiteExtension(factory: Factory): Promise<void> {
  const provider = factory({ suites: [WITH_OWN_KEM, COMBINED] });
  const supported = await provider.supportedCipherSuites();
  checkBytes(
    Uint8Array.from(supported.slice(-2), (id) => id & 0xff),
    Uint8Array.of(0xf1, 0xf2),
    "the last suites",
  );
  check(supported.includes(1), "the suites of RFC 9420 are still there");
  await checkWorks(provider, COMBINED.id, "0961e0f0ecd2ace4dd01df8cdfa83a83c726c07509154f129c5871d2679d6b6b");
  await checkWorks(
    provider,
    WITH_OWN_KEM.id,
    "8bf1ec59ffb2c09c1732b636622d26ba1d44e97e4d5096be96bafbeba8608831",
  );

  const replaced = factory({ suites: [{ ...COMBINED, id: 1 }] as never });
  check((await replaced.cipherSuite(1)).hash(INPUT).length === 64, "suite 1 can be replaced");

  const { implementations: _, ...bare } = WITH_OWN_KEM;
  const wrong: Readonly<Record<string, unknown>> = {
    "a KEM that nobody has": [bare],
    "an AEAD that nobody has": [{ ...COMBINED, aead: { ...COMBINED.aead, name: "constructor" } }],
    "a hash that nobody has": [{ ...COMBINED, hash: "SHA-1" }],
    "a KDF over a hash that nobody has": [{ ...COMBINED, kdf: { ...COMBINED.kdf, hash: "toString" } }],
    "a signature that nobody has": [{ ...COMBINED, signature: { ...COMBINED.signature, name: "RSA" } }],
    "two of one number": [COMBINED, { ...WITH_OWN_KEM, id: COMBINED.id }],
    "a number out of range": [{ ...COMBINED, id: 0x10000 }],
    "a number as text": [{ ...COMBINED, id: "1" }],
    "a row without a KEM": [{ ...COMBINED, kem: undefined }],
    "a length that is none": [{ ...COMBINED, aead: { ...COMBINED.aead, keyLength: -1 } }],
    "a number in place of a row": [1],
    "no list": COMBINED,
  };
  for (const [what, suites] of Object.entries(wrong)) {
    checkThrows("ERR_MLS_USAGE", () => factory({ suites: suites as never }), what);
  }
  checkThrows("ERR_MLS_USAGE", () => factory({ suits: [] } as never), "a misspelt option");
  try {
    factory({ suites: [bare] as never });
  } catch (error) {
    const named =
      isMlsError(error) && /61682: \w+ has no KEM "hashed X25519"; pass it in impl/.test(error.message);
    check(named, `the error names what is missing: ${String(error)}`);
  }

  // An implementation that does not work is found out, and says so.
  const broken = factory({
    suites: [
      {
        ...WITH_OWN_KEM,
        implementations: {
          kem: (tools: Tools) => ({ ...ownKem(tools), decap: async () => new Uint8Array(32) }),
        },
      },
    ],
  });
  check(
    !(await broken.supportedCipherSuites()).includes(WITH_OWN_KEM.id),
    "what fails its trial is not offered",
  );
}
