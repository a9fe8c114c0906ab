export { inspect, STRUCTURE_NAMES } from "./inspect.ts";
export type { InspectOptions, StructureName } from "./inspect.ts";
export type { Field, Inspection } from "./field.ts";
export { formatInspection } from "./format.ts";
export type { FormatOptions } from "./format.ts";
export { drawTree } from "./draw-tree.ts";
export type { DrawOptions } from "./draw-tree.ts";
