import { optionsArgument } from "@openmls-ts/traits";
import { alsoWriteArgument, type AlsoWrite, type WriteOptions } from "../../store/index.ts";
import { type AbortSignalLike, type Watch, watchOf, WORK_OPTIONS, type WorkOptions } from "../../work.ts";

/** What was chosen about taking in a message. @throws MlsError `ERR_MLS_USAGE` */
export function receiveOptions<T>(options: (WriteOptions<T> & WorkOptions) | undefined): {
  readonly alsoWrite: AlsoWrite<T> | undefined;
  readonly signal: AbortSignalLike | undefined;
  readonly watch: Watch | undefined;
} {
  const keys = ["alsoWrite", ...WORK_OPTIONS] as const;
  const given = optionsArgument<WriteOptions<T> & WorkOptions>("options", options, keys);
  return { alsoWrite: alsoWriteArgument(given.alsoWrite), signal: given.signal, watch: watchOf(given) };
}
