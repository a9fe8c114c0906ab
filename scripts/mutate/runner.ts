// The child process of a hunt: one vitest for all faults, which sees the sources with the fault of the moment in them.
// No file is changed.
import { join, relative, sep } from "node:path";
import { createVitest, type TestModule, type Vitest } from "vitest/node";
import { type Fault, withFault } from "./fault.ts";
import type { Answer, Question } from "./question.ts";

let fault: Fault | undefined;
let root = "";
/** Of the question of the moment. */
const ended: TestModule[] = [];

async function start(folder: string): Promise<Vitest> {
  root = folder;
  const plugin = {
    name: "plant a fault",
    enforce: "pre" as const,
    transform: (code: string, id: string): string | undefined =>
      fault !== undefined && id.split("?")[0] === join(root, fault.file) ? withFault(code, fault) : undefined,
  };
  const vitest = await createVitest(
    {
      root,
      watch: false,
      bail: 1,
      reporters: [{ onTestModuleEnd: (module) => void ended.push(module) }],
      testTimeout: 20_000,
      hookTimeout: 20_000,
      fsModuleCache: false, // would keep a file with its fault for later runs
    },
    { plugins: [plugin] },
  );
  await vitest.standalone();
  return vitest;
}

async function answer(vitest: Vitest, { fault: planted, tests }: Question): Promise<Answer> {
  fault = planted;
  ended.length = 0;
  if (fault !== undefined) vitest.invalidateFile(join(root, fault.file));
  try {
    const project = vitest.getRootProject();
    const wanted = tests.map((test) => project.createSpecification(join(root, test)));
    const { unhandledErrors } = await vitest.runTestSpecifications(wanted);
    const failed = ended.find((module) => module.state() === "failed");
    if (failed !== undefined) return { ran: ended.length, by: toPath(failed.moduleId) };
    return { ran: ended.length, ...(unhandledErrors.length === 0 ? {} : { by: "an unhandled error" }) };
  } finally {
    if (fault !== undefined) vitest.invalidateFile(join(root, fault.file));
    fault = undefined;
  }
}

function toPath(moduleId: string): string {
  return relative(root, moduleId).split(sep).join("/");
}

let vitest: Promise<Vitest> | undefined;
process.on("message", (question: Question) => {
  vitest ??= start(question.root);
  void vitest
    .then(async (running) => answer(running, question))
    .catch((error: unknown): Answer => ({ ran: 0, broken: String(error) }))
    .then((said) => process.send?.(said));
});
