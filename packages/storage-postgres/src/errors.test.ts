import { MlsError } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { isConnectionLost, isTransient, sqlState, storageError } from "./errors.ts";

function serverError(code: string): Error {
  return Object.assign(new Error("said the server"), { severity: "ERROR", code });
}

function socketError(code: string): Error {
  return Object.assign(new Error("said the network"), { code });
}

describe("an error", () => {
  it.each([
    [serverError("23514"), "23514", false, false],
    [serverError("40001"), "40001", false, true],
    [serverError("40P01"), "40P01", false, true],
    [serverError("08006"), "08006", true, false],
    [serverError("57P01"), "57P01", true, false],
    [serverError("57014"), "57014", false, false],
    [serverError("25P03"), "25P03", true, false],
    [socketError("EPIPE"), undefined, true, false],
    [new Error("Connection terminated unexpectedly"), undefined, true, false],
    [new TypeError("a bug"), undefined, false, false],
    [new MlsError("ERR_MLS_USAGE", "ours"), undefined, false, false],
  ])("%s has the state %s; connection lost: %s; to be tried again: %s", (error, state, lost, transient) => {
    expect(sqlState(error)).toBe(state);
    expect(isConnectionLost(error)).toBe(lost);
    expect(isTransient(error)).toBe(transient);
  });

  it("becomes ERR_MLS_STORAGE that says what a program can act on", () => {
    const refused = serverError("42501");
    expect(storageError(refused)).toMatchObject({
      code: "ERR_MLS_STORAGE",
      cause: refused,
      details: { sqlState: "42501" },
    });
    expect(storageError(socketError("ECONNREFUSED"))).toMatchObject({
      code: "ERR_MLS_STORAGE",
      message: "PostgreSQL cannot be reached: ECONNREFUSED",
      details: { connectionLost: true },
    });
    const own = new MlsError("ERR_MLS_STORAGE_CONFLICT", "ours");
    expect(storageError(own)).toBe(own);
    expect(storageError(undefined)).toMatchObject({ code: "ERR_MLS_STORAGE" });
  });
});
