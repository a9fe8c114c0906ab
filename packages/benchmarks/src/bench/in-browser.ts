// What runs in a page: the same story, over WebCrypto.
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { ours } from "./contestants/ours.ts";
import { tsMls } from "./contestants/ts-mls.ts";
import { recorder } from "./recorder.ts";
import { type Row, run } from "./run.ts";
import type { Setting } from "./story.ts";

/** What a page is asked to measure. */
export interface PageOrder {
  readonly cipherSuite: number;
  /** Version of ts-mls, or nothing to leave it out. */
  readonly tsMls?: string;
  readonly settings: readonly (Setting & { readonly repeat: number })[];
}

async function bench({ cipherSuite, tsMls: version, settings }: PageOrder): Promise<Row[]> {
  const crypto = webCrypto();
  const recording = recorder(crypto);
  const own = (name: string, provider: typeof crypto): ReturnType<typeof ours> =>
    ours({ name, crypto: provider, cipherSuite, storage: memoryStorage });
  const field = {
    contestants: [
      own("ours, webcrypto", crypto),
      ...(version === undefined ? [] : [await tsMls(version, cipherSuite)]),
    ],
    floor: { contestant: own("floor", recording.crypto), recorder: recording },
  };
  await run(field, { members: 10, shape: "sparse", rounds: 8 }, 2); // code that has just been loaded is slower
  const rows: Row[] = [];
  for (const { repeat, ...setting } of settings) rows.push(...(await run(field, setting, repeat)).rows);
  return rows;
}

Object.assign(globalThis, { bench });
