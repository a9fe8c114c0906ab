/**
 * The application's answer to a question of yes or no. Anything but `true` or `{ allowed: true }` refuses, a rejection of
 * its promise included; the reason goes into the error, and the id of a rule in place of the general one.
 */
export type Verdict =
  | boolean
  | {
      readonly allowed: boolean;
      readonly reason?: string;
      /** The id of the rule that was violated, as in `MlsError.rule`. */
      readonly rule?: string;
    };

/**
 * Reads a {@link Verdict}, whatever the application really answered.
 * @returns `undefined` for yes, else the reason for no, empty where there is none
 */
export function refusalOf(verdict: unknown): string | undefined {
  const { allowed, reason } = (verdict ?? {}) as { readonly allowed?: unknown; readonly reason?: unknown };
  return verdict === true || allowed === true ? undefined : typeof reason === "string" ? reason : "";
}

/** The rule that a refusal names; `undefined` where it names none. */
export function ruleOf(verdict: unknown): string | undefined {
  const { rule } = (verdict ?? {}) as { readonly rule?: unknown };
  return typeof rule === "string" ? rule : undefined;
}
