export type { SqliteStorageOptions } from "./arguments.ts";
export type { SqliteDatabase, SqliteStatement } from "./database.ts";
export * from "./sqlite-storage.ts";
