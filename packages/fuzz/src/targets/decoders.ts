import { KeyPackageIn, MlsMessage, x509Credential } from "@openmls-ts/mls-core";
import { equalBytes } from "@openmls-ts/traits";
import type { Checker } from "../checker.ts";
import {
  commit,
  credential,
  decode,
  decodeGroupRecord,
  decodeMlsMessage,
  encode,
  encodeGroupRecord,
  encodeMlsMessage,
  extensions,
  groupContext,
  groupInfo,
  keyPackageStruct,
  leafNode,
  presentFormat,
  proposal,
  ratchetTree,
  unreadable,
  updatePath,
  welcome,
  withFormat,
} from "../core.ts";
import { Failure } from "../failure.ts";
import { minimise } from "../minimise.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { mutateValue } from "../mutate-value.ts";
import { people } from "../people.ts";
import type { Random } from "../random.ts";
import { samplesOf } from "../samples.ts";
import type { Attack, Target } from "../target.ts";

/** Reads bytes and writes what was read. */
export interface Coder {
  readonly name: string;
  readonly read: (bytes: Uint8Array) => unknown;
  readonly write: (value: never) => Uint8Array;
}

type AnyCodec = Parameters<typeof decode>[0];

function coder(name: string, codec: unknown): Coder {
  return {
    name,
    read: (bytes) => decode(codec as AnyCodec, bytes),
    write: (value) => encode(codec as AnyCodec, value),
  };
}

const CODERS: Readonly<Record<string, Coder>> = {
  message: { name: "MLSMessage", read: (bytes) => decodeMlsMessage(bytes), write: encodeMlsMessage },
  keyPackage: coder("KeyPackage", keyPackageStruct),
  welcome: coder("Welcome", welcome),
  groupInfo: coder("GroupInfo", groupInfo),
  tree: coder("ratchet_tree", ratchetTree),
  context: coder("GroupContext", groupContext),
  extensions: coder("extensions", extensions),
  proposal: coder("Proposal", proposal),
  commit: coder("Commit", commit),
  path: coder("UpdatePath", updatePath),
  leaf: coder("LeafNode", leafNode),
  credential: coder("Credential", credential),
  group: {
    name: "group record",
    // an older format is read too, and is never written again
    read: (bytes) => {
      if (bytes[0] !== presentFormat("group")) throw unreadable("group");
      return decodeGroupRecord(bytes);
    },
    write: (value) => withFormat(encodeGroupRecord(value), "group"),
  },
};

/** That whatever is read is written as it was (a second form of one thing would have two hashes). @throws Failure */
async function readAndWrite(
  checker: Checker,
  { name, read, write }: Coder,
  bytes: Uint8Array,
): Promise<void> {
  checker.input = bytes;
  const outcome = await checker.call(() => read(bytes));
  if (outcome.ok) {
    const again = await checker.must(`write a ${name} that was read`, () => write(outcome.value as never));
    if (!equalBytes(again, bytes)) {
      throw new Failure("encoding", `a ${name} was read and is written in another way`);
    }
  }
}

/** The same; what fails is made smaller. @throws Failure */
export async function tryCoder(checker: Checker, coder: Coder, bytes: Uint8Array): Promise<void> {
  const failure = await readAndWrite(checker, coder, bytes).catch((error: unknown) => error);
  if (!(failure instanceof Failure)) return;
  const failsAlike = async (fewer: Uint8Array): Promise<boolean> =>
    readAndWrite(checker, coder, fewer).then(
      () => false,
      (error: unknown) => error instanceof Failure && error.kind === failure.kind,
    );
  const cheap = failure.kind === "encoding" || failure.kind === "outcome";
  checker.input = cheap ? await minimise(bytes, failsAlike) : bytes;
  throw failure;
}

/** Bytes of a changed value, or changed bytes. */
function mutant(
  random: Random,
  { read, write }: Coder,
  sample: Uint8Array,
  corpus: readonly Uint8Array[],
): Uint8Array {
  if (random.once(2)) {
    try {
      return write(mutateValue(random, read(sample)) as never);
    } catch {
      // not a value that can be written
    }
  }
  return mutateBytes(random, sample, corpus);
}

/** The commits in messages in the clear. */
function commitsIn(messages: readonly Uint8Array[]): Uint8Array[] {
  return messages.flatMap((bytes) => {
    const message = decodeMlsMessage(bytes);
    const content = "publicMessage" in message ? message.publicMessage.content : undefined;
    return content !== undefined && "commit" in content ? [encode(commit, content.commit)] : [];
  });
}

/** Every decoder on its own. */
export const decoders: Target = {
  name: "decoders",
  length: 5000,
  open: async (random, checker): Promise<Attack> => {
    const world = await people(random);
    const samples = await samplesOf(world);
    const group = world.bob.storage.entries().find(({ key }) => key.table === "group")!.value;
    const context = encode(groupContext, world.bob.group.groupContext);
    const pairs: (readonly [Coder, Uint8Array])[] = [
      ...[...samples.messages, samples.keyPackage, samples.welcome, samples.groupInfo].map(
        (bytes) => [CODERS["message"]!, bytes] as const,
      ),
      [CODERS["keyPackage"]!, samples.keyPackage.subarray(4)],
      [CODERS["welcome"]!, samples.welcome.subarray(4)],
      [CODERS["groupInfo"]!, samples.groupInfo.subarray(4)],
      [CODERS["tree"]!, samples.tree],
      [CODERS["context"]!, context],
      [CODERS["extensions"]!, Uint8Array.of(5, 0, 1, 2, 7, 7)],
      [CODERS["leaf"]!, encode(leafNode, world.bob.group.ownLeafNode)],
      [CODERS["credential"]!, encode(credential, x509Credential([random.bytes(9), random.bytes(70)]))],
      ...commitsIn(samples.messages).flatMap((bytes) => [
        [CODERS["commit"]!, bytes] as const,
        [CODERS["path"]!, encode(updatePath, decode(commit, bytes).path!)] as const,
      ]),
      ...samples.proposals.map((bytes) => [CODERS["proposal"]!, bytes] as const),
      [CODERS["group"]!, group],
    ];
    const corpus = pairs.map(([, bytes]) => bytes);
    return async () => {
      const [target, sample] = random.pick(pairs);
      const bytes = random.once(20) ? random.bytes(random.int(400)) : mutant(random, target, sample, corpus);
      await tryCoder(checker, target, bytes);
      return false;
    };
  },
};

/** The doors for messages that need no group. */
export const reading: Target = {
  name: "read",
  length: 2000,
  open: async (random, checker): Promise<Attack> => {
    const world = await people(random);
    const samples = await samplesOf(world);
    const corpus = [...samples.messages, samples.keyPackage, samples.welcome, samples.groupInfo];
    const provider = (await world.newcomer("frank")).provider;
    return async () => {
      const bytes = mutant(random, CODERS["message"]!, random.pick(corpus), corpus);
      checker.input = bytes;
      await checker.call(() => MlsMessage.read(bytes));
      await checker.call(async () => KeyPackageIn.fromMessage(bytes).validate(provider));
      return false;
    };
  },
};
