export type { PostgresStorageOptions } from "./options.ts";
export * from "./open.ts";
export type { PostgresClient, PostgresPool, PostgresResult } from "./pool.ts";
export type { PostgresStorage } from "./postgres-storage.ts";
