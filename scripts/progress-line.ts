/** Where a {@link ProgressLine} is shown. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  /** Characters in a line. */
  readonly columns?: number | undefined;
  readonly write: (text: string) => unknown;
}

/** Between two looks at the line, in milliseconds: more often nobody can read it. */
const PAUSE = 100;

/**
 * One line at the bottom of a terminal that says how far a long command is. In a pipe or a file nothing of it is written,
 * and the command's own output is what it would be without.
 */
export class ProgressLine {
  readonly #screen: Screen;
  readonly #now: () => number;
  #next = Number.NEGATIVE_INFINITY;
  #shown = false;

  /** @param now milliseconds since some moment */
  constructor(screen: Screen = process.stderr, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#now = now;
  }

  /** Shows a text in place of the last one, cut to one line. */
  show(text: string): void {
    const time = this.#now();
    if (this.#screen.isTTY !== true || time < this.#next) return;
    this.#next = time + PAUSE;
    const { columns = 0 } = this.#screen; // some terminals say 0
    const room = Math.max(0, (columns > 0 ? columns : 80) - 1); // in the last column a terminal goes to the next line
    this.#screen.write(`\r${text.replaceAll(/\s+/g, " ").slice(0, room)}\u001b[K`);
    this.#shown = true;
  }

  /** `done` of `total`, and what is at work. */
  showShare(done: number, total: number, what: string): void {
    this.show(`${done}/${total} ${what}`);
  }

  /** Takes the line away, for output of the command. */
  clear(): void {
    if (!this.#shown) return;
    this.#screen.write("\r\u001b[K");
    this.#shown = false;
    this.#next = Number.NEGATIVE_INFINITY;
  }
}
