export { deviceAddress, openClient } from "./open-client.ts";
export type { Client, ClientGroup, ClientOptions } from "./client.ts";
export { DeliveryError, refusedBy } from "./delivery-service.ts";
export type {
  AddedDevice,
  Claim,
  ClaimedKeyPackage,
  CommitBundle,
  DeliveryErrorCode,
  DeliveryService,
  DeviceRecord,
  Entry,
  EntryKind,
  Hint,
  MailItem,
  NewGroup,
  Page,
  PublishedKeyPackage,
  Receipt,
  ServiceInfo,
} from "./delivery-service.ts";
export type { ClientEvent, ClientEventKind } from "./events.ts";
export type { PoolOptions } from "./key-packages.ts";
export type { GroupState } from "./records.ts";
export type { Seams } from "./seams.ts";
export type { VerificationCode } from "./verification.ts";
export { addressOf, keyPackageRefOf } from "./address.ts";
