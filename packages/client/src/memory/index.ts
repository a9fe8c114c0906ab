export { MemoryDeliveryService } from "./memory-service.ts";
export type { MemoryServiceOptions } from "./memory-service.ts";
