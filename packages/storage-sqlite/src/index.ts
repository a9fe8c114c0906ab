export type { SqliteDatabase, SqliteStatement } from "./driver.ts";
export * from "./sqlite-storage.ts";
