export { conformanceContext, freshName } from "./context.ts";
