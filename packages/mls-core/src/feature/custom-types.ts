import type { CredentialEntry, Feature, FeatureExtension } from "./feature.ts";

/** A feature of one extension type that only the application reads. Default: wherever extensions may stand. */
export function customExtension(
  type: number,
  options: Partial<Omit<FeatureExtension, "type">> = {},
): Feature {
  return {
    name: `custom extension ${type}`,
    extensions: [{ places: ["keyPackage", "leafNode", "groupContext", "groupInfo"], ...options, type }],
  };
}

/** A feature of one credential type, whose content the application's validator judges unless `validate` is given. */
export function customCredentials(type: number, options: Omit<CredentialEntry, "type"> = {}): Feature {
  return { name: `custom credential ${type}`, credentials: [{ ...options, type }] };
}
