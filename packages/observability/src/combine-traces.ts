import type { Trace } from "@openmls-ts/traits";

/** One trace that tells several, in their order; what one of them throws does not keep the event from the next. */
export function combineTraces(...traces: readonly Trace[]): Trace {
  return (event) => {
    const failures: unknown[] = [];
    for (const trace of traces) {
      try {
        trace(event);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) {
      throw failures[0];
    }
  };
}
