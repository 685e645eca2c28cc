// A real PDS and a PLC directory in memory, for tests: prints {"url": …} and runs until its standard input ends.
// Accounts: ada.test, bob.test, password «correct-horse».
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:net";
import { createRequire } from "node:module";

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
for (const name of ["ada", "bob"]) {
  const answer = await fetch(`${url}/xrpc/com.atproto.server.createAccount`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: `${name}@mail.test`, handle: `${name}.test`, password: "correct-horse" }),
  });
  if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`);
}
console.log(JSON.stringify({ url, plc: `http://localhost:${plcPort}` }));

process.stdin.resume();
process.stdin.on("end", async () => {
  await pds.destroy();
  await plc.destroy();
  rmSync(data, { recursive: true, force: true });
  process.exit(0);
});
