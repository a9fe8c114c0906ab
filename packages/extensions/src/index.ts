/**
 * Extensions of the MLS protocol (draft-ietf-mls-extensions) as features: list them once in `MlsProvider.features`, the
 * same for all who share a group.
 * @module
 */
export { type LastResortForm, lastResort, type LastResortOptions } from "./last-resort.ts";
export { SELF_REMOVE, selfRemove, type SelfRemoveOptions } from "./self-remove.ts";
