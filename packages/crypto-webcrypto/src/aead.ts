import type { Aead } from "@openmls-ts/hpke";
import type { AeadParams } from "@openmls-ts/traits";
import { bytesToHex, decryptionFailed, MlsError } from "@openmls-ts/traits";
import type { OwnBytes, SubtleCryptoLike, WebCryptoAlgorithm } from "./subtle.ts";
import { own } from "./subtle.ts";

/** How SubtleCrypto knows an AEAD. */
interface SubtleAead {
  readonly name: string;
  readonly keyFormat: "raw" | "raw-secret";
}

// ChaCha20-Poly1305 and the format raw-secret: WICG, Modern Algorithms in the Web Cryptography API.
const CHACHA: SubtleAead = { name: "ChaCha20-Poly1305", keyFormat: "raw-secret" };

function subtleAead(subtle: SubtleCryptoLike, params: AeadParams, { name, keyFormat }: SubtleAead): Aead {
  const algorithm = (nonce: Uint8Array, aad: Uint8Array): WebCryptoAlgorithm => ({
    name,
    iv: own(nonce),
    additionalData: own(aad),
    tagLength: 8 * params.tagLength,
  });
  const run = async (
    operation: "encrypt" | "decrypt",
    key: Uint8Array,
    parameters: WebCryptoAlgorithm,
    data: OwnBytes,
  ): Promise<Uint8Array> => {
    const handle = await subtle.importKey(keyFormat, own(key), { name }, false, [operation]);
    return new Uint8Array(await subtle[operation](parameters, handle, data));
  };
  return {
    async seal(key, nonce, aad, plaintext) {
      try {
        return await run("encrypt", key, algorithm(nonce, aad), own(plaintext));
      } catch (cause) {
        throw new MlsError("ERR_MLS_CRYPTO", `${params.name} refused to encrypt`, { cause });
      }
    },
    async open(key, nonce, aad, ciphertext) {
      try {
        return await run("decrypt", key, algorithm(nonce, aad), own(ciphertext));
      } catch {
        throw decryptionFailed();
      }
    },
  };
}

/** ChaCha20-Poly1305 of zeros: key, nonce, as much associated data as nonce, as much text as key. */
const CHACHA_OF_ZEROS =
  "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aede50aae0e0552ff6e23b4064fb17bef30";

/** The runtime's own ChaCha20-Poly1305 if it gives the known answer, else one in JavaScript, loaded when it is needed. */
export async function webChaCha(subtle: SubtleCryptoLike, params: AeadParams): Promise<Aead> {
  const native = subtleAead(subtle, params, CHACHA);
  const [key, nonce] = [new Uint8Array(params.keyLength), new Uint8Array(params.nonceLength)];
  const sealed = await native.seal(key, nonce, nonce, key).catch(() => nonce);
  return bytesToHex(sealed) === CHACHA_OF_ZEROS ? native : (await import("./noble-chacha.ts")).nobleChaCha();
}

/** AES-GCM of the runtime. */
export function webAesGcm(subtle: SubtleCryptoLike, params: AeadParams): Aead {
  return subtleAead(subtle, params, { name: "AES-GCM", keyFormat: "raw" });
}
