import type { BrowserContext } from "playwright-core";
import type { PageUnderTest, Realm } from "../realm/page.ts";
import type { Order, TaskName, Tasks } from "../tasks/index.ts";

/** One tab of a browser, which carries out tasks. */
export interface Tab {
  run<N extends TaskName>(
    name: N,
    argument: Parameters<Tasks[N]>[0],
    realm?: Realm,
  ): Promise<Awaited<ReturnType<Tasks[N]>>>;
  reload(): Promise<void>;
  close(): Promise<void>;
}

export async function openTab(context: BrowserContext, origin: string): Promise<Tab> {
  const page = await context.newPage();
  await page.goto(`${origin}/page`);
  return {
    run: async (name, argument, realm = "page") => {
      const order: Order = { name, argument };
      const reply = await page.evaluate(
        async ([where, what]) =>
          (globalThis as unknown as { readonly pageUnderTest: PageUnderTest }).pageUnderTest.inRealm(
            where,
            what,
          ),
        [realm, order] as const,
      );
      if ("error" in reply) {
        throw new Error(`${name} in a ${realm}: ${reply.error}`);
      }
      return reply.value as never;
    },
    reload: async () => {
      await page.reload();
    },
    close: async () => page.close(),
  };
}
