// Invented accounts, actions, requests for approval and the rest of what the acting rooms show, and what their buttons do.
import { createHash } from "node:crypto";
import { instances, iso } from "./mock_data.mjs";

const kPixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
const kHour = 3_600_000;

const settings = {
  rateLimit: { likesPerHour: 30, commentsPerHour: 6, dmsPerHour: 4, postsPerHour: 4 },
  quietHours: { enabled: true, startHour: 23, endHour: 7, timezone: "Europe/Berlin", week: null },
  autoApprove: { likes: true, comments: false, dms: false, posts: false },
  cooldown: { afterLike: 5, afterComment: 60, afterDm: 120, afterPost: 300 },
  warmUp: true,
  approvalHours: 72,
};
const limits = {
  max_character_limit: 500,
  text_unit: "characters",
  characters_per_link: 23,
  max_media: 4,
  max_image_bytes: 16e6,
  max_video_bytes: 99e6,
  max_description_characters: 1500,
  media_formats: ["image/png", "image/jpeg"],
};

function makeAccounts(now) {
  const account = (id, username, changes = {}) => ({
    id,
    username,
    platform: "mastodon",
    display_name: `${username} of the harbour`,
    instance: instances[0].base_url,
    is_active: true,
    is_removed: false,
    pending_actions: 2,
    created_at: iso(now - 9e8),
    updated_at: iso(now),
    credential_state: "ok",
    credential_error: null,
    messages_error: null,
    needs_human: false,
    pause_reason: null,
    paused_until: null,
    settings,
    limits,
    ...changes,
  });
  return [
    account("acc-1", "alice"),
    account("acc-2", "bob", {
      platform: "bluesky",
      instance: "https://bsky.social",
      limits: null,
      needs_human: true,
      pause_reason: "5 of 6 actions failed",
    }),
    account("acc-3", "cleo", {
      credential_state: "signed_out",
      credential_error: "the token was revoked",
      messages_error: "this sign-in does not cover messages",
    }),
    account("acc-4", "dora", { is_active: false }),
    account("acc-5", "eli", { is_removed: true, display_name: null, pending_actions: 0 }),
  ];
}

function makeAction(now, id, changes = {}) {
  return {
    id,
    run_id: `run-${id}`,
    platform: "mastodon",
    action_type: "publish",
    account_id: "acc-1",
    target_id: "1",
    target_type: "account",
    target_name: null,
    input: {},
    text: `Words of ${id}`,
    status: "pending",
    waits_for: "approval",
    due_at: iso(now),
    planned_at: iso(now),
    expires_at: null,
    is_late: false,
    tries: 0,
    result: null,
    error: null,
    requested_by: "ada",
    approved_by: null,
    depends_on: null,
    attempted_at: iso(now),
    verified: null,
    confidence: null,
    verification_id: null,
    verifications: [],
    ...changes,
  };
}

const everything = (now) => ({
  spoilerText: "the sea",
  visibility: "unlisted",
  language: "en",
  quotePolicy: "followers",
  sensitive: true,
  quotedId: "7",
  link: "https://harbour.example/tides",
  scheduledAt: iso(now + 30 * kHour),
  poll: { options: ["The red one", "The blue one"], openForSeconds: 3600, multiple: true },
  media: [
    { name: "boat.png", mediaType: "image/png", altText: "A boat" },
    { name: "pier.png", mediaType: "image/png", altText: "" },
  ],
});

function makeApprovals(now) {
  const verdicts = [
    { rule: "approval", decision: "hold", reason: "posts of this account wait for a person's word", until: null },
    { rule: "quiet_hours", decision: "defer", reason: "quiet hours, 23 to 7", until: iso(now + kHour) },
  ];
  const post = {
    instance_id: 1,
    id: "9",
    author: "bea",
    text: "How is the harbour today?",
    spoiler_text: "",
    url: "https://birds.example/@bea/9",
    created_at: iso(now - kHour),
    is_deleted: false,
  };
  const request = (id, action, context = {}) => ({
    id,
    reason: "Posts of this account wait for a person's word",
    created_at: iso(now),
    expires_at: iso(now + 72 * kHour),
    context: { account: "alice", server: "birds.example", verdicts, ...context },
    action: makeAction(now, `act-${id}`, action),
  });
  return [
    request("r1", { input: everything(now), planned_at: iso(now + kHour), expires_at: iso(now + 9 * kHour) }),
    request(
      "r2",
      { action_type: "reply", target_name: "bea@birds.example" },
      { person: "bea", previous_interactions: 3, follower_count: 120, post_count: 9, post, quoted: { ...post, is_deleted: true } },
    ),
    request("r3", { text: "First of the tide" }),
    request("r4", { action_type: "reply", text: "Second of the tide", depends_on: "act-r3" }),
    request("r6", { action_type: "dm_send", text: "Hello", target_type: "user", target_id: "117" }),
    request("r5", { action_type: "like", text: null, target_id: "12" }, { post_url: "https://birds.example/@bea/12" }),
  ];
}

