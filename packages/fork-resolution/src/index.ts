/**
 * For groups whose members merged different commits: finding out, and getting everybody into one group again.
 * @module
 */
export * from "./epoch-report.ts";
export * from "./partition.ts";
export { type Readd, recoverForkByReadding } from "./readd.ts";
export * from "./reboot.ts";
