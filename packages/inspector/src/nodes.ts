import type { Describer } from "./describer.ts";
import { CREDENTIALS, EXTENSIONS, LEAF_SOURCES, NODE_TYPES, PROPOSALS, SUITES, VERSIONS } from "./names.ts";
import { dateOf, textOrHex } from "./text.ts";

// In one file, as they hold one another: a tree has leaves, which have extensions, of which one is a tree.

const LEAF = { section: "7.2" } as const;

export function credential(d: Describer, name = "credential"): void {
  d.struct(
    name,
    "Credential",
    () => {
      const type = d.number("credential_type", 2, CREDENTIALS);
      if (type === 1) {
        d.opaque("identity", { show: textOrHex });
      } else if (type === 2) {
        d.vector("certificates", "Certificate", (index) => {
          d.opaque(`[${index}]`, { note: "X.509, DER" });
        });
      } else {
        d.opaque("content");
      }
    },
    { section: "5.3" },
  );
}

export function capabilities(d: Describer): void {
  const list = (name: string, type: string, names: Parameters<Describer["number"]>[2]): void => {
    d.vector(name, type, (index) => {
      d.number(`[${index}]`, 2, names);
    });
  };
  d.struct(
    "capabilities",
    "Capabilities",
    () => {
      list("versions", "ProtocolVersion", VERSIONS);
      list("cipher_suites", "CipherSuite", SUITES);
      list("extensions", "ExtensionType", EXTENSIONS);
      list("proposals", "ProposalType", PROPOSALS);
      list("credentials", "CredentialType", CREDENTIALS);
    },
    LEAF,
  );
}

export function leafNode(d: Describer, name = "leaf_node"): void {
  d.struct(
    name,
    "LeafNode",
    () => {
      d.opaque("encryption_key", { note: "HPKE public key" });
      d.opaque("signature_key", { note: "public key" });
      credential(d);
      capabilities(d);
      const source = d.number("leaf_node_source", 1, LEAF_SOURCES);
      if (source === 1) {
        d.struct("lifetime", "Lifetime", () => {
          d.uint64("not_before", dateOf);
          d.uint64("not_after", dateOf);
        });
      } else if (source === 3) {
        d.opaque("parent_hash", { section: "7.9" });
      } else if (source !== 2) {
        d.complain(`leaf_node_source ${source} selects nothing`);
      }
      extensions(d);
      d.opaque("signature", { note: 'SignWithLabel(., "LeafNodeTBS", LeafNodeTBS)' });
    },
    LEAF,
  );
}

export function keyPackage(d: Describer, name = "key_package"): void {
  d.struct(
    name,
    "KeyPackage",
    () => {
      d.number("version", 2, VERSIONS);
      d.number("cipher_suite", 2, SUITES);
      d.opaque("init_key", { note: "HPKE public key" });
      leafNode(d);
      extensions(d);
      d.opaque("signature", { note: 'SignWithLabel(., "KeyPackageTBS", KeyPackageTBS)' });
    },
    { section: "10" },
  );
}

/** Extension extensions<V>. */
export function extensions(d: Describer, name = "extensions"): void {
  d.vector(
    name,
    "Extension",
    (index) => {
      d.struct(`[${index}]`, "Extension", () => {
        const type = d.number("extension_type", 2, EXTENSIONS);
        const known = CONTENTS[type];
        if (known === undefined) d.opaque("extension_data");
        else known(d);
      });
    },
    { section: "13.4" },
  );
}

const CONTENTS: Readonly<Record<number, (d: Describer) => void>> = {
  1: (d) => {
    d.inside("extension_data", "ApplicationId", () => d.opaque("application_id", { show: textOrHex }), {
      section: "5.3.3",
    });
  },
  2: (d) => d.inside("extension_data", "RatchetTree", () => ratchetTree(d), { section: "12.4.3.3" }),
  3: (d) => {
    d.inside(
      "extension_data",
      "RequiredCapabilities",
      () => {
        for (const [name, type, names] of [
          ["extension_types", "ExtensionType", EXTENSIONS],
          ["proposal_types", "ProposalType", PROPOSALS],
          ["credential_types", "CredentialType", CREDENTIALS],
        ] as const) {
          d.vector(name, type, (index) => {
            d.number(`[${index}]`, 2, names);
          });
        }
      },
      { section: "11.1" },
    );
  },
  4: (d) => {
    d.inside("extension_data", "ExternalPub", () => d.opaque("external_pub", { note: "HPKE public key" }), {
      section: "12.4.3.2",
    });
  },
  5: (d) => {
    d.inside(
      "extension_data",
      "ExternalSenders",
      () => {
        d.vector("external_senders", "ExternalSender", (index) => {
          d.struct(`[${index}]`, "ExternalSender", () => {
            d.opaque("signature_key");
            credential(d);
          });
        });
      },
      { section: "12.1.8.1" },
    );
  },
};

/** Node i of the array: leaves are even (RFC 9420, appendix C). */
function place(index: number): string {
  return index % 2 === 0 ? `[${index}] leaf ${index / 2}` : `[${index}] parent`;
}

export function parentNode(d: Describer, name = "parent_node"): void {
  d.struct(
    name,
    "ParentNode",
    () => {
      d.opaque("encryption_key", { note: "HPKE public key" });
      d.opaque("parent_hash", { section: "7.9" });
      d.vector("unmerged_leaves", "uint32", (index) => {
        d.number(`[${index}]`, 4);
      });
    },
    { section: "7.1" },
  );
}

/** optional<Node> ratchet_tree<V> */
export function ratchetTree(d: Describer): void {
  d.vector(
    "ratchet_tree",
    "optional<Node>",
    (index) => {
      d.optional(place(index), "Node", () => {
        const type = d.number("node_type", 1, NODE_TYPES, { section: "7.8" });
        if (type !== 1 && type !== 2) d.complain(`node_type ${type} selects nothing`);
        if ((type === 1) !== (index % 2 === 0)) d.complain(`a ${NODE_TYPES[type]!} where none can be`);
        if (type === 1) leafNode(d);
        else parentNode(d);
      });
    },
    { section: "12.4.3.3" },
  );
}
