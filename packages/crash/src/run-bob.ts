import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Line, readLines } from "./bobs-records.ts";

const BOB = fileURLToPath(new URL("./bob.ts", import.meta.url));

/** When Bob dies: at one of his writes, or some milliseconds after the first thing he sent. */
export interface Death {
  readonly write: number;
  readonly side: "before" | "after";
  readonly afterMs: number;
}

/** Runs Bob until he dies. @param take gets what he hands over, in whole lines @throws Error when he ended in another way */
export async function runBob(
  args: readonly string[],
  { write, side, afterMs }: Death,
  plant: string,
  take: (lines: readonly Line[]) => Promise<void>,
): Promise<void> {
  const flags = ["--conditions=@openmls-ts/source", "--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...flags, BOB, ...args, `${write} ${side}`, plant], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [rest, errors] = ["", ""];
  let taking = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const whole = (rest + text).lastIndexOf("\n") + 1;
    const lines = readLines((rest + text).slice(0, whole));
    rest = (rest + text).slice(whole);
    taking = taking.then(async () => take(lines));
    taking.catch(() => child.kill("SIGKILL"));
    // from the first line on: how long a process takes to start is not what is tested
    timer ??= setTimeout(() => child.kill("SIGKILL"), afterMs);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.on("error", reject).on("close", (_code, killedBy) => resolve(killedBy));
  });
  clearTimeout(timer);
  if (signal !== "SIGKILL") {
    throw new Error(`Bob could not go on: ${/ERR_[A-Z_]+/u.exec(errors)?.[0] ?? errors}`);
  }
  await taking;
}
