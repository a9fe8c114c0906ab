// The page under test: hands orders on to where they are to be carried out.
import { carryOut, type Order, type Reply } from "../tasks/index.ts";

/** Where in a browser code can run. */
export type Realm = "page" | "worker" | "service worker";

/** What the page offers to whoever drives it. */
export interface PageUnderTest {
  inRealm(realm: Realm, order: Order): Promise<Reply>;
}

async function post(target: Pick<Worker, "postMessage">, order: Order): Promise<Reply> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = (event: MessageEvent<Reply>) => {
      resolve(event.data);
      port1.close();
    };
    target.postMessage(order, [port2]);
  });
}

async function inWorker(order: Order): Promise<Reply> {
  const worker = new Worker("/worker.js");
  try {
    return await Promise.race([
      post(worker, order),
      new Promise<Reply>((resolve) => {
        worker.onerror = (event) => resolve({ error: `the worker failed: ${event.message}` });
      }),
    ]);
  } finally {
    worker.terminate();
  }
}

async function inServiceWorker(order: Order): Promise<Reply> {
  await navigator.serviceWorker.register("/worker.js?service");
  const { active } = await navigator.serviceWorker.ready;
  return active === null ? { error: "no service worker" } : post(active, order);
}

const realms: Readonly<Record<Realm, (order: Order) => Promise<Reply>>> = {
  page: carryOut,
  worker: inWorker,
  "service worker": inServiceWorker,
};

const page: PageUnderTest = { inRealm: async (realm, order) => realms[realm](order) };
Object.assign(globalThis, { pageUnderTest: page });
