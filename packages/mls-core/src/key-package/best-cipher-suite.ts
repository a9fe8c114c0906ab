import { badArgument, listArgument, MlsError, type MlsProvider, numberArgument } from "@openmls-ts/traits";
import { bundleOf } from "../feature/index.ts";
import { KeyPackage } from "./key-package.ts";

/**
 * The cipher suite for a group that begins with these members: the first of a preference that the crypto provider has and
 * every leaf lists (RFC 9420 §11). Ask the members for KeyPackages of that suite then.
 * @param keyPackages one of each member to be, of any suite
 * @param preferred code points, the best first. Default: those of the crypto provider, in its order
 * @throws MlsError `ERR_MLS_UNSUPPORTED_CIPHER_SUITE` rule rfc73 when there is none, `ERR_MLS_USAGE`
 */
export async function bestCipherSuite(
  provider: MlsProvider,
  keyPackages: readonly KeyPackage[],
  preferred?: readonly number[],
): Promise<number> {
  const lists = listArgument("keyPackages", keyPackages).map((keyPackage, at) => {
    if (!(keyPackage instanceof KeyPackage)) {
      throw badArgument(`keyPackages[${at}]`, keyPackage, "KeyPackage");
    }
    return new Set(keyPackage.fields.leafNode.capabilities.cipherSuites);
  });
  const own = await bundleOf(provider).provider.crypto.supportedCipherSuites();
  const order = listArgument("preferred", preferred ?? own);
  order.forEach((suite, at) => numberArgument(`preferred[${at}]`, suite, 0, 0xffff));
  const possible = new Set(own);
  const best = order.find((suite) => possible.has(suite) && lists.every((list) => list.has(suite)));
  if (best === undefined) {
    throw new MlsError("ERR_MLS_UNSUPPORTED_CIPHER_SUITE", "no cipher suite that all members have", {
      rule: "rfc73",
    });
  }
  return best;
}
