/** What one device may do. */
export interface ServiceLimits {
  /** Bytes of an application message or proposal. Default: 256 KiB. */
  readonly message: number;
  /** Bytes of a commit with all that goes with it. Default: 8 MiB. */
  readonly bundle: number;
  /** Entries of a page. Default: 256. */
  readonly page: number;
  /** Key packages of a device. Default: 200. */
  readonly keyPackages: number;
  /** Requests a second, and how many at once. Default: 50 and 500. */
  readonly rate: number;
  readonly burst: number;
  /** Seconds that a body may take. Default: 30. */
  readonly bodySeconds: number;
}

export const DEFAULT_SERVICE_LIMITS: ServiceLimits = {
  message: 256 * 1024,
  bundle: 8 * 1024 * 1024,
  page: 256,
  keyPackages: 200,
  rate: 50,
  burst: 500,
  bodySeconds: 30,
};
