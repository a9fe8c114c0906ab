import { expect, it } from "vitest";
import { Refusals } from "./refusals.ts";

it("a refusal that changed something is found, whoever saw it: the call or the group inside", () => {
  const [fine, inGroup, inCall] = [{}, {}, {}];
  const refusals = new Refusals();
  refusals.judged(fine, true);
  refusals.refused(fine, "rfc01", "receive", "processMessage", true);
  refusals.refused(fine, "rfc01", "receive", "processMessage", true);
  expect(() => refusals.expectNothingChanged()).not.toThrow();
  refusals.judged(inGroup, false);
  refusals.refused(inGroup, "rfc02", "send", "build", true);
  refusals.refused(inCall, "rfc01", "receive", "processMessage", false);
  refusals.refused(fine, "rfc01", "receive", "processMessage", true);
  expect(() => refusals.expectNothingChanged()).toThrow("rfc01 in processMessage, rfc02 in build");
  expect(refusals.lines().map((line) => JSON.parse(line) as unknown)).toEqual([
    { rule: "rfc01", side: "receive", call: "processMessage", unchanged: false },
    { rule: "rfc02", side: "send", call: "build", unchanged: false },
  ]);
});

it("writes are counted for each store", () => {
  const [one, other] = [{}, {}];
  const refusals = new Refusals();
  refusals.written(one);
  refusals.written(one);
  expect([one, other, undefined].map((storage) => refusals.writesOf(storage))).toEqual([2, 0, 0]);
});
