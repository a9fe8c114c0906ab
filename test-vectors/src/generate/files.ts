import { messageProtectionCases, transcriptHashesCases } from "./framing.ts";
import { linkedGroupCases } from "./linked.ts";
import { messagesCases, welcomeCases } from "./messages.ts";
import { passiveCommitCases, passiveHistoryCases, passiveWelcomeCases } from "./passive.ts";
import { cryptoBasicsCases, keyScheduleCases, pskSecretCases, secretTreeCases } from "./primitives.ts";
import type { GeneratedFile } from "./source.ts";
import { treeKemCases, treeOperationsCases, treeValidationCases } from "./trees.ts";

function file(name: string, format: string, cases: GeneratedFile["cases"]): GeneratedFile {
  return { file: `generated/${name}.json`, format, cases };
}

/** Everything that is generated. */
export const generatedFiles: readonly GeneratedFile[] = [
  file("crypto-basics", "crypto-basics", cryptoBasicsCases),
  file("key-schedule", "key-schedule", keyScheduleCases),
  file("psk_secret", "psk-secret", pskSecretCases),
  file("secret-tree", "secret-tree", secretTreeCases),
  file("transcript-hashes", "transcript-hashes", transcriptHashesCases),
  file("message-protection", "message-protection", messageProtectionCases),
  file("messages", "messages", messagesCases),
  file("tree-operations", "tree-operations", treeOperationsCases),
  file("tree-validation", "tree-validation", treeValidationCases),
  file("treekem", "treekem", treeKemCases),
  file("welcome", "welcome", welcomeCases),
  file("passive-client-welcome", "passive-client", passiveWelcomeCases),
  file("passive-client-handling-commit", "passive-client", passiveCommitCases),
  file("passive-client-histories", "passive-client", passiveHistoryCases),
  file("passive-client-linked-groups", "passive-client", linkedGroupCases),
];
