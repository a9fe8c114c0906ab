import {
  badArgument,
  functionArgument,
  isMlsError,
  numberArgument,
  optionsArgument,
} from "@openmls-ts/traits";

/** A group that can take over what somebody else wrote: `MlsGroup` and `PublicGroup`. */
export interface ReloadableGroup {
  reload(): Promise<void>;
}

/** How often {@link retrying} tries. */
export interface RetryingOptions {
  /** From 1; default 100. Each conflict means that another writer got on, so few are needed. */
  readonly attempts?: number | undefined;
}

/**
 * Carries out an operation on a group that other objects, processes or tabs use too. When one of them wrote first, nothing
 * was written and nothing was sent: the group is reloaded and the operation carried out again, on the group as it is now.
 * What the operation does beside the group happens again as well, so it should do nothing but one call on the group, such
 * as `createMessage`; whether to do it at all is to be looked at inside of it.
 * @returns what the operation returns
 * @throws MlsError `ERR_MLS_STORAGE_CONFLICT` after the last attempt; `ERR_MLS_GROUP_NOT_FOUND` when the group was deleted
 *   meanwhile; `ERR_MLS_USAGE`; and what the operation throws
 */
export async function retrying<G extends ReloadableGroup, T>(
  group: G,
  operation: (group: G) => Promise<T>,
  options: RetryingOptions = {},
): Promise<T> {
  if (typeof (group as { readonly reload?: unknown } | undefined)?.reload !== "function") {
    throw badArgument("group", group, "group");
  }
  functionArgument("operation", operation);
  const { attempts = 100 } = optionsArgument("options", options, ["attempts"]);
  numberArgument("options.attempts", attempts, 1);
  for (let attempt = 1; ; attempt++) {
    try {
      if (attempt > 1) {
        // While others keep writing, this may meet a conflict as well.
        await group.reload();
      }
      return await operation(group);
    } catch (error) {
      if (!isMlsError(error, "ERR_MLS_STORAGE_CONFLICT") || attempt === attempts) {
        throw error;
      }
    }
  }
}
