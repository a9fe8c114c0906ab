import { extensions, keyPackage, leafNode } from "./nodes.ts";
import type { Describer } from "./describer.ts";
import { PROPOSAL_OR_REF, PROPOSALS, PSK_TYPES, SUITES, USAGES, VERSIONS } from "./names.ts";
import { textOrHex } from "./text.ts";

export function groupContext(d: Describer, name = "group_context"): void {
  d.struct(
    name,
    "GroupContext",
    () => {
      d.number("version", 2, VERSIONS);
      d.number("cipher_suite", 2, SUITES);
      d.opaque("group_id", { show: textOrHex });
      d.uint64("epoch");
      d.opaque("tree_hash", { section: "7.8" });
      d.opaque("confirmed_transcript_hash", { section: "8.2" });
      extensions(d);
    },
    { section: "8.1" },
  );
}

export function preSharedKeyId(d: Describer, name: string): void {
  d.struct(
    name,
    "PreSharedKeyID",
    () => {
      const type = d.number("psktype", 1, PSK_TYPES);
      if (type === 1) {
        d.opaque("psk_id", { show: textOrHex });
      } else if (type === 2) {
        d.number("usage", 1, USAGES);
        d.opaque("psk_group_id", { show: textOrHex });
        d.uint64("psk_epoch");
      } else {
        d.complain("where a PSK of this type ends only its feature knows");
      }
      d.opaque("psk_nonce");
    },
    { section: "8.4" },
  );
}

const BODIES: Readonly<Record<number, (d: Describer) => void>> = {
  1: (d) => d.struct("add", "Add", () => keyPackage(d), { section: "12.1.1" }),
  2: (d) => d.struct("update", "Update", () => leafNode(d), { section: "12.1.2" }),
  3: (d) => {
    d.struct("remove", "Remove", () => d.number("removed", 4, undefined, { note: "leaf index" }), {
      section: "12.1.3",
    });
  },
  4: (d) => d.struct("psk", "PreSharedKey", () => preSharedKeyId(d, "psk"), { section: "12.1.4" }),
  5: (d) => {
    d.struct(
      "reinit",
      "ReInit",
      () => {
        d.opaque("group_id", { show: textOrHex });
        d.number("version", 2, VERSIONS);
        d.number("cipher_suite", 2, SUITES);
        extensions(d);
      },
      { section: "12.1.5" },
    );
  },
  6: (d) => d.struct("external_init", "ExternalInit", () => d.opaque("kem_output"), { section: "12.1.6" }),
  7: (d) => {
    d.struct("group_context_extensions", "GroupContextExtensions", () => extensions(d), {
      section: "12.1.7",
    });
  },
  10: (d) => d.struct("self_remove", "SelfRemove", () => undefined),
};

export function proposal(d: Describer, name = "proposal"): void {
  d.struct(
    name,
    "Proposal",
    () => {
      const type = d.number("proposal_type", 2, PROPOSALS);
      const body = BODIES[type];
      if (body === undefined) d.complain("where a proposal of this type ends only its feature knows");
      body(d);
    },
    { section: "12.1" },
  );
}

function ciphertext(d: Describer, name: string): void {
  d.struct(name, "HPKECiphertext", () => {
    d.opaque("kem_output");
    d.opaque("ciphertext");
  });
}

export function updatePath(d: Describer, name = "path"): void {
  d.struct(
    name,
    "UpdatePath",
    () => {
      leafNode(d);
      d.vector("nodes", "UpdatePathNode", (index) => {
        d.struct(`[${index}]`, "UpdatePathNode", () => {
          d.opaque("encryption_key", { note: "HPKE public key" });
          d.vector("encrypted_path_secret", "HPKECiphertext", (at) => ciphertext(d, `[${at}]`));
        });
      });
    },
    { section: "7.6" },
  );
}

export function commit(d: Describer, name = "commit"): void {
  d.struct(
    name,
    "Commit",
    () => {
      d.vector("proposals", "ProposalOrRef", (index) => {
        d.struct(`[${index}]`, "ProposalOrRef", () => {
          const type = d.number("type", 1, PROPOSAL_OR_REF);
          if (type === 1) proposal(d);
          else if (type === 2) d.opaque("reference", { section: "5.2" });
          else d.complain(`type ${type} selects nothing`);
        });
      });
      d.optional("path", "UpdatePath", () => updatePath(d));
    },
    { section: "12.4" },
  );
}

/** EncryptedGroupSecrets of a Welcome. */
export function encryptedGroupSecrets(d: Describer, name: string): void {
  d.struct(
    name,
    "EncryptedGroupSecrets",
    () => {
      d.opaque("new_member", { note: "KeyPackageRef" });
      ciphertext(d, "encrypted_group_secrets");
    },
    { section: "12.4.3.1" },
  );
}
