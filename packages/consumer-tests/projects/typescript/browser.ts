// storage-indexeddb's declarations name types of the DOM, which a browser application has.
import { indexedDbStorage } from "@openmls-ts/storage-indexeddb";
import type { StorageProvider } from "@openmls-ts/traits";

export const open = async (): Promise<StorageProvider> => indexedDbStorage({ name: "alice" });
