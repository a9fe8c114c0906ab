import { expect, it } from "vitest";
import { blocksOf, run } from "./testing/program.ts";

/** The sample of a package's README in a scope of its own, with its imports above and a continuation. */
function sample(name: string, continuation: string): string {
  const [block = ""] = blocksOf(`../packages/${name}/README.md`);
  const lines = block.split("\n");
  const imports = lines.filter((line) => line.startsWith("import "));
  const body = lines.filter((line) => !line.startsWith("import "));
  return [...imports, "{", ...body, continuation, "}"].join("\n");
}

/** The guide as far as its three people are in a group. */
const blocks = blocksOf("guide.md");
const people = blocks
  .slice(0, blocks.findIndex((block) => block.includes("const charlies =")) + 1)
  .join("\n");

it("the sample of observability logs what a group does", () => {
  const { stdout, stderr } = run(`${people}
    const { storage } = alice.provider;
    ${sample("observability", `await MlsGroup.load(provider, alices.groupId);`)}`);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/\nmls load [0-9a-f]{8}@1 ok [\d.]+ ms \{\n {2}operation: 'load',\n/);
});

it("the sample of fork-resolution brings a group together", () => {
  const { stdout, stderr } = run(`${people}
    const [group, signer] = [alices, alice.signer];
    for (const [forked, who] of [[bobs, bob], [alices, alice]] as const) {
      const own = await forked.selfUpdate(who.signer);
      await forked.mergePendingCommit();
      if (forked === alices) await charlies.mergeStagedCommit((await charlies.processMessage(own.commit) as any).stagedCommit);
    }
    const reports = new Map([[1, epochReport(bobs)], [2, epochReport(charlies)]]);
    const fetchNewKeyPackages = async (members: readonly unknown[]) => (console.log(members.length), [await publish(bob)]);
    ${sample(
      "fork-resolution",
      `await charlies.mergeStagedCommit((await charlies.processMessage(commit) as any).stagedCommit);
       const { welcome } = await group.mergePendingCommit();
       await bobs.delete();
       const back = await (await StagedWelcome.fromWelcome(bob.provider, welcome!)).intoGroup();
       console.log(partitionMembers([epochReport(group)], [[1, epochReport(back)], [2, epochReport(charlies)]]).same.join());`,
    )}`);
  expect(stderr).toBe("");
  expect(stdout.trimEnd().split("\n").slice(-2)).toEqual(["1", "1,2"]);
});
