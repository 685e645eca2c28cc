// A real PDS, a PLC directory in memory and a chat service behind the PDS, for tests: prints {"url", "plc", "chat"} and
// runs until its standard input ends. Accounts: ada.test, bob.test, carol.test, password «correct-horse».
// A line of standard input is a call of the chat service's control: ["fault", {…}], ["calls"], …; its answer is printed.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { startChat } from "../../fakes/bluesky_chat/server.mjs";

const require = createRequire(join(process.argv[2], "package.json"));
const load = (name) => import(require.resolve(name));

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const { Database, PlcServer } = await load("@did-plc/server");
const plcPort = await freePort();
const plc = PlcServer.create({ db: Database.mock(), port: plcPort });
await plc.start();

const { PDS, envToCfg, envToSecrets } = await load("@atproto/pds");
const { Secp256k1Keypair } = await load("@atproto/crypto");
const port = await freePort();
const data = mkdtempSync(join(tmpdir(), "linnet-pds-"));
const key = await Secp256k1Keypair.create({ exportable: true });
const env = {
  devMode: true,
  port,
  hostname: "localhost",
  serviceHandleDomains: [".test"],
  dataDirectory: data,
  blobstoreDiskLocation: join(data, "blobs"),
  didPlcUrl: `http://localhost:${plcPort}`,
  jwtSecret: randomBytes(16).toString("hex"),
  adminPassword: "admin-password",
  plcRotationKeyK256PrivateKeyHex: Buffer.from(await key.export()).toString("hex"),
  inviteRequired: false,
  disableSsrfProtection: true,
  crawlers: [],
};
const pds = await PDS.create(envToCfg(env), envToSecrets(env));
await pds.start();

const url = `http://localhost:${port}`;
for (const name of ["ada", "bob", "carol"]) {
  const answer = await fetch(`${url}/xrpc/com.atproto.server.createAccount`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: `${name}@mail.test`, handle: `${name}.test`, password: "correct-horse" }),
  });
  if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`);
}
const chat = await startChat({ load, plc: `http://localhost:${plcPort}` });
console.log(JSON.stringify({ url, plc: `http://localhost:${plcPort}`, chat: chat.did }));

const orders = createInterface({ input: process.stdin });
orders.on("line", (line) => {
  const [name, ...given] = JSON.parse(line);
  const part = chat.control[name];
  if (typeof part !== "function" && given.length > 0) [chat.control[name]] = given;
  const answer = typeof part === "function" ? part(...given) : chat.control[name];
  console.log(JSON.stringify({ answer: answer ?? null }));
});
orders.on("close", async () => {
  await chat.close();
  await pds.destroy();
  await plc.destroy();
  rmSync(data, { recursive: true, force: true });
  process.exit(0);
});
