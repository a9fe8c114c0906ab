import { MlsMessage } from "@openmls-ts/mls-core";
import { bytesToHex, type CipherSuite, type CryptoProvider, equalBytes } from "@openmls-ts/traits";
import { addressOf, keyPackageRefOf } from "../address.ts";
import type { Claim, ClaimedKeyPackage, PublishedKeyPackage } from "../delivery-service.ts";

interface Stored extends PublishedKeyPackage {
  readonly bytes: Uint8Array;
}

/** The key packages that devices publish, by address. */
export class KeyPackagePools {
  readonly #suite: CipherSuite;
  readonly #crypto: CryptoProvider;
  readonly #now: () => bigint;
  readonly #knows: (device: string) => boolean;
  readonly #stored = new Map<string, Stored[]>();
  readonly #claims = new Map<string, ClaimedKeyPackage>();

  /** @param suite one with SHA-256 @param knows whether a device is registered */
  constructor(
    suite: CipherSuite,
    crypto: CryptoProvider,
    now: () => bigint,
    knows: (device: string) => boolean,
  ) {
    this.#suite = suite;
    this.#crypto = crypto;
    this.#now = now;
    this.#knows = knows;
  }

  list(own: string): PublishedKeyPackage[] {
    return (this.#stored.get(own) ?? []).map(({ ref, cipherSuite, lastResort, notAfter }) => ({
      ref,
      cipherSuite,
      lastResort,
      notAfter,
    }));
  }

  async publish(
    own: string,
    keyPackages: readonly Uint8Array[],
  ): Promise<{ refused: { index: number; reason: string }[] }> {
    const refused: { index: number; reason: string }[] = [];
    const stored = this.#stored.get(own) ?? [];
    this.#stored.set(own, stored);
    for (const [index, bytes] of keyPackages.entries()) {
      const read = await this.#readKeyPackage(bytes);
      const reason = this.#objection(own, read);
      if (read === undefined || reason !== undefined) {
        refused.push({ index, reason: reason ?? "not a key package" });
      } else if (!stored.some(({ ref }) => equalBytes(ref, read.ref))) {
        stored.push(read);
      }
    }
    return { refused };
  }

  #objection(own: string, read: (Stored & { readonly device: string }) | undefined): string | undefined {
    if (read === undefined) return "not a key package";
    if (read.device !== own) return "of another device";
    return read.notAfter <= this.#now() ? "expired" : undefined;
  }

  async #readKeyPackage(bytes: Uint8Array): Promise<(Stored & { readonly device: string }) | undefined> {
    try {
      const read = MlsMessage.read(bytes);
      if (read.kind !== "keyPackage") return undefined;
      const suite = await this.#crypto.cipherSuite(read.cipherSuite);
      const { leafNode, cipherSuite } = read;
      return {
        bytes: new Uint8Array(bytes),
        ref: keyPackageRefOf(suite, bytes),
        device: bytesToHex(addressOf(this.#suite, leafNode.signatureKey)),
        cipherSuite,
        lastResort: false,
        notAfter: leafNode.leafNodeSource === 1 ? leafNode.lifetime.notAfter : 0n,
      };
    } catch {
      return undefined;
    }
  }

  delete(own: string, refs: readonly Uint8Array[]): void {
    const left = (this.#stored.get(own) ?? []).filter((one) => !refs.some((ref) => equalBytes(ref, one.ref)));
    this.#stored.set(own, left);
  }

  claim({ id, cipherSuite }: Claim, device: Uint8Array): ClaimedKeyPackage {
    const key = `${bytesToHex(id)} ${bytesToHex(device)}`;
    const before = this.#claims.get(key);
    if (before !== undefined) return before;
    const claimed = this.#take(device, cipherSuite);
    if (claimed.keyPackage !== undefined) this.#claims.set(key, claimed);
    return claimed;
  }

  #take(device: Uint8Array, cipherSuite: number): ClaimedKeyPackage {
    const owner = bytesToHex(device);
    if (!this.#knows(owner)) return { device, missing: "unknown-device" };
    const all = this.#stored.get(owner) ?? [];
    const good = all.filter((one) => one.cipherSuite === cipherSuite && one.notAfter > this.#now());
    const fresh = good.find(({ lastResort }) => !lastResort);
    if (fresh !== undefined) {
      all.splice(all.indexOf(fresh), 1);
      return { device, keyPackage: fresh.bytes, lastResort: false };
    }
    const spare = good.find(({ lastResort }) => lastResort);
    return spare === undefined
      ? { device, missing: "exhausted" }
      : { device, keyPackage: spare.bytes, lastResort: true };
  }
}
