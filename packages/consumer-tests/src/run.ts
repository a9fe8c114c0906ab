import { spawn } from "node:child_process";

/** How a program ended. */
export interface Ended {
  /** Exit code; -1 if it had to be stopped. */
  readonly code: number;
  /** What it printed, stdout and stderr in one. */
  readonly output: string;
}

/** How to run a program. */
export interface RunOptions {
  readonly cwd: string;
  /** Seconds after which it is stopped. Default 300. */
  readonly timeout?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end, whatever it is. Never throws. */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { cwd, timeout = 300, env = {} } = options;
  return new Promise((ended) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const parts: Buffer[] = [];
    const timer = setTimeout(() => child.kill("SIGKILL"), timeout * 1000);
    child.stdout.on("data", (part: Buffer) => parts.push(part));
    child.stderr.on("data", (part: Buffer) => parts.push(part));
    const end = (code: number, more: string): void => {
      clearTimeout(timer);
      ended({ code, output: Buffer.concat(parts).toString("utf8") + more });
    };
    child.on("error", (error) => end(-1, String(error)));
    child.on("close", (code) => end(code ?? -1, code === null ? "\nstopped" : ""));
  });
}

/** As {@link run}. @throws Error unless it ended with 0 */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  const { code, output } = await run(program, args, options);
  if (code !== 0) {
    throw new Error(`${program} ${args.join(" ")}: exit code ${code}\n${output.slice(0, 3000)}`);
  }
  return output;
}
