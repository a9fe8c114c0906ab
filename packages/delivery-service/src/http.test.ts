import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { openClient } from "@openmls-ts/client";
import { basicCredential } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { utf8 } from "@openmls-ts/traits";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { httpDeliveryService, type RunningDeliveryService, startDeliveryService } from "./index.ts";
import { crypto } from "./testing/context.ts";

let running: RunningDeliveryService | undefined;
beforeAll(async () => {
  running = await startDeliveryService({
    crypto,
    limits: { rate: 1000, burst: 1000, bundle: 64 * 1024, bodySeconds: 1 },
  });
});
afterAll(async () => running?.close());
const url = (path: string): string => `${running!.url}${path}`;

async function person(user: string) {
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
  const provider = { crypto, storage: memoryStorage(), credentialValidator: { validate: async () => true } };
  const identity = { credential: basicCredential(utf8(user)), signatureKey: signer.publicKey };
  const deliveryService = await httpDeliveryService({ url: running!.url, crypto, signer, user });
  return {
    deliveryService,
    client: await openClient({ provider, signer, identity, deliveryService, pool: { target: 2, low: 1 } }),
  };
}

it("carries a conversation between clients that only hints wake", async () => {
  const [alice, bob] = [await person("alice"), await person("bob")];
  for (const { client } of [alice, bob]) {
    await client.step();
    client.start();
  }
  const id = await alice.client.createGroup();
  await alice.client.invite(id, "bob");
  await alice.client.send(id, "over HTTP");
  for await (const event of bob.client.events()) {
    if (event.kind === "message") {
      expect([event.user, new TextDecoder().decode(event.data)]).toEqual(["alice", "over HTTP"]);
      break;
    }
    await event.done();
  }
  for (const { client } of [alice, bob]) await client.close();
});

describe("a hostile caller", () => {
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(url(path), {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });

  it("without a token, or with one that was made up, gets 401", async () => {
    for (const authorization of ["", "Bearer x", `Bearer ${randomBytes(32).toString("base64url")}`]) {
      const response = await fetch(url("/v1/mail"), {
        headers: authorization === "" ? {} : { authorization },
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: "unauthenticated", outcome: "refused" });
    }
  });

  it("cannot log in with another key, nor twice with one challenge", async () => {
    const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
    const device = randomBytes(16).toString("base64url");
    const { nonce } = (await (await post("/v1/challenges", { device })).json()) as { nonce: string };
    const signature = Buffer.from(await signer.sign(utf8("anything"))).toString("base64url");
    const registration = {
      user: "eve",
      cipherSuite: 1,
      signatureKey: Buffer.from(signer.publicKey).toString("base64url"),
    };
    for (let i = 0; i < 2; i++) {
      const response = await post("/v1/tokens", { device, nonce, signature, registration });
      expect(response.status).toBe(401);
    }
  });

  it("cannot take somebody's name", async () => {
    await (await person("carol")).deliveryService.hello();
    const again = await person("carol");
    await expect(again.deliveryService.hello()).rejects.toMatchObject({ code: "not-allowed" });
  });

  it("gets a status and a code for bodies that are none", async () => {
    for (const [body, status] of [
      ["", 422],
      ["[]", 422],
      ['{"device": 7}', 422],
      ['{"device": "AAAA"}', 422],
      ["x".repeat(200_000), 413],
    ] as const) {
      const response = await post("/v1/challenges", body);
      expect([body.length, response.status]).toEqual([body.length, status]);
      expect(await response.json()).toHaveProperty("code");
    }
  });

  it("gets nowhere with paths that climb or are unknown", async () => {
    for (const path of ["/v1/../etc/passwd", "/v1/groups/%2e%2e/log", "/v1/groups/AA/../../x", "/nothing"]) {
      const response = await fetch(url(path));
      expect([401, 404]).toContain(response.status);
    }
  });

  it("is cut off when its body does not end", async () => {
    const { port } = new URL(running!.url);
    const socket = connect(Number(port), "127.0.0.1");
    const answer = await new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (data) => (text += data.toString()));
      socket.on("close", () => resolve(text));
      socket.write(
        "POST /v1/challenges HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
      );
    });
    expect(answer === "" || answer.startsWith("HTTP/1.1 408")).toBe(true);
  }, 45_000);

  it("is told to slow down", async () => {
    const slow = await startDeliveryService({ crypto, limits: { rate: 1, burst: 3 } });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) {
      const response = await fetch(`${slow.url}/v1/challenges`, {
        method: "POST",
        body: JSON.stringify({ device: randomBytes(16).toString("base64url") }),
      });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    await slow.close();
  });
});

it("says how it is, without names", async () => {
  expect(await (await fetch(url("/healthz"))).text()).toBe("ok");
  const metrics = await (await fetch(url("/metrics"))).text();
  expect(metrics).toMatch(/ds_requests_total\{route="\/v1\/challenges",code="200"\} \d+/);
  expect(metrics).not.toMatch(/alice|bob/);
});
