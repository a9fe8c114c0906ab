import { MlsError } from "@openmls-ts/traits";
import type { MemberState, Restored } from "../store/index.ts";

/** The error of what a copy may not do. */
export function isRestored(what: string): MlsError {
  return new MlsError(
    "ERR_MLS_RESTORED",
    `this state was copied from another store, where its keys may have been used: ${what}`,
  );
}

/** @throws MlsError `ERR_MLS_RESTORED` for a copy, which sends nothing under keys of its epoch (RFC 9420 §9.1: each is used once) */
export function requireOwnKeys({ restored }: MemberState): void {
  if (restored !== "no") {
    throw isRestored("commit a selfUpdate and merge it, or join again, before you send");
  }
}

/** The mark of a state whose pending commit is gone. */
export function stillRestored({ restored }: MemberState): Restored {
  return restored === "renewing" ? "restored" : restored;
}
