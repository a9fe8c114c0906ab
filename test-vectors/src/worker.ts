import { parentPort } from "node:worker_threads";
import { formats } from "./formats/index.ts";
import { type Job, runJob } from "./job.ts";

// One job in, one outcome out; the pool never sends a second job before the first is done.
parentPort?.on("message", (job: Job) => {
  void runJob(job, formats).then((outcome) => parentPort?.postMessage(outcome));
});
