/**
 * The application's answer to a question of yes or no. Anything but `true` or `{ allowed: true }` refuses, a rejection of
 * its promise included; the reason goes into the error.
 */
export type Verdict = boolean | { readonly allowed: boolean; readonly reason?: string };

/**
 * Reads a {@link Verdict}, whatever the application really answered.
 * @returns `undefined` for yes, else the reason for no, empty where there is none
 */
export function refusalOf(verdict: unknown): string | undefined {
  const { allowed, reason } = (verdict ?? {}) as { readonly allowed?: unknown; readonly reason?: unknown };
  return verdict === true || allowed === true ? undefined : typeof reason === "string" ? reason : "";
}
