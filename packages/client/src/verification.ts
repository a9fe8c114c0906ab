import { type CipherSuite, concatBytes, utf8 } from "@openmls-ts/traits";

/** What two people compare to know that they are in one and the same epoch. */
export interface VerificationCode {
  /** 30 digits in groups of five. */
  readonly digits: string;
  /** Six pictures. */
  readonly emoji: readonly string[];
}

// 64 that are told apart by name in every language.
const EMOJI =
  "🐶 🐱 🦁 🐴 🦄 🐷 🐘 🐰 🐼 🐓 🐧 🐢 🐟 🐙 🦋 🌷 🌳 🌵 🍄 🌍 🌙 ☁️ 🔥 🍌 🍎 🍓 🌽 🍕 🎂 ❤️ 😀 🤖 " +
  "🎩 👓 🔧 🎅 👍 ☂️ ⌛ ⏰ 🎁 💡 📕 ✏️ 📎 ✂️ 🔒 🔑 🔨 ☎️ 🏁 🚂 🚲 ✈️ 🚀 🏆 ⚽ 🎸 🎺 🔔 ⚓ 🎧 📁 📌";

/** @param authenticator the epoch authenticator (RFC 9420 §8.7) */
export function verificationCode(
  suite: CipherSuite,
  groupId: Uint8Array,
  epoch: bigint,
  authenticator: Uint8Array,
): VerificationCode {
  const hash = suite.hash(concatBytes(utf8(`verification code ${epoch} `), groupId, authenticator));
  const groups: string[] = [];
  for (let i = 0; i < 6; i++) {
    // 32 bits for five digits: the bias is below one in 40,000.
    const value = hash.slice(4 * i, 4 * i + 4).reduce((sum, octet) => sum * 256 + octet, 0);
    groups.push(String(value % 100_000).padStart(5, "0"));
  }
  const pictures = EMOJI.split(" ");
  const emoji = Array.from({ length: 6 }, (_, i) => pictures[hash[24 + i]! % 64]!);
  return { digits: groups.join(" "), emoji };
}
