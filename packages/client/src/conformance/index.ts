export { deliveryServiceCases } from "./cases.ts";
export type { CaseDevice, CaseGroup, DeliveryCase, DeliveryContext } from "./cases.ts";
