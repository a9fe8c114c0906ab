import { describe, expect, it } from "vitest";
import { ProgressLine } from "./progress-line.ts";
import { ProgressReporter } from "./progress-reporter.ts";

function screen(isTTY: boolean | undefined, columns?: number) {
  const written: string[] = [];
  return { written, isTTY, columns, write: (text: string) => written.push(text) };
}

describe("a progress line", () => {
  it("replaces itself on a terminal, and goes for other output", () => {
    const terminal = screen(true);
    let time = 0;
    const line = new ProgressLine(terminal, () => (time += 1000));
    line.showShare(1, 3, "crypto-node");
    line.showShare(2, 3, "crypto-node");
    line.clear();
    line.clear();
    expect(terminal.written).toEqual([
      "\r1/3 crypto-node\u001b[K",
      "\r2/3 crypto-node\u001b[K",
      "\r\u001b[K",
    ]);
  });

  it.each([false, undefined])("writes nothing where isTTY is %s", (isTTY) => {
    const pipe = screen(isTTY);
    const line = new ProgressLine(pipe);
    line.show("1/3");
    line.clear();
    expect(pipe.written).toEqual([]);
  });

  it("stays within one line, and is drawn ten times a second at most", () => {
    const terminal = screen(true, 10);
    let time = 0;
    const line = new ProgressLine(terminal, () => time);
    for (; time < 1000; time += 10) line.show(`at ${time}\nand a long text`);
    expect(terminal.written).toHaveLength(10);
    expect(terminal.written[9]).toBe("\rat 900 an\u001b[K");
    line.clear();
    Object.assign(terminal, { columns: 0 });
    line.show("again");
    expect(terminal.written.at(-1)).toBe("\ragain\u001b[K");
  });
});

describe("the progress of tests", () => {
  it("counts the files that are done, and goes at the end", () => {
    const terminal = screen(true);
    let time = 0;
    const reporter = new ProgressReporter(new ProgressLine(terminal, () => (time += 1000)));
    reporter.onTestRunStart([{}, {}]);
    reporter.onTestModuleEnd({ relativeModuleId: "a.test.ts" });
    reporter.onTestModuleEnd({ relativeModuleId: "b.test.ts" });
    reporter.onTestRunEnd();
    expect(terminal.written).toEqual(["\r1/2 a.test.ts\u001b[K", "\r2/2 b.test.ts\u001b[K", "\r\u001b[K"]);
  });
});
