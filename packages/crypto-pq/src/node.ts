export { nodeEngine } from "./node-engine.ts";
