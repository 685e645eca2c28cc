// A chat service that stands behind a real PDS: the PDS finds it by the DID document that it shows, and passes on calls
// with a token that it signed for the account. What comes in and goes out is held against the platform's own lexicons.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Refusal, World } from "./world.mjs";

const methods = {
  listConvos: (world, viewer, { limit, cursor }) => world.list(viewer, limit, cursor),
  getConvo: async (world, viewer, { convoId }) => ({ convo: await world.convo(viewer, convoId) }),
  getMessages: (world, viewer, { convoId, limit, cursor }) => world.messages(viewer, convoId, limit, cursor),
  getConvoForMembers: async (world, viewer, { members }) => ({ convo: await world.convoForMembers(viewer, members) }),
  getConvoAvailability: (world, viewer, { members }) => world.availability(viewer, members),
  sendMessage: (world, viewer, { convoId, message }) => world.send(viewer, convoId, message),
  updateRead: (world, viewer, { convoId, messageId }) => world.updateRead(viewer, convoId, messageId),
  deleteMessageForSelf: (world, viewer, { convoId, messageId }) => world.deleteForSelf(viewer, convoId, messageId),
  addReaction: (world, viewer, { convoId, messageId, value }) => world.react(viewer, convoId, messageId, value),
  muteConvo: (world, viewer, { convoId }) => world.mute(viewer, convoId),
  acceptConvo: (world, viewer, { convoId }) => world.accept(viewer, convoId),
  leaveConvo: (world, viewer, { convoId }) => world.leave(viewer, convoId),
};

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return parts.length ? JSON.parse(Buffer.concat(parts).toString("utf8")) : undefined;
}

// `load` imports a package of the platform; `plc` is the address of the directory that knows the accounts.
// Gives {did, url, control, close}; `control` stands for the people and for the weather:
//   fault({method, times, status, headers, before, after, delay}): the next calls fail so; `before` closes the connection
//     without effect, `after` with it;  allow(did, "none");  follow(who, whom);  makeGroup(owner, others, name);
//   pageSize: the most that a page holds;  calls: [{method, viewer}], as they came
export async function startChat({ load, plc }) {
  const { schemas } = await load("@atproto/api");
  const { Lexicons, jsonToLex } = await load("@atproto/lexicon");
  const { verifyJwt } = await load("@atproto/xrpc-server");
  const lexicons = new Lexicons(schemas);
  const people = new Map();
  const ask = async (did) => {
    const answer = await fetch(`${plc}/${did}/data`);
    return answer.ok ? answer.json() : undefined;
  };
  const handleOf = async (did) => {
    if (!people.has(did)) people.set(did, await ask(did));
    return people.get(did)?.alsoKnownAs?.[0]?.replace("at://", "");
  };
  const world = new World(handleOf);
  const faults = [];
  const control = {
    calls: [],
    pageSize: 100,
    fault: (fault) => faults.push({ times: 1, ...fault }),
    allow: (did, whom) => world.allow(did, whom),
    follow: (who, whom) => world.follow(who, whom),
    makeGroup: (owner, others, name) => world.makeGroup(owner, others, name),
  };
  let did = "";

  const nextFault = (method) => {
    const fault = faults.find((f) => f.times > 0 && (!f.method || f.method === method));
    if (fault) fault.times -= 1;
    return fault;
  };

  async function viewerOf(request, nsid) {
    const token = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    const { iss } = await verifyJwt(token, did, nsid, async (issuer) => {
      const data = await ask(issuer);
      if (!data) throw new Refusal("AuthenticationRequired", "issuer not found", 401);
      return data.verificationMethods.atproto;
    });
    return iss;
  }

  async function serve(request, response) {
    const url = new URL(request.url, "http://localhost");
    const json = (status, value, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(value));
    };
    if (url.pathname === "/.well-known/did.json")
      return json(200, { "@context": ["https://www.w3.org/ns/did/v1"], id: did, service: [{ id: "#bsky_chat", type: "BskyChatService", serviceEndpoint: `http://localhost:${server.address().port}` }] });
    const nsid = url.pathname.replace("/xrpc/", "");
    const method = nsid.replace("chat.bsky.convo.", "");
    const carryOut = methods[method];
    if (!carryOut) return json(501, { error: "MethodNotImplemented", message: nsid });
    const isQuery = lexicons.getDefOrThrow(nsid).type === "query";
    if ((request.method === "GET") !== isQuery) throw new Refusal("InvalidRequest", "wrong HTTP method", 405);
    const viewer = await viewerOf(request, nsid);
    const body = isQuery ? undefined : await bodyOf(request);
    control.calls.push({ method, viewer });
    const fault = nextFault(method);
    if (fault?.delay) await sleep(fault.delay);
    if (fault?.before) return response.destroy();
    if (fault?.status) return json(fault.status, { error: fault.error ?? "Fault", message: "as it was told" }, fault.headers);
    const given = isQuery ? parametersOf(lexicons.getDefOrThrow(nsid), url.searchParams) : body;
    const checked = isQuery ? lexicons.assertValidXrpcParams(nsid, given) : lexicons.assertValidXrpcInput(nsid, jsonToLex(given));
    if (checked.limit) checked.limit = Math.min(checked.limit, control.pageSize);
    const output = await carryOut(world, viewer, checked);
    // As it goes over the wire, without what is undefined.
    const plain = JSON.parse(JSON.stringify(output));
    try {
      lexicons.assertValidXrpcOutput(nsid, jsonToLex(plain));
    } catch (error) {
      throw new Error(`this service itself is wrong: ${nsid}: ${error.message}`);
    }
    if (fault?.after) return response.destroy();
    return json(200, plain);
  }

  const parametersOf = (definition, search) => {
    const properties = definition.parameters?.properties ?? {};
    const given = {};
    for (const name of new Set(search.keys())) {
      const { type } = properties[name] ?? {};
      given[name] = type === "array" ? search.getAll(name) : type === "integer" ? Number(search.get(name)) : search.get(name);
    }
    return given;
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => {
      const isSaid = error instanceof Refusal || error.customErrorName;
      const isInput = error.constructor?.name === "ValidationError" || error.name === "ValidationError";
      if (!isSaid && !isInput) console.error(error);
      if (response.headersSent || response.destroyed) return;
      response.writeHead(error.status ?? error.statusCode ?? (isInput ? 400 : (error.type ?? 500)), { "content-type": "application/json" });
      response.end(JSON.stringify({ error: error.customErrorName ?? (isInput ? "InvalidRequest" : error.name), message: error.message }));
    });
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address();
  did = `did:web:localhost%3A${port}`;
  return { did, url: `http://localhost:${port}`, control, close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }) };
}
