import { KeyPackage, lifetime } from "@openmls-ts/mls-core";
import { bytesToHex } from "@openmls-ts/traits";
import type { Context } from "./context.ts";

/** How many key packages wait at the service. */
export interface PoolOptions {
  /** Made up to this many. */
  readonly target: number;
  /** When there are fewer. */
  readonly low: number;
}

const DAYS = 90;

/**
 * Keeps the service supplied with key packages. Those of which it knows and the store does not are taken away there: nobody could join by
 * them. Those that it does not know are published again, with the same bytes.
 */
export async function fillPool(ctx: Context, { target, low }: PoolOptions): Promise<void> {
  const { provider, service, cipherSuite } = ctx;
  const [there, here] = [await service.listKeyPackages(), await KeyPackage.list(provider)];
  const kept = new Set(here.map(({ ref }) => bytesToHex(ref)));
  const unknown = there.filter(({ ref }) => !kept.has(bytesToHex(ref))).map(({ ref }) => ref);
  if (unknown.length > 0) await service.deleteKeyPackages(unknown);
  const good = there.length - unknown.length;
  if (good >= low) return;
  const fresh: Uint8Array[] = [];
  for (let i = good; i < target; i++) {
    const made = await KeyPackage.builder()
      .lifetime(lifetime({ days: DAYS }, ctx.seams.now()))
      .build(cipherSuite, provider, ctx.signer, ctx.identity);
    fresh.push(made.toMessage());
  }
  await service.publishKeyPackages(fresh);
}
