import { MlsError } from "@openmls-ts/traits";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ClaimFailed, Transcript } from "./transcript.ts";

describe("a transcript", () => {
  const transcript = new Transcript();

  beforeEach(() => {
    vi.spyOn(console, "log").mockImplementation(() => undefined);
  });

  it("counts the claims that hold, and stops at one that does not", () => {
    transcript.claim("water is wet", true);
    expect(transcript.claims).toBe(1);
    expect(() => transcript.claim("the moon is a cheese", false)).toThrow(ClaimFailed);
    expect(transcript.claims).toBe(1);
  });

  it("wants an attempt to fail, and with that code", async () => {
    const wrongEpoch = async (): Promise<never> =>
      Promise.reject(new MlsError("ERR_MLS_WRONG_EPOCH", "too late"));
    await expect(transcript.claimFails("fails:", "ERR_MLS_WRONG_EPOCH", wrongEpoch)).resolves.toBeUndefined();
    await expect(transcript.claimFails("fails:", "ERR_MLS_DECRYPTION", wrongEpoch)).rejects.toThrow(
      ClaimFailed,
    );
    await expect(transcript.claimFails("fails:", "ERR_MLS_DECRYPTION", async () => true)).rejects.toThrow(
      ClaimFailed,
    );
  });
});
