import type { VectorFormat } from "../format.ts";
import { cryptoBasics } from "./crypto-basics.ts";
import { deserialization } from "./deserialization.ts";
import { keySchedule } from "./key-schedule.ts";
import { messageProtection } from "./message-protection.ts";
import { messages } from "./messages.ts";
import { passiveClient } from "./passive-client.ts";
import { pathSecret } from "./path-secret.ts";
import { pskSecrets } from "./psk-secret.ts";
import { keyPackageRef, proposalRef } from "./references.ts";
import { secretTree } from "./secret-tree.ts";
import { transcriptHashes } from "./transcript-hashes.ts";
import { treeMath } from "./tree-math.ts";
import { treeOperations } from "./tree-operations.ts";
import { treeValidation } from "./tree-validation.ts";
import { treeKem } from "./treekem.ts";
import { welcomes } from "./welcome.ts";

/** The formats of RFC 9420: their runners need no Node.js and run in a browser too. */
export const rfcFormats: readonly VectorFormat[] = [
  treeMath,
  cryptoBasics,
  deserialization,
  messages,
  keySchedule,
  pskSecrets,
  transcriptHashes,
  secretTree,
  messageProtection,
  treeOperations,
  treeValidation,
  treeKem,
  welcomes,
  keyPackageRef,
  proposalRef,
  pathSecret,
  passiveClient,
] as readonly VectorFormat[];