function makeActions(now) {
  const evidence = { id: "v1", verified: true, confidence: 0.95, method: "api_response", details: {}, verified_at: iso(now) };
  const step = (number, event_type, outcome, details = {}) => ({
    number,
    event_type,
    outcome,
    actor: "ada",
    target_id: "1",
    details,
    timestamp: iso(now),
    hash: "ab".repeat(32),
  });
  const audit = [step(1, "action_attempt", "pending"), step(2, "action_complete", "success", { what: "sent" })];
  const failed = { code: "refused", message: "birds.example refuses this: “the text is too long”" };
  return [
    makeAction(now, "a1", {
      status: "success",
      waits_for: null,
      verified: true,
      confidence: 0.95,
      result: { url: "https://birds.example/@alice/1" },
      input: everything(now),
      verifications: [evidence],
      audit,
    }),
    makeAction(now, "a2", {
      status: "success",
      waits_for: null,
      verified: false,
      confidence: 0.9,
      verifications: [{ ...evidence, verified: false }],
      audit,
    }),
    makeAction(now, "a3", { status: "failed", waits_for: null, error: failed, audit }),
    makeAction(now, "a4", { status: "unknown", waits_for: null, error: { code: "unknown", message: "no answer came" } }),
    makeAction(now, "a5", { is_late: true, waits_for: "time", error: { code: "late", message: "Linnet was not running, or is behind" } }),
    makeAction(now, "a6", { status: "in_progress", waits_for: null, action_type: "boost", text: null, target_name: "bea" }),
    makeAction(now, "a7", { status: "skipped", waits_for: null, error: { code: "opt_out", message: "the person opted out" } }),
    makeAction(now, "a8", { status: "cancelled", waits_for: null }),
    makeAction(now, "a9"),
  ];
}

function makeAudit(now) {
  const entry = (number, event_type, outcome, details) => ({
    number,
    event_type,
    outcome,
    actor: number % 2 ? "ada" : null,
    target_id: "1",
    details,
    timestamp: iso(now - number * 60_000),
    hash: "ab".repeat(32),
  });
  const of = { action: "a1", type: "publish" };
  return [
    entry(12, "action_complete", "success", { what: "platform_credential_removed", credential_type: "api_key" }),
    entry(11, "action_complete", "success", { what: "platform_changed", changed: { status: ["on", "off"] } }),
    entry(10, "verification", "success", { method: "api_response", confidence: 0.95, ...of }),
    entry(9, "policy_block", "pending", { rule: "warm_up", decision: "defer", reason: "the account is new", until: iso(now), ...of }),
    entry(8, "policy_block", "pending", {
      rule: "approval",
      decision: "hold",
      reason: "posts wait for a person's word",
      until: null,
      ...of,
    }),
    entry(7, "action_complete", "failure", { error: "denied", message: "the server refuses it", ...of }),
    entry(6, "action_attempt", "pending", { by_hand: true, due_at: iso(now), waits_for: "approval", ...of }),
    entry(5, "action_complete", "success", { what: "sent", tries: 2 }),
    entry(4, "policy_block", "skipped", { rule: "opt_out" }),
    entry(3, "error", "failure", { what: "late" }),
    entry(2, "rate_limit_hit", "pending", {}),
    entry(1, "action_attempt", "pending", { due_at: iso(now), by: { name: "ada" } }),
  ];
}

