import { randomBytes } from "node:crypto";
import { DeliveryError } from "@openmls-ts/client";
import { type CryptoProvider, equalBytes } from "@openmls-ts/traits";
import { blob, type Database, sha256 } from "./database.ts";
import { loginBytes } from "./login.ts";

const CHALLENGE_SECONDS = 60;
const TOKEN_SECONDS = 3600;

/** A device that wants to be known. */
export interface Registration {
  readonly user: string;
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
}

/** Who may use the service, and as whom. */
export interface Authenticator {
  /** 32 random bytes for one login. */
  challenge(device: Uint8Array): Uint8Array;
  /** Checks a login, and a registration where one comes with it. @returns a token @throws DeliveryError */
  login(
    origin: string,
    device: Uint8Array,
    nonce: Uint8Array,
    signature: Uint8Array,
    registration: Registration | undefined,
  ): Promise<{ readonly token: string; readonly seconds: number }>;
  /** The device of a token. */
  device(token: string): Uint8Array | undefined;
}

/** Decides whether a device may be registered under a user's name. */
export type MayRegister = (
  registration: Registration & { readonly others: number },
) => boolean | Promise<boolean>;

/** Names go to who comes first; further devices of a name are for the operator to decide. */
export const firstCome: MayRegister = ({ others }) => others === 0;

/** Devices by the keys that they sign MLS content with: a login is a signature of a challenge. */
export function keyAuthenticator(
  database: Database,
  crypto: CryptoProvider,
  now: () => number,
  mayRegister: MayRegister = firstCome,
): Authenticator {
  const verify = async (
    { cipherSuite, signatureKey }: Pick<Registration, "cipherSuite" | "signatureKey">,
    message: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean> => {
    try {
      return await (await crypto.cipherSuite(cipherSuite)).verify(signatureKey, message, signature);
    } catch {
      return false;
    }
  };
  return {
    challenge: (device) => {
      const nonce = new Uint8Array(randomBytes(32));
      database.run("delete from challenge where expires <= ?", now());
      database.run("insert into challenge values (?, ?, ?)", nonce, device, now() + CHALLENGE_SECONDS);
      return nonce;
    },
    login: async (origin, device, nonce, signature, registration) => {
      const known = database.get("select suite, signature_key from device where device = ?", device);
      // Used once: it is gone before the signature is looked at.
      const used = database.run(
        "delete from challenge where nonce = ? and device = ? and expires > ?",
        nonce,
        device,
        now(),
      );
      if (used === 0) throw new DeliveryError("unauthenticated", "no such challenge");
      const key =
        known === undefined
          ? registration
          : { cipherSuite: Number(known["suite"]), signatureKey: blob(known["signature_key"]) };
      if (key === undefined || !equalBytes(sha256(key.signatureKey).slice(0, 16), device)) {
        throw new DeliveryError("unauthenticated", "an unknown device");
      }
      if (!(await verify(key, loginBytes(origin, device, nonce), signature))) {
        throw new DeliveryError("unauthenticated", "the signature does not verify");
      }
      if (known === undefined && registration !== undefined) {
        const row = database.get("select count(*) as n from device where user = ?", registration.user);
        if (!(await mayRegister({ ...registration, others: Number(row?.["n"] ?? 0) }))) {
          throw new DeliveryError("not-allowed", "the name is taken");
        }
        const { user, cipherSuite, signatureKey } = registration;
        database.run(
          "insert or ignore into device values (?, ?, ?, ?)",
          device,
          user,
          cipherSuite,
          signatureKey,
        );
      }
      const token = randomBytes(32).toString("base64url");
      database.run("delete from token where expires <= ?", now());
      database.run("insert into token values (?, ?, ?)", hashOf(token), device, now() + TOKEN_SECONDS);
      return { token, seconds: TOKEN_SECONDS };
    },
    device: (token) => {
      const row = database.get(
        "select device from token where hash = ? and expires > ?",
        hashOf(token),
        now(),
      );
      return row === undefined ? undefined : blob(row["device"]);
    },
  };
}

function hashOf(token: string): Uint8Array {
  return sha256(new TextEncoder().encode(token));
}
