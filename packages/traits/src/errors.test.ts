import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { isMlsError, MlsError, violation } from "./errors.ts";
import { Secret } from "./secret.ts";

const full = violation("valn1408", "unmerged leaf 3 is blank", {
  details: { leafIndex: 3, epoch: 1n << 63n, references: [Uint8Array.of(0xab)], absent: undefined },
  cause: new MlsError("ERR_MLS_STORAGE", "gone", { cause: new RangeError("disk") }),
});

describe("an MlsError", () => {
  it("says its code as text", () => {
    expect(String(full)).toBe("MlsError [ERR_MLS_VALIDATION]: unmerged leaf 3 is blank");
    expect(full.name).toBe("MlsError");
  });

  it("leads from a rule to its explanation, and from a code without one", () => {
    expect(full.docs).toBe("docs/rules.md#valn1408");
    expect(new MlsError("ERR_MLS_USAGE", "no").docs).toBe("docs/errors.md#err_mls_usage");
  });

  it("is plain data as JSON", () => {
    expect(JSON.parse(JSON.stringify(full))).toEqual({
      name: "MlsError",
      code: "ERR_MLS_VALIDATION",
      message: "unmerged leaf 3 is blank",
      rule: "valn1408",
      details: { leafIndex: 3, epoch: "9223372036854775808", references: ["ab"] },
      cause: { name: "MlsError", code: "ERR_MLS_STORAGE", message: "gone", cause: "RangeError: disk" },
    });
  });

  it("shows no secret that hides itself", () => {
    const secret = new Secret(Uint8Array.of(0xab, 0xcd));
    const error = new MlsError("ERR_MLS_INTERNAL", "oops", { details: { secret } });
    expect(error.toJSON().details).toEqual({ secret: "[Secret]" });
  });

  it("goes through postMessage as its JSON", () => {
    const restored = MlsError.from(structuredClone(full.toJSON()));
    expect(restored).toBeInstanceOf(MlsError);
    expect(restored.toJSON()).toEqual(full.toJSON());
    expect(restored.docs).toBe(full.docs);
    expect(isMlsError(restored.cause, "ERR_MLS_STORAGE")).toBe(true);
  });

  it("of another copy of the package or another realm is one too", () => {
    const code = `Object.assign(new Error("held"), { name: "MlsError", code: "ERR_MLS_PENDING_COMMIT" })`;
    const foreign: unknown = runInNewContext(code);
    expect(foreign).not.toBeInstanceOf(Error);
    expect(isMlsError(foreign, "ERR_MLS_PENDING_COMMIT")).toBe(true);
    expect(isMlsError(foreign, "ERR_MLS_USAGE")).toBe(false);
    const own = MlsError.from(foreign);
    expect(own).toBeInstanceOf(MlsError);
    expect(own).toMatchObject({ code: "ERR_MLS_PENDING_COMMIT", message: "held", rule: undefined });
    expect(MlsError.from(own)).toBe(own);
  });

  it.each([new TypeError("x"), undefined, null, "ERR_MLS_USAGE", {}, { name: "MlsError" }])(
    "is not made of %o",
    (value) => {
      expect(isMlsError(value)).toBe(false);
      expect(() => MlsError.from(value)).toThrow(expect.objectContaining({ code: "ERR_MLS_USAGE" }) as Error);
    },
  );

  it("is not its own JSON", () => {
    expect(isMlsError(full.toJSON())).toBe(false);
  });
});
