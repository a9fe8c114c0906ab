import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8, wipe } from "@openmls-ts/traits";
import { numberField } from "./fields.ts";
import { NONCE_LENGTH, seal, unseal } from "./seal.ts";

type Mac = ReturnType<typeof hmac.create>;

/** Length of a hidden name, in bytes. */
export const NAME_LENGTH = 16;
/** Length of a {@link DataKey}'s secret, in bytes. */
export const SECRET_LENGTH = 32;
/** Length of the number of a key in front of what it sealed, in bytes. */
const ID_LENGTH = 4;

/** The number of the key that sealed a record; 0, which no key has, when it is too short to say. */
export function keyIdOf(sealed: Uint8Array): number {
  return sealed.length < ID_LENGTH ? 0 : new DataView(sealed.buffer, sealed.byteOffset).getUint32(0);
}

/** The nonce of a sealed record: random, so it names this writing of it among all others. */
export function nonceOf(sealed: Uint8Array): Uint8Array {
  return new Uint8Array(sealed.subarray(ID_LENGTH, ID_LENGTH + NONCE_LENGTH));
}

/** One generation of keys: it seals records, hides their names, and makes the summands of sums over them. */
export class DataKey {
  readonly id: number;
  readonly #secret: Uint8Array;
  readonly #sealing: Uint8Array;
  readonly #naming: Mac;
  readonly #summing: Mac;

  /** @param id a uint32, not 0; @param secret {@link SECRET_LENGTH} random bytes, kept */
  constructor(id: number, secret: Uint8Array) {
    const derive = (label: string): Uint8Array => hmac(sha256, secret, utf8(label));
    this.id = id;
    this.#secret = secret;
    this.#sealing = derive("seal");
    this.#naming = macWith(derive("name"));
    this.#summing = macWith(derive("sum"));
  }

  /** Its live bytes, for the header. */
  expose(): Uint8Array {
    return this.#secret;
  }

  /** The hidden name of all records of one table and owner. */
  partitionName(table: string, owner: Uint8Array): Uint8Array {
    // No table has a 0, so the two parts cannot run into one another; nor has it a 1, with which other names begin.
    return macOf(this.#naming, utf8(`${table}\0`), owner).slice(0, NAME_LENGTH);
  }

  /** The hidden name of a record in a partition. */
  recordName(partition: Uint8Array, id: Uint8Array): Uint8Array {
    return macOf(this.#naming, Uint8Array.of(1), partition, id).slice(0, NAME_LENGTH);
  }

  /** What a record with this nonce at this place adds to the sum over all of them. */
  summand(place: Uint8Array, nonce: Uint8Array): Uint8Array {
    return macOf(this.#summing, nonce, place); // the nonce has a fixed length
  }

  /** Seals a record for its place. */
  seal(place: Uint8Array, plaintext: Uint8Array): Uint8Array {
    return concatBytes(numberField(this.id, ID_LENGTH), seal(this.#sealing, place, plaintext));
  }

  /** What this key sealed for this place, or `undefined`. */
  open(place: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    return keyIdOf(sealed) === this.id ? unseal(this.#sealing, place, sealed.subarray(ID_LENGTH)) : undefined;
  }

  wipe(): void {
    wipe(this.#secret, this.#sealing);
    this.#naming.destroy();
    this.#summing.destroy();
  }
}

function macWith(key: Uint8Array): Mac {
  const mac = hmac.create(sha256, key);
  wipe(key);
  return mac;
}

function macOf(keyed: Mac, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = keyed.clone(); // half the time of setting the key again
  parts.forEach((part) => mac.update(part));
  return mac.digest();
}

/** Adds to a sum, or takes away, which is the same: sums are over sets, by exclusive or. */
export function addTo(sum: Uint8Array, summand: Uint8Array): void {
  for (let i = 0; i < sum.length; i++) {
    sum[i] = (sum[i] ?? 0) ^ (summand[i] ?? 0);
  }
}
