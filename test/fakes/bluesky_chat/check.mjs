// The platform's own client, through a real PDS, on this chat service: what it expects of the real one holds here.
// check.mjs CACHE
import { createRequire } from "node:module";
import { join } from "node:path";
import { counter, startNetwork } from "../../peers/pds/network.mjs";

const [cache] = process.argv.slice(2);
const { AtpAgent, ChatBskyConvoDefs } = createRequire(join(cache, "package.json"))("@atproto/api");
const network = await startNetwork(cache);
const { expect, finish } = counter();

async function signIn(name, password = "correct-horse") {
  const agent = new AtpAgent({ service: network.url });
  await agent.login({ identifier: name, password });
  return { agent, did: agent.session.did, chat: agent.withProxy("bsky_chat", network.chat).chat.bsky.convo };
}
// The name of the error; undefined when there is none.
const errorOf = (call) => call.then(() => undefined, (error) => error.error ?? error.message);

const ada = await signIn("ada.test");
const bob = await signIn("bob.test");
const carol = await signIn("carol.test");

expect("nobody has conversations at first", (await ada.chat.listConvos()).data.convos.length === 0);
const free = (await ada.chat.getConvoAvailability({ members: [bob.did] })).data;
expect("one may write to somebody, and there is no conversation yet", free.canChat && !free.convo);
const { convo } = (await ada.chat.getConvoForMembers({ members: [bob.did] })).data;
const again = (await ada.chat.getConvoForMembers({ members: [bob.did] })).data.convo;
expect("a conversation is made once", convo.id === again.id && convo.members.length === 2);
const first = (await ada.chat.sendMessage({ convoId: convo.id, message: { text: "Grüße 👋" } })).data;
expect("what is sent comes back as a message", first.text === "Grüße 👋" && first.sender.did === ada.did);
const seen = (await bob.chat.listConvos()).data.convos[0];
expect("the other sees it as a request, unread", seen.status === "request" && seen.unreadCount === 1 && ChatBskyConvoDefs.isMessageView(seen.lastMessage));
expect("who it is with has a handle", seen.members.some((m) => m.handle === "ada.test"));
await bob.chat.updateRead({ convoId: convo.id });
expect("it can be read", (await bob.chat.getConvo({ convoId: convo.id })).data.convo.unreadCount === 0);
await bob.chat.sendMessage({ convoId: convo.id, message: { text: "Hello" } });
expect("answering accepts", (await bob.chat.getConvo({ convoId: convo.id })).data.convo.status === "accepted");
expect("a stranger does not get in", (await errorOf(carol.chat.getMessages({ convoId: convo.id }))) === "InvalidConvo");

for (let i = 0; i < 5; i += 1) await ada.chat.sendMessage({ convoId: convo.id, message: { text: `${i}` } });
const pages = [];
let cursor;
do {
  const page = (await bob.chat.getMessages({ convoId: convo.id, limit: 3, cursor })).data;
  pages.push(page.messages.map((m) => m.text));
  cursor = page.cursor;
} while (cursor);
expect("messages come in pages, newest first", JSON.stringify(pages) === JSON.stringify([["4", "3", "2"], ["1", "0", "Hello"], ["Grüße 👋"]]), pages);
await bob.chat.deleteMessageForSelf({ convoId: convo.id, messageId: first.id });
const shown = async (who) => (await who.chat.getMessages({ convoId: convo.id })).data.messages.find((m) => m.id === first.id);
expect("who deletes a message sees that it is deleted", ChatBskyConvoDefs.isDeletedMessageView(await shown(bob)));
expect("the other still sees it", ChatBskyConvoDefs.isMessageView(await shown(ada)));
await ada.chat.addReaction({ convoId: convo.id, messageId: first.id, value: "👍" });
expect("a reaction is no message", (await shown(ada)).reactions.length === 1 && (await ada.chat.getMessages({ convoId: convo.id })).data.messages.length === 7);
await bob.chat.leaveConvo({ convoId: convo.id });
expect("who left is not in it", (await bob.chat.listConvos()).data.convos.length === 0 && (await errorOf(bob.chat.getConvo({ convoId: convo.id }))) === "InvalidConvo");

expect("text of 1001 characters is refused", (await errorOf(ada.chat.sendMessage({ convoId: convo.id, message: { text: "x".repeat(1001) } }))) === "InvalidRequest");
await network.control("allow", carol.did, "none");
expect("who takes no messages is not written to", (await errorOf(ada.chat.getConvoForMembers({ members: [carol.did] }))) === "MessagesDisabled");
expect("and that can be asked", !(await ada.chat.getConvoAvailability({ members: [carol.did] })).data.canChat);
await network.control("allow", carol.did, "following");
expect("who takes messages of friends only is not written to", (await errorOf(ada.chat.getConvoForMembers({ members: [carol.did] }))) === "NotFollowedBySender");
await network.control("follow", carol.did, ada.did);
expect("unless they follow", (await errorOf(ada.chat.getConvoForMembers({ members: [carol.did] }))) === undefined);
expect("nobody is not written to", (await errorOf(ada.chat.getConvoForMembers({ members: ["did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"] }))) === "RecipientNotFound");

await network.control("makeGroup", bob.did, [ada.did, carol.did], "Readers");
const group = (await ada.chat.listConvos({ limit: 1 })).data;
expect("a group says that it is one", ChatBskyConvoDefs.isGroupConvo(group.convos[0].kind) && group.convos[0].members.length === 3);
expect("conversations come in pages", group.cursor !== undefined && (await ada.chat.listConvos({ limit: 1, cursor: group.cursor })).data.convos[0].id !== group.convos[0].id);
const joined = (await ada.chat.getMessages({ convoId: group.convos[0].id })).data.messages[0];
expect("who joined is told as such", ChatBskyConvoDefs.isSystemMessageView(joined));

const made = async (privileged) => (await ada.agent.com.atproto.server.createAppPassword({ name: `${privileged}`, privileged })).data.password;
const plain = await signIn("ada.test", await made(false));
expect("an app password does not cover messages", (await errorOf(plain.chat.listConvos())) === "InvalidToken");
const privileged = await signIn("ada.test", await made(true));
expect("unless it was made to", (await errorOf(privileged.chat.listConvos())) === undefined);
const direct = await fetch(`${decodeURIComponent(network.chat.replace("did:web:", "http://"))}/xrpc/chat.bsky.convo.listConvos`);
expect("without a PDS that vouches nobody gets in", direct.status === 401);

await network.control("fault", { method: "sendMessage", after: true });
const before = (await ada.chat.getMessages({ convoId: group.convos[0].id })).data.messages.length;
expect("an answer can be lost", (await errorOf(ada.chat.sendMessage({ convoId: group.convos[0].id, message: { text: "lost" } }))) !== undefined);
expect("and what was done is done", (await ada.chat.getMessages({ convoId: group.convos[0].id })).data.messages.length === before + 1);
await network.control("fault", { method: "sendMessage", before: true });
await errorOf(ada.chat.sendMessage({ convoId: group.convos[0].id, message: { text: "never" } }));
expect("or the question", (await ada.chat.getMessages({ convoId: group.convos[0].id })).data.messages.length === before + 1);
await network.control("fault", { method: "listConvos", status: 429, error: "RateLimitExceeded" });
expect("a limit is passed on", (await ada.chat.listConvos().catch((error) => error)).status === 429);
const calls = await network.control("calls");
expect("calls are counted", calls.filter((c) => c.method === "sendMessage" && c.viewer === ada.did).length >= 7);
network.stop();
finish();
