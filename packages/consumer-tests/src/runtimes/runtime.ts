import type { Workshop } from "../workshop.ts";

/** How the scene went in one suite of one provider, or over one store. */
export interface Played {
  /** The provider's name, or the store's. */
  readonly label: string;
  readonly suite: number;
  /** Undefined if all went well. */
  readonly error?: string;
  readonly milliseconds?: number;
}

/** Where the scene is played. */
export interface Runtime {
  /** As `--only` names it. */
  readonly id: string;
  /** What it is, for people; the version is found in the run. */
  readonly title: string;
  /** How users have it, in a few words. */
  readonly how: string;
  /** Plays the scene. @param suites those of the slow engines; all if undefined */
  play(site: Workshop, suites: readonly number[] | undefined): Promise<Run>;
}

/** What a runtime printed. */
export interface Run {
  readonly version: string;
  readonly played: readonly Played[];
}

/** Lines of the scene in what a program printed. @throws Error if there are none */
export function playedIn(output: string): Played[] {
  const lines = output.match(/@@ \{.*\}/g) ?? [];
  if (lines.length === 0) {
    throw new Error(`the scene said nothing:\n${output.slice(-2000)}`);
  }
  return lines.map((line) => JSON.parse(line.slice(3)) as Played);
}
