// in_front.mjs FOLDER LINNET_URL [PORT]: serves the web app from a folder in front of a running linnet, which answers for
// everything else. For work on the app with a real program, which has its own copy built in.
import { readFileSync } from "node:fs";
import { createServer, request as ask } from "node:http";
import { connect } from "node:net";
import { extname, join } from "node:path";

const [folder, linnet, port = "0"] = process.argv.slice(2);
const behind = new URL(linnet);
const kTypes = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const isLinnets = (path) => /^\/(api|healthz|readyz|metrics)(\/|$)/.test(path);

// The page's headers are linnet's own: its policy is what the app must live with.
async function answerFile(path, response) {
  const name = /^\/[\w.-]+\.\w+$/.test(path) ? path.slice(1) : "index.html";
  const policy = (await fetch(behind)).headers.get("content-security-policy") ?? "";
  let body;
  try {
    body = readFileSync(join(folder, name));
  } catch {
    return answerFile("/", response);
  }
  response.writeHead(200, {
    "content-type": kTypes[extname(name)] ?? "text/plain",
    "content-security-policy": policy,
    "cache-control": "no-cache",
  });
  response.end(body);
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, behind);
  if (!isLinnets(pathname)) return void answerFile(pathname, response).catch(() => response.destroy());
  const onward = ask(
    { host: behind.hostname, port: behind.port, method: request.method, path: request.url, headers: request.headers },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on("error", () => response.destroy());
  request.pipe(onward);
});

server.on("upgrade", (request, socket, head) => {
  const onward = connect(Number(behind.port), behind.hostname, () => {
    const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
    onward.write([`GET ${request.url} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
    onward.write(head);
    socket.pipe(onward).pipe(socket);
  });
  for (const one of [socket, onward]) one.on("error", () => (socket.destroy(), onward.destroy()));
});

server.listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
