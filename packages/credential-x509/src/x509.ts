/*
 * The only door to @peculiar/x509. What that is built on looks for a polyfill of the Reflect metadata API when it loads, so
 * the polyfill stands in front, and this file is named in `sideEffects` of package.json: bundlers must keep the order.
 */
import "reflect-metadata";

export {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsagesExtension,
  type PublicKey,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from "@peculiar/x509";
