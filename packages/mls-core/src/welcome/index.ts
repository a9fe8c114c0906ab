export * from "./create-welcome.ts";
export * from "./group-info.ts";
export * from "./join.ts";
export * from "./linked-group.ts";
export * from "./open-welcome.ts";
export * from "./validate-group-info.ts";
