/**
 * Faults of a client that the checks must find: the inbox is written after the key, the position before it, and the outbox is
 * emptied before the message is handed over.
 */
export const PLANTS = ["inbox", "cursor", "outbox"] as const;
export type Plant = (typeof PLANTS)[number];
