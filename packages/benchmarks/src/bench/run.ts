import type { Contestant, Membership } from "./contestant.ts";
import type { Call, Recorder } from "./recorder.ts";
import { type Summary, summary, timed } from "./samples.ts";
import { type Sample, type Setting, type Shape, story } from "./story.ts";

/** One operation of one contestant in groups of one size, per operation: milliseconds. */
export interface Row {
  readonly members: number;
  readonly shape: Shape;
  readonly operation: string;
  readonly contestant: string;
  readonly samples: number;
  readonly cpu: Summary;
  readonly wall: Summary;
  /** Calls of the provider, only where they were counted. */
  readonly calls?: Readonly<Record<string, number>>;
}

/** What a member at rest takes, per member of the group. */
export interface Size {
  readonly members: number;
  readonly contestant: string;
  /** Bytes on the heap, outside of it included, for a group that was loaded; only under `node --expose-gc`. */
  readonly heap?: number;
  /** Bytes in the store. */
  readonly stored: number;
}

/** The contestant whose time is that of the bare calls of our provider. */
export const FLOOR = "floor";

/** Who takes part, and for whom the provider's calls alone are timed. */
export interface Field {
  readonly contestants: readonly Contestant[];
  readonly floor?: { readonly contestant: Contestant; readonly recorder: Recorder };
}

/** Lets all contestants play the same story at the same time, one operation each in turn. */
export async function run(
  { contestants, floor }: Field,
  setting: Setting,
  repeat: number,
): Promise<{ rows: Row[]; sizes: Size[] }> {
  const able = contestants.filter(
    ({ most = Infinity, onlySparse = false }) =>
      setting.members <= most && !(onlySparse && setting.shape === "full"),
  );
  const books = [
    ...able.map((contestant) => ({ contestant, book: new Book(contestant.name) })),
    ...(floor === undefined ? [] : [{ contestant: floor.contestant, book: new Book(FLOOR, floor.recorder) }]),
  ];
  const sizes: Size[] = [];
  for (let i = 0; i < repeat; i++) {
    const players = books.map(({ contestant, book }) => ({
      name: contestant.name,
      steps: story(contestant, setting, book.sample),
      member: undefined as Membership | undefined,
    }));
    while (players.some(({ member }) => member === undefined)) {
      for (const player of players) {
        if (player.member !== undefined) continue;
        const step = await player.steps.next();
        if (step.done === true) player.member = step.value;
      }
    }
    if (i > 0) continue;
    for (const { name, member } of players.slice(0, able.length)) {
      const size = await sizeOf(name, setting.members, member!);
      if (size !== undefined) sizes.push(size);
    }
  }
  return { rows: books.flatMap(({ book }) => book.rows(setting)), sizes };
}

async function sizeOf(contestant: string, members: number, member: Membership): Promise<Size | undefined> {
  if (member.storedBytes === undefined || member.load === undefined) return undefined;
  const stored = (await member.storedBytes()) / members;
  if (globalThis.gc === undefined) return { contestant, members, stored };
  const copies = Math.ceil(400 / members) + 1; // so many that what else comes and goes is a small part
  const held: unknown[] = [await member.load()];
  const before = inUse();
  for (let i = 0; i < copies; i++) held.push(await member.load());
  const heap = (inUse() - before) / copies / members;
  return held.length > copies ? { contestant, members, stored, heap } : undefined;
}

function inUse(): number {
  for (let i = 0; i < 3; i++) globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The samples of one contestant. */
class Book {
  readonly #name: string;
  readonly #recorder: Recorder | undefined;
  readonly #cpu = new Map<string, number[]>();
  readonly #wall = new Map<string, number[]>();
  readonly #calls = new Map<string, Record<string, number>>();

  constructor(name: string, recorder?: Recorder) {
    this.#name = name;
    this.#recorder = recorder;
  }

  readonly sample: Sample = async (operation, run, count = 1) => {
    if (this.#recorder === undefined) {
      const { result, time } = await timed(run, count);
      this.#enter(operation, time);
      return result;
    }
    this.#recorder.start();
    const result = await run();
    const calls = this.#recorder.stop();
    const { time } = await timed(async () => replay(calls), count);
    this.#enter(operation, time);
    const counted: Record<string, number> = {};
    for (const { name } of calls) counted[name] = (counted[name] ?? 0) + 1 / count;
    this.#calls.set(operation, counted);
    return result;
  };

  rows({ members, shape }: Setting): Row[] {
    return [...this.#cpu].map(([operation, cpu]) => {
      const calls = this.#calls.get(operation);
      return {
        members,
        shape,
        operation,
        contestant: this.#name,
        samples: cpu.length,
        cpu: summary(cpu),
        wall: summary(this.#wall.get(operation) ?? cpu),
        ...(calls === undefined ? {} : { calls }),
      };
    });
  }

  #enter(operation: string, { cpu, wall }: { readonly cpu: number; readonly wall: number }): void {
    for (const [map, value] of [
      [this.#cpu, cpu],
      [this.#wall, wall],
    ] as const) {
      map.set(operation, [...(map.get(operation) ?? []), value]);
    }
  }
}

/** Makes the calls again, one after the other; calls that failed (a wrong key was tried) fail again. */
async function replay(calls: readonly Call[]): Promise<void> {
  for (const { again } of calls) {
    try {
      await again();
    } catch {
      // its cost is part of the operation's all the same
    }
  }
}
