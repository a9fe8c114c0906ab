import { decode } from "../../../packages/mls-core/src/codec/index.ts";
import { authenticatedContent, keyPackageStruct } from "../../../packages/mls-core/src/wire/index.ts";
import { makeKeyPackageRef, makeProposalRef } from "../../../packages/mls-core/src/labels/index.ts";
import { ContentType } from "../../../packages/mls-core/src/registry.ts";
import { hex, same, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";

interface Reference {
  readonly input: string;
  readonly output: string;
}

/** KeyPackageRef of an encoded KeyPackage (RFC 9420 §5.2). */
export const keyPackageRef: VectorFormat<Reference> = {
  name: "key-package-ref",
  fileName: /key-package-ref/,
  keys: ["cipher_suite", "input", "output"],
  run: async ({ input, output }, { suite }) => {
    const bytes = hex(input);
    same("cipher suite of the KeyPackage", decode(keyPackageStruct, bytes).cipherSuite, suite.id);
    sameBytes("KeyPackageRef", makeKeyPackageRef(suite, bytes), output);
  },
};

/** ProposalRef of an encoded AuthenticatedContent (RFC 9420 §5.2). */
export const proposalRef: VectorFormat<Reference> = {
  name: "proposal-ref",
  fileName: /proposal-ref/,
  keys: ["cipher_suite", "input", "output"],
  run: async ({ input, output }, { suite }) => {
    const bytes = hex(input);
    same("content type", decode(authenticatedContent, bytes).content.contentType, ContentType.proposal);
    sameBytes("ProposalRef", makeProposalRef(suite, bytes), output);
  },
};
