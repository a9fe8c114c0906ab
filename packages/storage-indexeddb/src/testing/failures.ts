import { isMlsError, type MlsErrorCode } from "@openmls-ts/traits";

/** Code and reason of what a promise rejects with. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<{ readonly code: MlsErrorCode; readonly reason: unknown }> {
  try {
    await promise;
  } catch (error) {
    if (isMlsError(error)) {
      return { code: error.code, reason: error.details?.reason };
    }
    throw error;
  }
  throw new Error("it did not fail");
}
