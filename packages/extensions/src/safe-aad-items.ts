import {
  checked,
  type Codec,
  type ContentCoder,
  decode,
  encode,
  opaque,
  struct,
  uint16,
  vector,
} from "@openmls-ts/mls-core";
import type { CodePoints } from "./code-points.ts";
import { ascending, type ComponentData, componentIn } from "./dictionary.ts";

//   struct {
//       ComponentID component_id;
//       opaque aad_item_data<V>;
//   } SafeAADItem;
//   struct {
//       SafeAADItem aad_items<V>;
//   } SafeAAD;
/** The items of authenticated_data, ascending by component. */
export const safeAadItems: Codec<readonly ComponentData[]> = checked(
  vector(struct<ComponentData>({ componentId: uint16, data: opaque })),
  (list) => {
    ascending(list, "xq01");
  },
);

/** How authenticated_data is read in groups whose dictionary has the component safe_aad. */
export function safeAadCoder(types: CodePoints): ContentCoder {
  return {
    active: ({ extensions }) => componentIn(extensions, types, types.safeAad) !== undefined,
    check: (bytes) => void decode(safeAadItems, bytes),
    nothing: encode(safeAadItems, []),
  };
}
