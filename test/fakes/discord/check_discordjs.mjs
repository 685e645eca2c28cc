// Drives the fake with discord.js, a client that knows nothing of it: check_discordjs.mjs NODE_MODULES BASE_URL
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, base] = process.argv.slice(2);
const require = createRequire(join(modules, "x.js"));
const { AttachmentBuilder, Client, Events, GatewayIntentBits: Intent, Partials } = require("discord.js");
const token = "MTIzNDU2Nzg5MDEyMzQ1Njc4.fake.token";

async function control(name, wish) {
  const answer = await fetch(`${base}/_control/${name}`, wish && { method: "POST", body: JSON.stringify(wish) });
  if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
const rest = (ms) => new Promise((done) => setTimeout(done, ms));
async function until(what, holds) {
  for (let i = 0; i < 200; i++) {
    if (holds()) return;
    await rest(50);
  }
  throw new Error(`${what} did not come`);
}
async function check(name, body) {
  try {
    await body();
    console.log(`ok discord.js ${name}`);
  } catch (problem) {
    console.log(`FAIL discord.js ${name}: ${problem.message}`);
  }
}

const client = new Client({
  intents: [Intent.Guilds, Intent.GuildMembers, Intent.GuildMessages, Intent.GuildMessageReactions, Intent.MessageContent,
    Intent.DirectMessages],
  partials: [Partials.Channel, Partials.Message, Partials.Reaction],
  rest: { api: `${base}/api`, version: "10" },
});
const seen = { messages: [], edits: [], deletes: [], reactions: [], threads: [], resumed: 0, ready: 0, complaints: [], bulk: 0, commands: [] };
client.on(Events.MessageCreate, (message) => seen.messages.push(message));
client.on(Events.MessageUpdate, (_, message) => seen.edits.push(message.content));
client.on(Events.MessageDelete, (message) => seen.deletes.push(message.id));
client.on(Events.MessageBulkDelete, (messages) => { seen.bulk += messages.size; });
client.on(Events.MessageReactionAdd, (reaction, user) => seen.reactions.push(`${reaction.emoji.name} ${user.id}`));
client.on(Events.ThreadCreate, (thread) => seen.threads.push(thread.name));
client.on(Events.ShardResume, () => { seen.resumed += 1; });
client.on(Events.ClientReady, () => { seen.ready += 1; });
client.on(Events.InteractionCreate, (interaction) => { seen.commands.push(interaction); });
client.on(Events.Warn, (words) => seen.complaints.push(words));
client.on(Events.Error, (problem) => seen.complaints.push(problem.message));
const has = (content) => () => seen.messages.some((message) => message.content === content);

await check("signs in and knows its servers", async () => {
  await client.login(token);
  await until("ready", () => client.isReady());
  const guild = client.guilds.cache.first();
  if (guild.name !== "Garden" || guild.channels.cache.size !== 3) throw new Error("another server came");
  const staff = guild.channels.cache.find((one) => one.name === "staff");
  if (staff.permissionsFor(guild.roles.everyone).has("ViewChannel")) throw new Error("staff is seen by everyone");
});
let said;
await check("sees messages, edits, reactions, deletions, threads", async () => {
  said = await control("say", { content: "one 🌊" });
  await until("the message", has("one 🌊"));
  await control("edit", { id: said.id, content: "one, edited" });
  await until("the edit", () => seen.edits.includes("one, edited"));
  await control("react", { id: said.id });
  await until("the reaction", () => seen.reactions.length === 1);
  await control("thread", { name: "aside" });
  await until("the thread", () => seen.threads.includes("aside"));
  await control("delete", { ids: [said.id] });
  await until("the deletion", () => seen.deletes.includes(said.id));
  const two = [await control("say", { content: "a" }), await control("say", { content: "b" })];
  await until("both", has("b"));
  await control("delete", { ids: two.map((one) => one.id) });
  await until("the deletion of many", () => seen.bulk === 2);
});
await check("sees a direct message", async () => {
  await control("say", { content: "just us", dm: true });
  await until("it", has("just us"));
  if (seen.messages.at(-1).guildId) throw new Error("it has a server");
});
await check("resumes after a cut, and misses nothing", async () => {
  await control("misbehave", { action: "close", code: 4000 });
  await control("say", { content: "missed" });
  await until("what was missed", has("missed"));
  await until("the resuming", () => seen.resumed === 1);
});
await check("resumes when told to reconnect", async () => {
  await control("misbehave", { action: "reconnect" });
  await until("the resuming", () => seen.resumed === 2);
});
await check("lives through several heartbeats", async () => {
  await rest(3500);
  if (!client.isReady()) throw new Error("it is gone");
});
await check("begins anew after an invalid session", async () => {
  await control("misbehave", { action: "invalid", d: false });
  await rest(1000);
  for (let i = 0; i < 100 && (await control("gateway")).live === 0; i++) await rest(100);
  await rest(6000);
  await control("say", { content: "after invalid" });
  await until("the message", has("after invalid"));
});
await check("writes, waits for limits, edits, reacts, deletes", async () => {
  const general = client.channels.cache.find((one) => one.name === "general");
  await control("limits", { force: { count: 1, retry_after: 0.4 } });
  const began = Date.now();
  const file = new AttachmentBuilder(Buffer.from("hi"), { name: "a.txt", description: "words" });
  const message = await general.send({ content: "x", files: [file] });
  if (Date.now() - began < 350) throw new Error("it did not wait");
  await message.edit("y");
  await message.react("👍");
  const answer = await message.reply("z");
  if (answer.reference.messageId !== message.id) throw new Error("the answer names no message");
  const history = await general.messages.fetch({ limit: 3, cache: false });
  if (history.size !== 3 || history.first().content !== "z") throw new Error("another history");
  await message.delete();
  for (let i = 0; i < 7; i++) await general.send(`quick ${i}`);
});
await check("has commands, and answers one", async () => {
  await client.application.commands.set([{ name: "ping", description: "answers" }]);
  const asked = await control("command", { name: "ping", user: "ann" });
  await until("the command", () => seen.commands.length === 1);
  await seen.commands[0].reply({ content: "pong", flags: 64 });
  const { interactions } = await control("interactions");
  if (interactions[asked.id].answer.data.content !== "pong") throw new Error("no answer came");
});
await check("complains of nothing", async () => {
  if (seen.complaints.length > 0) throw new Error(seen.complaints.join("; "));
});
await client.destroy();
process.exit(0);
