/**
 * Rules in code whose tests cannot be seen at a public door of a group, and why: there is no memory and no store that a
 * refusal could change.
 */
export const NO_DOOR: Readonly<Record<string, string>> = {};
