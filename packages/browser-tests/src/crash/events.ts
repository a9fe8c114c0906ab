/** What Alice's page tells after its promises resolved; keys and messages in hexadecimal. */
export type CrashEvent =
  /** The page made the group, with Bob in it. */
  | { readonly kind: "welcome"; readonly welcome: string; readonly signatureKey: string }
  /** The page found its state, and this many messages counted in it. */
  | { readonly kind: "opened"; readonly count: number }
  /** A message or commit was made, and counted in a batch of its own. */
  | { readonly kind: "sent"; readonly count: number; readonly message: string }
  /** The page found no database. */
  | { readonly kind: "missing" }
  /** The page cannot go on. */
  | { readonly kind: "error"; readonly error: string };
