import { nodeCrypto } from "@openmls-ts/crypto-node";
import { type MlsErrorCode, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import {
  compareReports,
  decodeEpochReport,
  encodeEpochReport,
  type EpochReport,
  epochReport,
  partitionMembers,
} from "./index.ts";
import { person, together } from "./testing/people.ts";

const code = (value: MlsErrorCode): Error =>
  expect.objectContaining({ name: "MlsError", code: value }) as Error;
const at = (epoch: bigint, state = "a", group = "g"): EpochReport => ({
  groupId: utf8(group),
  epoch,
  confirmedTranscriptHash: utf8(`transcript ${state}`),
  epochAuthenticator: utf8(`authenticator ${state}`),
});

describe("a report", () => {
  it("of the epoch that a commit would begin is that of the group once it is merged", async () => {
    const crypto = nodeCrypto();
    const [alice, bob] = [await person("alice", crypto), await person("bob", crypto)];
    const groupId = await together([alice, bob]);
    const a = await alice.group(groupId);
    const { commit } = await a.selfUpdate(alice.signer);
    const pending = epochReport(a.pendingEpoch!);
    const b = await bob.group(groupId);
    const processed = await b.processMessage(commit);
    if (processed.kind !== "commit") throw new Error(processed.kind);
    const staged = epochReport(processed.stagedCommit.nextEpoch!);
    expect(staged).toEqual(pending);
    const before = epochReport(b);
    await b.mergeStagedCommit(processed.stagedCommit);
    expect(epochReport(await bob.group(groupId))).toEqual(staged);
    expect(compareReports([before, staged], epochReport(a))).toBe("behind");
    await a.mergePendingCommit();
    expect(compareReports([before, staged], epochReport(a))).toBe("same");
  });

  it("travels as bytes, read in one way", () => {
    const bytes = encodeEpochReport(at(7n));
    expect(decodeEpochReport(bytes)).toEqual(at(7n));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeEpochReport(bytes.subarray(0, length))).toThrow(code("ERR_MLS_DECODE"));
    }
    expect(() => decodeEpochReport(Uint8Array.of(...bytes, 0))).toThrow(code("ERR_MLS_DECODE"));
    expect(() => decodeEpochReport(Uint8Array.of(2, ...bytes.subarray(1)))).toThrow(
      code("ERR_MLS_UNSUPPORTED_VERSION"),
    );
    expect(() => decodeEpochReport("AQ" as never)).toThrow(code("ERR_MLS_USAGE"));
    const huge = { ...at(1n), groupId: new Uint8Array(1025) };
    expect(() => encodeEpochReport(huge)).toThrow(code("ERR_MLS_ENCODE"));
  });

  it("is compared with what this member knows", () => {
    const own = [at(5n), at(4n), at(3n)];
    expect(compareReports(own, at(5n))).toBe("same");
    expect(compareReports(own, at(3n))).toBe("behind");
    expect(compareReports(own, at(6n))).toBe("ahead");
    expect(compareReports(own, at(5n, "b"))).toBe("forked");
    expect(compareReports(own, at(4n, "b"))).toBe("forked");
    expect(compareReports(own, at(2n))).toBe("unknown");
    expect(compareReports(own, at(5n, "a", "other"))).toBe("unknown");
    expect(compareReports([], at(5n))).toBe("unknown");
    for (const part of ["confirmedTranscriptHash", "epochAuthenticator"] as const) {
      expect(compareReports(own, { ...at(5n), [part]: utf8("other") })).toBe("forked");
    }
  });

  it("sorts members, in any order", () => {
    const reports = new Map([
      [9, at(5n)],
      [1, at(5n)],
      [3, at(5n, "b")],
      [2, at(4n)],
      [4, at(8n)],
      [5, at(1n)],
    ]);
    const expected = { same: [1, 9], behind: [2], ahead: [4], forked: [3], unknown: [5] };
    expect(partitionMembers([at(4n), at(5n)], reports)).toEqual(expected);
  });
});
