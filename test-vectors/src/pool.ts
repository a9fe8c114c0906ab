import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Job, Outcome } from "./job.ts";

/** Called as each job ends. */
export type OnOutcome = (job: Job, outcome: Outcome) => void;

/** Runs jobs on worker threads, one for each core, in the order given. */
export async function runPool(jobs: readonly Job[], onOutcome: OnOutcome): Promise<void> {
  const queue = [...jobs];
  const size = Math.max(1, Math.min(availableParallelism(), queue.length));
  await Promise.all(Array.from({ length: size }, async () => drain(queue, onOutcome)));
}

async function drain(queue: Job[], onOutcome: OnOutcome): Promise<void> {
  let worker = startWorker();
  for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
    const current = job;
    try {
      onOutcome(current, await ask(worker, current));
    } catch (error) {
      // The worker died, out of memory for instance. Its job failed; the rest gets a new worker.
      const message = `the worker died: ${String(error)}`;
      const failures = current.cases.map((index) => ({ case: index, message }));
      onOutcome(current, { passed: 0, skipped: 0, failures, reasons: [], milliseconds: 0 });
      await worker.terminate();
      worker = startWorker();
    }
  }
  await worker.terminate();
}

function startWorker(): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), {
    // Node.js calls some WebCrypto algorithms experimental, once in every worker.
    execArgv: ["--conditions=@openmls-ts/source", "--disable-warning=ExperimentalWarning"],
  });
}

async function ask(worker: Worker, job: Job): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void): void => {
      worker.off("message", onMessage);
      worker.off("error", onError);
      worker.off("exit", onExit);
      action();
    };
    const onMessage = (outcome: Outcome): void => settle(() => resolve(outcome));
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (code: number): void => settle(() => reject(new Error(`exit code ${code}`)));
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.on("exit", onExit);
    worker.postMessage(job);
  });
}
