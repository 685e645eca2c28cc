// What the chat service keeps: conversations, and what each member has read, deleted, muted and left.
const ref = (name) => `chat.bsky.convo.defs#${name}`;

// An error as the service names it.
export class Refusal extends Error {
  constructor(name, message, status = 400) {
    super(message ?? name);
    this.name = name;
    this.status = status;
  }
}

export class World {
  #convos = new Map();
  #incoming = new Map(); // DID → "all", "none", "following"
  #follows = new Set(); // "DID DID"
  #last = 0;
  constructor(handleOf) {
    this.handleOf = handleOf; // of a DID; undefined: there is no such person
  }

  // Ids sort by time, as the service's own.
  #next() {
    this.#last = Math.max(this.#last + 1, Date.now() * 1000);
    return this.#last.toString(32).padStart(13, "0");
  }

  allow(did, whom) {
    this.#incoming.set(did, whom);
  }

  follow(who, whom) {
    this.#follows.add(`${who} ${whom}`);
  }

  #find(id, viewer) {
    const convo = this.#convos.get(id);
    if (!convo?.members.includes(viewer) || convo.left.has(viewer)) throw new Refusal("InvalidConvo", "Convo not found");
    return convo;
  }

  #between(viewer, other) {
    return [...this.#convos.values()].find((c) => !c.group && c.members.includes(viewer) && c.members.includes(other));
  }

  #add(members, group, status) {
    const convo = { id: this.#next(), members, group, status, left: new Set(), muted: new Set(), readTo: new Map(), hidden: new Map(), messages: [] };
    this.#convos.set(convo.id, convo);
    return convo;
  }

  // The name of the reason why one may not write to another; undefined when they may.
  async #obstacle(viewer, other) {
    if (!(await this.handleOf(other))) return "RecipientNotFound";
    const allowed = this.#incoming.get(other) ?? "all";
    if (allowed === "none") return "MessagesDisabled";
    if (allowed === "following" && !this.#follows.has(`${other} ${viewer}`)) return "NotFollowedBySender";
    return undefined;
  }

  #otherOf(viewer, members) {
    const others = members.filter((did) => did !== viewer);
    if (others.length !== 1) throw new Refusal("InvalidRequest", "expected one other member");
    return others[0];
  }

  async convoForMembers(viewer, members) {
    const other = this.#otherOf(viewer, members);
    const obstacle = await this.#obstacle(viewer, other);
    if (obstacle) throw new Refusal(obstacle);
    const known = this.#between(viewer, other);
    known?.left.delete(viewer);
    return this.view(known ?? this.#add([viewer, other], undefined, new Map([[viewer, "accepted"], [other, "request"]])), viewer);
  }

  async availability(viewer, members) {
    const other = this.#otherOf(viewer, members);
    const known = this.#between(viewer, other);
    const canChat = !(await this.#obstacle(viewer, other));
    return { canChat, ...(known && !known.left.has(viewer) ? { convo: await this.view(known, viewer) } : {}) };
  }

  makeGroup(owner, others, name) {
    const convo = this.#add([owner, ...others], { name, createdAt: new Date().toISOString() }, new Map());
    for (const did of others) {
      const rev = this.#next();
      const data = { $type: ref("systemMessageDataAddMember"), member: { did }, role: "standard", addedBy: { did: owner } };
      convo.messages.push({ id: rev, rev, sentAt: new Date().toISOString(), data });
    }
    return convo.id;
  }

  messageView(message, convo, viewer) {
    const { id, rev, sentAt, sender } = message;
    if (message.data) return { $type: ref("systemMessageView"), id, rev, sentAt, data: message.data };
    if (convo.hidden.get(viewer)?.has(id)) return { $type: ref("deletedMessageView"), id, rev, sentAt, sender };
    return { $type: ref("messageView"), id, rev, sentAt, sender, text: message.text, facets: message.facets, reactions: message.reactions };
  }

  async view(convo, viewer) {
    const members = [];
    for (const did of convo.members)
      members.push({ did, handle: (await this.handleOf(did)) ?? "missing.invalid", kind: { $type: `chat.bsky.actor.defs#${convo.group ? "group" : "direct"}ConvoMember`, ...(convo.group ? { role: "standard" } : {}) } });
    const last = convo.messages.at(-1);
    const unread = convo.messages.filter((m) => m.sender && m.sender.did !== viewer && m.rev > (convo.readTo.get(viewer) ?? ""));
    const kind = convo.group
      ? { $type: ref("groupConvo"), ...convo.group, lockStatus: "unlocked", lockStatusModerationOverride: false, memberCount: members.length, memberLimit: 50 }
      : { $type: ref("directConvo") };
    return {
      id: convo.id,
      rev: last?.rev ?? convo.id,
      members,
      muted: convo.muted.has(viewer),
      status: convo.status.get(viewer) ?? "accepted",
      unreadCount: unread.length,
      kind,
      ...(last ? { lastMessage: this.messageView(last, convo, viewer) } : {}),
    };
  }

  convo(viewer, id) {
    return this.view(this.#find(id, viewer), viewer);
  }

  async list(viewer, limit, cursor) {
    const rev = (convo) => convo.messages.at(-1)?.rev ?? convo.id;
    const mine = [...this.#convos.values()]
      .filter((c) => c.members.includes(viewer) && !c.left.has(viewer) && (!cursor || rev(c) < cursor))
      .sort((a, b) => (rev(a) < rev(b) ? 1 : -1));
    const page = mine.slice(0, limit);
    return { convos: await Promise.all(page.map((c) => this.view(c, viewer))), ...(mine.length > limit ? { cursor: rev(page.at(-1)) } : {}) };
  }

  messages(viewer, id, limit, cursor) {
    const convo = this.#find(id, viewer);
    const older = convo.messages.filter((m) => !cursor || m.rev < cursor).reverse();
    const page = older.slice(0, limit);
    return { messages: page.map((m) => this.messageView(m, convo, viewer)), ...(older.length > limit ? { cursor: page.at(-1).rev } : {}) };
  }

  async send(viewer, id, { text, facets }) {
    const convo = this.#find(id, viewer);
    for (const did of convo.group ? [] : convo.members.filter((other) => other !== viewer)) {
      const obstacle = await this.#obstacle(viewer, did);
      if (obstacle) throw new Refusal("InvalidRequest", "recipient has disabled incoming messages");
    }
    const rev = this.#next();
    const message = { id: rev, rev, sentAt: new Date().toISOString(), sender: { did: viewer }, text, facets, reactions: [] };
    convo.messages.push(message);
    convo.status.set(viewer, "accepted");
    convo.readTo.set(viewer, rev);
    return this.messageView(message, convo, viewer);
  }

  async updateRead(viewer, id, messageId) {
    const convo = this.#find(id, viewer);
    convo.readTo.set(viewer, messageId ?? convo.messages.at(-1)?.rev ?? "");
    return { convo: await this.view(convo, viewer) };
  }

  deleteForSelf(viewer, id, messageId) {
    const convo = this.#find(id, viewer);
    const message = convo.messages.find((m) => m.id === messageId && m.sender);
    if (!message) throw new Refusal("InvalidRequest", "Message not found");
    if (!convo.hidden.has(viewer)) convo.hidden.set(viewer, new Set());
    convo.hidden.get(viewer).add(messageId);
    return this.messageView(message, convo, viewer);
  }

  react(viewer, id, messageId, value) {
    const convo = this.#find(id, viewer);
    const message = convo.messages.find((m) => m.id === messageId && m.sender);
    if (!message) throw new Refusal("InvalidRequest", "Message not found");
    message.reactions.push({ value, sender: { did: viewer }, createdAt: new Date().toISOString() });
    return { message: this.messageView(message, convo, viewer) };
  }

  async mute(viewer, id) {
    const convo = this.#find(id, viewer);
    convo.muted.add(viewer);
    return { convo: await this.view(convo, viewer) };
  }

  accept(viewer, id) {
    this.#find(id, viewer).status.set(viewer, "accepted");
    return { rev: this.#next() };
  }

  leave(viewer, id) {
    this.#find(id, viewer).left.add(viewer);
    return { convoId: id, rev: this.#next() };
  }
}
