import { isMlsError, type MlsErrorCode } from "@openmls-ts/traits";
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

const NAME_WIDTH = 9;
const TEXT_WIDTH = 54;
const EPOCH_WIDTH = 8;
const SIZE_WIDTH = 12;
const INDENT = "   ";

/** A claim of the story that did not hold. */
export class ClaimFailed extends Error {}

/** Prints the story, and does not say what is not so. Colours only on a terminal, unless NO_COLOR is set. */
export class Transcript {
  #acts = 0;
  #claims = 0;

  /** How many claims were checked; all of them held. */
  get claims(): number {
    return this.#claims;
  }

  title(text: string, ...details: readonly string[]): void {
    print(paint("bold", text));
    for (const detail of details) {
      print(paint("dim", detail));
    }
  }

  /** Begins an act. */
  act(text: string): void {
    this.#acts += 1;
    print(`\n${paint(["bold", "cyan"], `${this.#acts}  ${text}`)}`);
  }

  /** Somebody does something; the epoch before it and a size stand at the right. */
  line(who: string, text: string, epoch = "", size = ""): void {
    const facts = `${epoch.padEnd(EPOCH_WIDTH)}${size.padStart(SIZE_WIDTH)}`;
    print(
      `${INDENT}${paint("bold", who.padEnd(NAME_WIDTH))}${text.padEnd(TEXT_WIDTH)}${paint("dim", facts.trimEnd())}`,
    );
  }

  note(text: string): void {
    print(`${INDENT}${" ".repeat(NAME_WIDTH)}${paint("dim", text)}`);
  }

  drawing(lines: readonly string[]): void {
    print("");
    for (const line of lines) {
      print(paint("magenta", `${INDENT}${" ".repeat(NAME_WIDTH)}${line}`).trimEnd());
    }
    print("");
  }

  /** Checks something that the transcript shows without words. @throws ClaimFailed when it is not so */
  expect(text: string, holds: boolean): void {
    if (!holds) {
      print(`${INDENT}${paint("red", `✗ ${text}`)}`);
      throw new ClaimFailed(text);
    }
    this.#claims += 1;
  }

  /** Checks something and says so. @throws ClaimFailed when it is not so */
  claim(text: string, holds: boolean): void {
    this.expect(text, holds);
    print(`${INDENT}${paint("green", "✓")} ${text}`);
  }

  /** Claims that an attempt fails with the error of that code. @throws ClaimFailed when it succeeds or fails otherwise */
  async claimFails(text: string, code: MlsErrorCode, attempt: () => Promise<unknown>): Promise<void> {
    let failure: unknown;
    try {
      await attempt();
    } catch (error) {
      failure = error;
    }
    this.claim(`${text} ${code}`, isMlsError(failure, code));
  }

  end(text: string): void {
    print(`\n${paint("bold", text)}`);
  }
}

/** A number of bytes for a column. */
export function bytes(data: Uint8Array | number): string {
  return `${typeof data === "number" ? data : data.length} bytes`;
}

function paint(style: Style, text: string): string {
  const colours = process.stdout.isTTY && process.stdout.hasColors(); // which looks at NO_COLOR
  return colours ? styleText(style, text, { validateStream: false }) : text;
}

function print(line: string): void {
  console.log(line);
}
