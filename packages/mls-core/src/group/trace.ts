import { isMlsError, type MlsProvider } from "@openmls-ts/traits";

/** A group, as far as a trace tells of it. */
interface Traceable {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
}

/** Milliseconds since some moment. */
function milliseconds(): number {
  const { performance = Date } = globalThis as { readonly performance?: { now(): number } };
  return performance.now();
}

/**
 * Does some work, and tells the application's trace how it went.
 * @param about the group: known before, or from what the work gives
 */
export async function traced<T>(
  provider: MlsProvider,
  operation: string,
  work: () => Promise<T>,
  about: (result: T | undefined) => Traceable | undefined,
): Promise<T> {
  if (provider.trace === undefined) {
    return work();
  }
  const start = milliseconds();
  const tell = (error: unknown, failed: boolean, result?: T): void => {
    const duration = milliseconds() - start;
    const { groupId, epoch } = about(result) ?? {};
    const known = failed && isMlsError(error) ? error : undefined;
    const outcome = failed ? (known?.code ?? "error") : "ok";
    // what the hook throws is its own affair, at once or in a promise
    void (async () =>
      provider.trace?.({ operation, groupId, epoch, duration, outcome, rule: known?.rule }))().catch(
      () => undefined,
    );
  };
  try {
    const result = await work();
    tell(undefined, false, result);
    return result;
  } catch (error) {
    tell(error, true);
    throw error;
  }
}

/** Calls on a group that a trace hears of, beside commits. */
const CALLS =
  "branch clearPendingCommit clearPendingProposals close createMessage delete deletePastEpochs exportGroupInfo mergeCommit mergePendingCommit " +
  "mergeStagedCommit processMessage propose queueProposal reinitialize reload removePendingProposal restorePendingProposal " +
  "resumptionPsk setConfig storePendingProposal use validateKeyPackageForAdd";

/** Has a trace, if there is one, hear of the calls on a group. */
export function traceCalls<G extends Traceable>(group: G, provider: MlsProvider): G {
  if (provider.trace !== undefined) {
    const calls = group as unknown as Record<string, ((...args: unknown[]) => Promise<unknown>) | undefined>;
    for (const name of CALLS.split(" ")) {
      const method = calls[name];
      if (method !== undefined) {
        const value = async (...args: unknown[]): Promise<unknown> =>
          traced(
            provider,
            name,
            async () => method.apply(group, args),
            () => group,
          );
        Object.defineProperty(group, name, { value, configurable: true });
      }
    }
  }
  return group;
}
