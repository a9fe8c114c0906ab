/**
 * Operations on MLS groups on Node.js's `diagnostics_channel`.
 * @module
 */
import { channel } from "node:diagnostics_channel";
import type { Trace } from "@openmls-ts/traits";

/** The channel that {@link diagnosticsTrace} publishes on unless told otherwise. Its messages are `TraceEvent`s. */
export const OPERATION_CHANNEL = "openmls-ts:operation";

/**
 * A trace that publishes each operation on a channel, where monitoring agents and your own code subscribe. Costs next to
 * nothing while nobody does.
 */
export function diagnosticsTrace(name: string = OPERATION_CHANNEL): Trace {
  const operations = channel(name);
  return (event) => {
    if (operations.hasSubscribers) {
      operations.publish(event);
    }
  };
}
