// What each rule id means, in one sentence. `rules.ts` makes docs/rules.md of it.
import { rfcRules } from "./rules-text/rfc.ts";
import { draftRules } from "./rules-text/draft.ts";
import { trapRules } from "./rules-text/trap.ts";
import { valnRules } from "./rules-text/valn.ts";

/** Why no code refuses under an id. A word that stands alone, or `later: why`. */
const notes: Readonly<Record<string, string>> = {
  app: "the application decides",
  code: "refused under an error code, without a rule",
  crypto: "checked by the crypto providers",
  made: "so by construction, nothing to refuse",
  parts: "refused under the rules it is made of",
};

/** One rule of the catalogue. */
export interface RuleText {
  readonly id: string;
  /** Sections of RFC 9420, separated by commas; empty if the RFC has none. */
  readonly sections: string;
  readonly sentence: string;
  /** Why no code names the id; undefined if code must. */
  readonly unchecked: string | undefined;
}

/**
 * Reads lines `id | sections, or - | sentence` and, for an id that no code names, ` | note`: `app`, `code`, `crypto`,
 * `made`, `parts`, or `later: why`.
 * @throws Error naming the line that is not so, or the id that is there twice
 */
export function parseRules(text: string): RuleText[] {
  const ids = new Set<string>();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [id = "", sections = "", sentence = "", note, ...rest] = line.split(" | ");
      const later = /^later: (\S.*)$/.exec(note ?? "")?.[1];
      const unchecked = later === undefined ? notes[note ?? ""] : `no check yet: ${later}`;
      const misread = rest.length > 0 || (note !== undefined && unchecked === undefined);
      if (
        misread ||
        !/^\S+$/.test(id) ||
        !/^(?:-|[\d., ]+)$/.test(sections) ||
        !/^[A-Z].*\.$/.test(sentence)
      ) {
        throw new Error(`not a rule: ${line}`);
      }
      if (ids.has(id)) throw new Error(`twice in the rules: ${id}`);
      ids.add(id);
      return { id, sections: sections === "-" ? "" : sections, sentence, unchecked };
    });
}

/** All rules. A package with rules of its own adds a file here. */
export const ruleTexts = (): RuleText[] => parseRules(valnRules + rfcRules + trapRules + draftRules);
