export { startDeliveryService } from "./server.ts";
export type { DeliveryServiceOptions, RunningDeliveryService } from "./server.ts";
export { firstCome } from "./authenticator.ts";
export type { MayRegister, Registration } from "./authenticator.ts";
export type { RequestLog } from "./routes.ts";
export type { ServiceLimits } from "./limits.ts";
export { httpDeliveryService } from "./transport.ts";
export type { HttpOptions } from "./transport.ts";