function makeBlocks(now) {
  const entry = (id, entry_type, value, changes = {}) => ({
    id,
    entry_type,
    platform: null,
    value,
    match_type: "exact",
    reason: "ads",
    added_by: "manual",
    added_by_user: "ada",
    server_id: null,
    address: null,
    created_at: iso(now),
    expires_at: null,
    ...changes,
  });
  return [
    entry("b1", "domain", "spam.example"),
    entry("b2", "user", "rude@far.example", {
      platform: "mastodon",
      expires_at: iso(now + 9e9),
      reason: "rude, and long-winded about it too",
    }),
    entry("b3", "user", "42", {
      platform: "mastodon",
      added_by: "opt_out",
      added_by_user: "",
      server_id: "birds.example",
      address: "cy@birds.example",
      reason: "asked for it in a message",
    }),
  ];
}

function makeThreads(now) {
  const thread = (id, participant_id, changes = {}) => ({
    id,
    platform: "mastodon",
    platform_thread_id: `p-${id}`,
    account_id: "acc-1",
    participant_id,
    server_id: "birds.example",
    participant_username: participant_id,
    last_message_at: iso(now),
    unread_count: 2,
    has_consent: true,
    ...changes,
  });
  return [
    thread("t1", "bea"),
    thread("t2", "cy", { has_consent: false, unread_count: 0 }),
    thread("t3", "", { participant_username: "bea, cy and you" }),
  ];
}

const makeMessages = (now) => [
  {
    id: "m1",
    is_from_us: false,
    sender_id: "bea",
    text: "Are you there?",
    text_error: null,
    is_redacted: false,
    sent_at: iso(now - kHour),
  },
  { id: "m2", is_from_us: true, sender_id: null, text: "Yes.", text_error: null, is_redacted: false, sent_at: iso(now) },
  { id: "m3", is_from_us: false, sender_id: "bea", text: null, text_error: "it cannot be read", is_redacted: false, sent_at: iso(now) },
  { id: "m4", is_from_us: false, sender_id: "bea", text: null, text_error: null, is_redacted: true, sent_at: null },
];

// `lose`: answers to requests for actions are lost on their way, after what was asked for has happened. `hold`: files that are
// sent ahead are read slowly. `refuse`: they are answered with that status by a proxy, which is no JSON.
export class MockActing {
  constructor(now) {
    this.now = now;
    this.accounts = makeAccounts(now);
    this.actions = makeActions(now);
    this.audit = makeAudit(now);
    this.threads = makeThreads(now);
    this.reset();
  }

  reset() {
    this.approvals = makeApprovals(this.now);
    this.decided = [];
    this.asked = []; // every request for an action that arrived
    this.made = new Map(); // by its key
    this.lose = this.hold = false;
    this.refuse = 0;
    this.files = []; // that arrived
    this.brokenOff = 0;
    this.revoked = []; // whose consent was taken back
    this.stopped = false;
    this.blocks = makeBlocks(this.now);
    this.did = []; // what was asked of actions that are there
    this.deny = ""; // what a rule says against each action
  }

