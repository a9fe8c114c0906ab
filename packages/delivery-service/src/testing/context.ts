import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import type { DeliveryService, DeviceRecord } from "@openmls-ts/client";
import { deviceAddress } from "@openmls-ts/client";
import type { CaseDevice, CaseGroup, DeliveryContext } from "@openmls-ts/client/conformance";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential, KeyPackage, MlsGroup } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { type CryptoProvider, type MlsProvider, type Signer, utf8 } from "@openmls-ts/traits";

export const crypto: CryptoProvider = nodeCrypto({ threads: false });

/** Opens a service for a device. */
export type Connect = (record: DeviceRecord & { readonly signer: Signer }) => Promise<DeliveryService>;

let count = 0;

/** Devices and groups with real keys, for the conformance cases. */
export function deliveryContext(connect: Connect): DeliveryContext {
  const people = new Map<CaseDevice, { provider: MlsProvider; signer: SignatureKeyPair; user: string }>();
  return {
    cipherSuite: 1,
    id: () => globalThis.crypto.getRandomValues(new Uint8Array(16)),
    device: async () => {
      const user = `user ${count++}`;
      const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
      const provider: MlsProvider = {
        crypto,
        storage: memoryStorage(),
        credentialValidator: { validate: async () => true },
      };
      const identity = { credential: basicCredential(utf8(user)), signatureKey: signer.publicKey };
      const device = await deviceAddress(provider, signer.publicKey);
      const service = await connect({ user, device, signer });
      await service.hello();
      const made: CaseDevice = {
        device,
        user,
        service,
        keyPackage: async () => (await KeyPackage.builder().build(1, provider, signer, identity)).toMessage(),
      };
      people.set(made, { provider, signer, user });
      return made;
    },
    group: async (creator) => caseGroup(people.get(creator)!),
  };
}

async function caseGroup({
  provider,
  signer,
  user,
}: {
  readonly provider: MlsProvider;
  readonly signer: SignatureKeyPair;
  readonly user: string;
}): Promise<CaseGroup> {
  const identity = { credential: basicCredential(utf8(user)), signatureKey: signer.publicKey };
  const group = await MlsGroup.create(provider, signer, identity, { cipherSuite: 1 });
  return {
    groupId: group.groupId,
    message: async () => group.createMessage(signer, utf8("hello")),
    commit: async (keyPackages) => {
      await group.clearPendingCommit();
      const builder = group.commit().forceSelfUpdate();
      if (keyPackages.length > 0) builder.addMembers(keyPackages);
      await builder.build(signer);
      const { commit, welcome, welcomed } = group.pendingCommitBundle!;
      const refs = welcomed.map(({ keyPackageRef }) => keyPackageRef);
      return { commit, refs, ...(welcome === undefined ? {} : { welcome }) };
    },
    merge: async () => {
      await group.mergePendingCommit();
    },
  };
}
