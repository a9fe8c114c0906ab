import { afterEach, describe, expect, it, vi } from "vitest";
import { requestPersistence } from "./index.ts";
import { failureOf } from "./testing/failures.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

function browser(storage: unknown): void {
  vi.stubGlobal("navigator", { storage });
}

describe("requestPersistence", () => {
  const estimate = async (): Promise<StorageEstimate> => ({ usage: 1, quota: 2 });

  it("asks once, and tells what the browser answers", async () => {
    const persist = vi.fn(async () => true);
    browser({ persist, persisted: async () => false, estimate });
    expect(await requestPersistence()).toEqual({ persisted: true, usage: 1, quota: 2 });
    browser({ persist, persisted: async () => true, estimate });
    expect(await requestPersistence()).toMatchObject({ persisted: true });
    expect(persist).toHaveBeenCalledTimes(1);
  });

  it("tells what is where nothing can be asked", async () => {
    browser({ persisted: async () => false, estimate });
    expect(await requestPersistence()).toEqual({ persisted: false, usage: 1, quota: 2 });
  });

  it("needs a storage manager that works", async () => {
    browser(undefined);
    expect((await failureOf(requestPersistence())).code).toBe("ERR_MLS_UNSUPPORTED_RUNTIME");
    browser({ persisted: async () => Promise.reject(new DOMException("no", "SecurityError")) });
    expect(await failureOf(requestPersistence())).toEqual({ code: "ERR_MLS_STORAGE", reason: "denied" });
  });
});
