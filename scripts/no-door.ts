const received = "in reading or verifying what came, before any group is touched";
const sure = "a slip of this library: no input leads there";
const pure = "in a function that has neither group nor store";

/**
 * Rules in code that no test provokes at a public door with a group or a store behind it, and where they refuse instead.
 * Their tests assert code and rule.
 */
export const NO_DOOR: Readonly<Record<string, string>> = {
  valn0601: "in the plan of a commit, which is a fork of the state",
  valn1305: received,
  valn1409: received,
  rfc04: pure,
  rfc24: sure,
  rfc25: sure,
  rfc26: sure,
  rfc37: sure,
  rfc53: received,
  rfc60: pure,
  rfc61: "exportSecret answers at once, and keeps nothing",
  rfc64: "after 2^32 - 1 messages of one sender",
  rfc73: "bestCipherSuite keeps nothing",
  rfc102: received,
  trap10: received,
  xa04: pure,
  xs04: "in the plan of a commit, which is a fork of the state",
  xm01: pure,
};