  async takeFile(request) {
    const hash = createHash("sha256");
    let size = 0;
    try {
      for await (const piece of request) {
        hash.update(piece);
        size += piece.length;
        if (this.hold) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } catch {
      this.brokenOff += 1;
      return undefined;
    }
    if (this.refuse) return { status: this.refuse };
    const file = { upload: `up-${this.files.length + 1}`, size, sha256: hash.digest("hex"), type: request.headers["content-type"] };
    this.files.push(file);
    return { status: 201, value: { upload: file.upload, media_type: "video/mp4", size } };
  }

  // One more request for approval, as when somebody asks for an action elsewhere.
  addRequest() {
    const [first] = makeApprovals(this.now);
    this.approvals.push({ ...first, id: "r9", action: makeAction(Date.now(), "act-r9", { text: "Asked for elsewhere" }) });
  }

  notices(isEmpty) {
    const items = [
      ...(this.stopped ? [{ kind: "stopped", text: "Everything is stopped since 30 November 2026, 10:16 UTC", target: "" }] : []),
      { kind: "paused", text: "bob is paused: 5 of 6 actions failed.", target: "/accounts" },
      {
        kind: "unverified",
        text: "What was done was not seen on the platform: 1 action.",
        target: "/actions?status=success&verified=false",
      },
    ];
    return { items: isEmpty ? [] : items, next: null, open_approvals: isEmpty ? 0 : this.approvals.length };
  }

  ask(body, Problem) {
    if (this.deny) return this.answer([], { decision: "deny", rule: "channel_limits", reason: this.deny, until: null });
    if (body.dry_run)
      return this.answer([], { decision: "hold", rule: "approval", reason: "posts of this account wait for a person's word", until: null });
    this.asked.push(body);
    const uploads = (body.posts ?? [body]).flatMap((post) => post.media ?? []).map((file) => file.upload);
    if (!uploads.every((upload) => this.files.some((file) => file.upload === upload)))
      throw new Problem(404, "Not Found", "media.upload: there is no such file of yours, or no longer");
    const { request_key: key, approve: _, ...content } = body;
    const before = key && this.made.get(key);
    if (before && before.content !== JSON.stringify(content))
      throw new Problem(409, "Conflict", "request_key: it was used for another request");
    const action =
      before?.action ??
      makeAction(Date.now(), `new-${this.asked.length}`, {
        text: content.posts?.[0]?.text ?? content.text ?? null,
        action_type: content.type,
      });
    if (!before) this.actions.unshift(action);
    this.made.set(key ?? Symbol("none"), { action, content: JSON.stringify(content) });
    return this.answer([action], { decision: "allow", rule: "", reason: "", until: null });
  }

  answer(actions, decision) {
    return {
      dry_run: actions.length === 0,
      is_repeat: false,
      decision,
      verdicts: decision.rule ? [decision] : [],
      actions,
      approval_id: null,
    };
  }

  decide(id, body, Problem) {
    const approval = this.approvals.find((one) => one.id === id);
    if (!approval) throw new Problem(409, "Conflict", "it was decided already");
    const next = body.thread && this.approvals.find((one) => one.action.depends_on === approval.action.id);
    this.approvals = this.approvals.filter((one) => one !== approval && one !== next);
    this.decided.push({ id, at: Date.now(), ...body });
    return approval.action;
  }

  routes(Problem, isEmpty) {
    const page = (items) => ({ items: isEmpty() ? [] : items, next: null });
    const find = (items, id) =>
      items.find((one) => one.id === id) ??
      (() => {
        throw new Problem(404, "Not Found", `there is no ${id}`);
      })();
    return [
      ["GET", /^\/accounts$/, () => page(this.accounts)],
      [
        "GET",
        /^\/actions$/,
        (search) =>
          page(
            this.actions.filter(
              (one) =>
                (!search.get("status") || one.status === search.get("status")) &&
                (!search.get("verified") || String(one.verified) === search.get("verified")),
            ),
          ),
      ],
      ["GET", /^\/actions\/([^/]+)$/, (_, id) => find(this.actions, id)],
      ["GET", /^\/actions\/[^/]+\/media\/\d+$/, () => kPixel],
      ["POST", /^\/actions$/, (_, __, body) => this.ask(body, Problem), 201],
      ["GET", /^\/approvals$/, () => page(this.approvals)],
      ["POST", /^\/approvals\/([^/]+)$/, (_, id, body) => this.decide(id, body, Problem)],
      ["POST", /^\/actions\/([^/]+)\/(cancel|retry)$/, (_, id, verb) => (this.did.push(`${verb} ${id}`), find(this.actions, id))],
      ["POST", /^\/stop$/, () => ((this.stopped = true), {})],
      ["POST", /^\/resume$/, () => ((this.stopped = false), {})],
      ["POST", /^\/blocklist\/([^/]+)\/remove$/, (_, id) => ((this.blocks = this.blocks.filter((one) => one.id !== id)), {})],
      ["GET", /^\/audit$/, () => page(this.audit)],
      [
        "GET",
        /^\/blocklist$/,
        (search) => page(this.blocks.filter((entry) => !search.get("added_by") || entry.added_by === search.get("added_by"))),
      ],
      ["GET", /^\/threads$/, () => page(this.threads)],
      ["GET", /^\/threads\/[^/]+\/messages$/, () => page(makeMessages(this.now))],
      ["POST", /^\/consents\/revoke$/, (_, body) => (this.revoked.push(body), {})],
      ["GET", /^\/notices$/, () => this.notices(isEmpty())],
    ];
  }
}
