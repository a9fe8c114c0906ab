import type { PostgresClient, PostgresPool, PostgresResult } from "../pool.ts";

/** What a fake server does with a query: answers, or throws. */
export type Answer = (text: string) => PostgresResult | readonly PostgresResult[];

/** A pool without a server, and what happened to it. */
export interface FakePool extends PostgresPool {
  readonly queries: string[];
  /** One for each client that was given back: whether its connection was closed. */
  readonly released: boolean[];
  /** Listeners for `error` events that are still there. */
  listeners(): number;
}

/** @param answer of every client */
export function fakePool(answer: Answer): FakePool {
  const queries: string[] = [];
  const released: boolean[] = [];
  let listeners = 0;
  const connect = async (): Promise<PostgresClient> => ({
    query: async (text) => {
      queries.push(text);
      return answer(text);
    },
    on: () => listeners++,
    off: () => listeners--,
    release: (destroy = false) => {
      released.push(destroy);
    },
  });
  return { queries, released, listeners: () => listeners, connect, end: async () => undefined };
}
