import { bytesToHex } from "@openmls-ts/traits";
import type { LeftOut } from "../../plan/index.ts";

/** A proposal of the current epoch, as the history remembers it without asking the library. */
export interface Entry {
  readonly kind: "add" | "remove" | "update" | "psk" | "resumption" | "extensions" | "poll";
  /** The name of the member who sent it; `undefined` for others. */
  readonly sender: string | undefined;
  /** Who is added or removed, or whose leaf is updated. */
  readonly who?: string;
  /** What a poll asks. */
  readonly question?: number;
}

/** What one commit holds by value, as far as it can clash with proposals. */
export interface Inline {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly extensions: boolean;
  readonly question: number | undefined;
}

/** What waits for a commit, and who wants it there. */
export class Book {
  readonly #entries = new Map<string, Entry>();
  readonly #dismissed = new Set<string>();

  note(reference: Uint8Array, entry: Entry): void {
    this.#entries.set(bytesToHex(reference), entry);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** In the order in which they came. */
  get references(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** A member changes its mind about a proposal. */
  want(name: string, reference: string, wanted: boolean): void {
    if (wanted) {
      this.#dismissed.delete(`${name} ${reference}`);
    } else {
      this.#dismissed.add(`${name} ${reference}`);
    }
  }

  /** What a member's next commit should take in, by reference. */
  wantedBy(name: string): ReadonlyMap<string, Entry> {
    return new Map([...this.#entries].filter(([reference]) => !this.#dismissed.has(`${name} ${reference}`)));
  }

  /** Those whom somebody has proposed to add. */
  get invited(): ReadonlySet<string> {
    return new Set([...this.#entries.values()].flatMap(({ kind, who }) => (kind === "add" ? [who!] : [])));
  }

  /** Those whom somebody has proposed to remove. */
  get unwelcome(): ReadonlySet<string> {
    return new Set([...this.#entries.values()].flatMap(({ kind, who }) => (kind === "remove" ? [who!] : [])));
  }

  /** Another epoch has begun. */
  clear(): void {
    this.#entries.clear();
    this.#dismissed.clear();
  }
}

/** Whether a commit was right to leave a proposal out (RFC 9420 §12.2). */
export function isClash(
  entry: Entry,
  reason: LeftOut["reason"],
  committer: string,
  wanted: readonly Entry[],
  inline: Inline,
  asked: number | undefined,
): boolean {
  const others = wanted.filter((other) => other !== entry);
  const sameLeaf = ({ kind, who }: Entry): boolean =>
    (kind === "update" || kind === "remove") && who === entry.who;
  switch (reason.rule) {
    case "valn0302":
      return entry.kind === "update" && entry.who === committer;
    case "valn0303":
      return entry.kind === "remove" && entry.who === committer;
    case "valn0304":
      return sameLeaf(entry) && (others.some(sameLeaf) || inline.remove.includes(entry.who!));
    case "valn0308":
      return (
        entry.kind === "extensions" && (inline.extensions || others.some(({ kind }) => kind === "extensions"))
      );
    case "poll-once":
      return (
        entry.kind === "poll" &&
        [inline.question, ...others.map(({ question }) => question)].includes(entry.question)
      );
    case "poll-again":
      return entry.kind === "poll" && entry.question === asked;
    case undefined: // newcomers have no resumption PSK of the group
      return (
        entry.kind === "resumption" && (inline.add.length > 0 || others.some(({ kind }) => kind === "add"))
      );
    default:
      return false;
  }
}
