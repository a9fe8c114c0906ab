import { DatabaseSync } from "node:sqlite";
import type { ExpoSqliteDatabase, ExpoSqliteStatement } from "../expo.ts";

/**
 * expo-sqlite's synchronous calls over `node:sqlite`, with what is its own: a statement is one cursor, whose rows are read
 * once, and which is of no use after `finalizeSync`; errors name their code in the message alone.
 */
export function expoDatabase(path: string): ExpoSqliteDatabase {
  const database = new DatabaseSync(path);
  return {
    isInTransactionSync: () => native(() => database.isTransaction),
    closeSync: () => native(() => database.close()),
    prepareSync: (sql) => native(() => statementOf(database, sql)),
  };
}

function statementOf(database: DatabaseSync, sql: string): ExpoSqliteStatement {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  let finalized = false;
  return {
    executeForRawResultSync: (parameters) => {
      if (finalized) {
        throw new Error("Access to closed resource");
      }
      const rows = native(() => statement.all(...parameters));
      let read = false;
      return {
        getAllSync: () => {
          if (read) {
            throw new Error("The SQLite cursor has been shifted and is unable to retrieve all rows");
          }
          read = true;
          return rows;
        },
        resetSync: () => {
          read = false;
        },
      };
    },
    finalizeSync: () => {
      if (finalized) {
        throw new Error("Access to closed resource");
      }
      finalized = true;
    },
  };
}

function native<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { errcode, message } = error as Error & { readonly errcode?: number };
    if (errcode === undefined) {
      throw error;
    }
    throw new Error(`Error code ${errcode & 0xff}: ${message}`, { cause: error });
  }
}
