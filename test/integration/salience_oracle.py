"""What a made-up community earns, reckoned apart from Linnet by the rules in docs/topics.md, and compared with what Linnet says:

salience_oracle.py stream SEED posts|chat > FILE     makes a stream of events
salience_oracle.py check FILE BALANCES [LEDGER KEY]  compares with `linnet --json topic list`, and one topic's ledger
"""
import json
import random
import sys
from datetime import datetime, timedelta, timezone

ONE = 1_000_000
CAPS = {"user": 100, "global_user": 150, "channel": 150, "thread": 50, "role": 80, "dyad": 80, "user_in_channel": 40,
        "subject": 60, "emoji": 60, "self": 100, "hashtag": 80, "account": 100}


class Oracle:
    def __init__(self):
        self.rows = {}     # topic: {(event, kind): amount}
        self.balance = {}
        self.earned = {}   # topic: (event, how many earned before it in that event)
        self.thread_of = {}
        self.servers_of = {}
        self.linked = set()  # dyads of servers that know the dyad of all servers
        self.event = 0

    @staticmethod
    def category(topic):
        parts = topic.split(":")
        return parts[2] if parts[0] == "server" else parts[0]

    def cap(self, topic):
        category = self.category(topic)
        return CAPS["global_user" if topic.startswith("user:") else category] * ONE

    def add(self, topic, kind, amount):
        amount = min(amount, self.cap(topic) - self.balance.get(topic, 0))
        if amount <= 0:
            return 0
        rows = self.rows.setdefault(topic, {})
        rows[self.event, kind] = rows.get((self.event, kind), 0) + amount
        self.balance[topic] = self.balance.get(topic, 0) + amount
        return amount

    def warm(self, topic):
        return self.balance.get(topic, 0) > ONE

    def owners(self, topic):
        parts = topic.split(":")
        if parts[0] == "server":
            server, kind = parts[1], parts[2]
            if kind == "user":
                return [f"user:{parts[3]}"]
            if kind == "user_in_channel":
                return [f"server:{server}:user:{parts[4]}", f"server:{server}:channel:{parts[3]}"]
            if kind == "dyad":
                both = [f"server:{server}:user:{parts[3]}", f"server:{server}:user:{parts[4]}"]
                return both + ([f"dyad:{parts[3]}:{parts[4]}"] if topic in self.linked else [])
            if kind == "thread" and topic in self.thread_of:
                return [self.thread_of[topic]]
        if parts[0] == "dyad":
            return [f"user:{parts[1]}", f"user:{parts[2]}"]
        return []

    def related(self, topic, beside):
        found = set(self.owners(topic)) | ({beside} if beside else set())
        found |= {other for other in self.balance if topic in self.owners(other)}
        found = [other for other in found if self.warm(other)]
        return sorted(found, key=lambda other: self.earned.get(other, (0, 0)), reverse=True)[:20]

    def note(self, topic):
        self.earned[topic] = (self.event, self.ordinal)
        self.ordinal += 1

    def earn(self, topic, amount, beside=None):
        first = topic not in self.earned
        got = self.add(topic, "earn", amount)
        self.note(topic)
        if self.category(topic) == "dyad" and topic.startswith("server:"):
            people = topic.split(":")[3:]
            if all(self.warm(f"user:{person}") for person in people):
                everywhere = "dyad:" + ":".join(people)
                self.linked.add(topic)
                if not self.warm(everywhere):
                    self.add(everywhere, "warm", 5 * ONE)
                    self.note(everywhere)
        if first and topic.startswith("server:") and self.category(topic) == "user":
            everywhere = self.owners(topic)[0]
            self.servers_of[everywhere] = self.servers_of.get(everywhere, 0) + 1
            if self.servers_of[everywhere] == 2:
                self.add(everywhere, "warm", 5 * ONE)
                self.note(everywhere)
        for other in self.related(topic, beside):
            self.add(other, "propagate", got * 300_000 // ONE)
            self.add(other, "spill", (amount - got) * 500_000 // ONE)

    def begin(self):
        self.event += 1
        self.ordinal = 0


def dyad(server, one, other):
    return f"server:{server}:dyad:" + ":".join(sorted([one, other]))


class Reader:
    """Which events are new, and what they earn."""

    def __init__(self, host):
        self.oracle, self.host = Oracle(), host
        self.posts, self.messages, self.reactions, self.channels = set(), {}, set(), {}

    def take(self, line):
        event = json.loads(line)
        self.oracle.begin()
        payload = event["payload"]
        if event.get("network") == "discord":
            getattr(self, event["event"].lower(), lambda payload: None)(payload)
        elif event["event"] == "update" and payload["id"] not in self.posts:
            self.posts.add(payload["id"])
            if payload["visibility"] in ("public", "unlisted"):
                self.post(payload)

    def post(self, post):
        earn = self.oracle.earn
        amount = ONE * 12 // 10 if post["media_attachments"] or "https://" in post["content"] else ONE
        earn(f"account:{self.host}:{post['account']['id']}", amount)
        for tag in post["tags"]:
            earn(f"hashtag:{tag['name'].lower()}", ONE // 2)
        if post.get("in_reply_to_account_id"):
            earn(f"account:{self.host}:{post['in_reply_to_account_id']}", ONE)

    def thread_create(self, thread):
        if thread["id"] in self.channels:
            return
        self.channels[thread["id"]] = thread["parent_id"]
        if thread.get("newly_created"):
            topic = f"server:{thread['guild_id']}:thread:{thread['id']}"
            self.oracle.thread_of[topic] = f"server:{thread['guild_id']}:channel:{thread['parent_id']}"
            self.oracle.earn(topic, 2 * ONE)

    def message_create(self, message):
        if message["id"] in self.messages:
            return
        author, server = message["author"]["id"], message["guild_id"]
        is_person = not message["author"].get("bot")
        self.messages[message["id"]] = author if is_person else None
        earn = self.oracle.earn
        amount = ONE * 12 // 10 if message["attachments"] or "https://" in message["content"] else ONE
        thread = message["channel_id"] if message["channel_id"] in self.channels else None
        channel = self.channels[thread] if thread else message["channel_id"]
        if is_person:
            earn(f"server:{server}:user:{author}", amount)
        earn(f"server:{server}:channel:{channel}", amount)
        if thread:
            self.oracle.thread_of[f"server:{server}:thread:{thread}"] = f"server:{server}:channel:{channel}"
            earn(f"server:{server}:thread:{thread}", amount)
        if not is_person:
            return
        earn(f"server:{server}:user_in_channel:{channel}:{author}", amount)
        for role in message.get("member", {}).get("roles", []):
            earn(f"server:{server}:role:{role}", amount // 10)
        for mentioned in message["mentions"]:
            if not mentioned.get("bot"):
                earn(f"server:{server}:user:{mentioned['id']}", 2 * ONE)
        answered = self.messages.get(message.get("message_reference", {}).get("message_id"))
        if answered and answered != author:
            earn(dyad(server, author, answered), ONE * 3 // 2)

    def message_reaction_add(self, reaction):
        key = reaction["message_id"], reaction["user_id"], reaction["emoji"]["name"]
        if key in self.reactions:
            return
        self.reactions.add(key)
        server, reactor = reaction["guild_id"], reaction["user_id"]
        author = self.messages.get(reaction["message_id"])
        earn = self.oracle.earn
        if author:
            earn(f"server:{server}:user:{author}", ONE // 2)
        earn(f"server:{server}:user:{reactor}", ONE // 2)
        if author and author != reactor:
            earn(dyad(server, author, reactor), ONE // 2)
        earn(f"server:{server}:emoji:{reaction['emoji']['name']}", ONE // 2, f"server:{server}:user:{reactor}")


def at(index):
    moment = datetime(2026, 8, 1, tzinfo=timezone.utc) + timedelta(seconds=30 * index)
    return moment.isoformat().replace("+00:00", "Z")


def posts(seed):
    chance = random.Random(seed)
    for i in range(1_500):
        author = f"{chance.randint(1, 12)}"
        post = {"id": f"{chance.randint(1, 1_200)}", "created_at": at(i), "content": "<p>words</p>",
                "visibility": chance.choice(["public", "public", "unlisted", "private"]), "replies_count": 0,
                "reblogs_count": 0, "favourites_count": chance.randint(0, 9), "media_attachments": [],
                "account": {"id": author, "username": f"u{author}", "acct": f"u{author}"},
                "tags": [{"name": tag} for tag in chance.sample(["boats", "books", "bread"], chance.randint(0, 2))]}
        if chance.random() < 0.2:
            post["content"] = "<p>see https://example.com/page</p>"
        if chance.random() < 0.3:
            post |= {"in_reply_to_id": "1", "in_reply_to_account_id": f"{chance.randint(1, 12)}"}
        yield {"received_at": at(i), "event": "update", "payload": post}


def chat(seed):
    chance = random.Random(seed)
    for i in range(2_500):
        server = chance.choice(["90000000000000001", "90000000000000001", "90000000000000002"])
        channel = f"3000000000000000{chance.randint(1, 4)}{server[-1]}"
        author = f"700000000000000{chance.randint(10, 40)}"
        kind = chance.random()
        message = f"80000000000000{chance.randint(1000, 3000)}"
        if kind < 0.02:
            yield {"received_at": at(i), "network": "discord", "event": "THREAD_CREATE", "payload": {
                "id": f"4000000000000000{chance.randint(1, 5)}{server[-1]}", "guild_id": server, "parent_id": channel,
                "type": 11, "name": "thread", "newly_created": chance.random() < 0.7,
                "thread_metadata": {"archived": False}}}
        elif kind < 0.25:
            yield {"received_at": at(i), "network": "discord", "event": "MESSAGE_REACTION_ADD", "payload": {
                "guild_id": server, "channel_id": channel, "message_id": message, "user_id": author,
                "emoji": {"id": None, "name": chance.choice("👍🎉🐦")}}}
        else:
            payload = {"id": message, "guild_id": server, "channel_id": channel, "type": 0, "timestamp": at(i),
                       "content": chance.choice(["words", "see https://example.com/page"]), "edited_timestamp": None,
                       "author": {"id": author, "username": f"p{author[-2:]}", "bot": author.endswith("3")},
                       "member": {"roles": [f"6000000000000000{chance.randint(1, 3)}"]}, "embeds": [],
                       "mentions": [], "mention_roles": [], "mention_everyone": False, "attachments": []}
            if chance.random() < 0.1:
                payload["channel_id"] = f"4000000000000000{chance.randint(1, 5)}{server[-1]}"
            if chance.random() < 0.2:
                other = f"700000000000000{chance.randint(10, 40)}"
                payload["mentions"] = [{"id": other, "username": f"p{other[-2:]}", "bot": other.endswith("3")}]
            if chance.random() < 0.3:
                payload |= {"type": 19, "message_reference": {"message_id": f"80000000000000{chance.randint(1000, 3000)}"}}
            yield {"received_at": at(i), "network": "discord", "event": "MESSAGE_CREATE", "payload": payload}


def check(file, balances, ledger=None, key=None):
    reader = Reader("social.example")
    for line in open(file):
        reader.take(line)
    expected = {topic: amount / ONE for topic, amount in reader.oracle.balance.items()}
    told = {topic["key"]: topic["balance"] for topic in json.load(open(balances))}
    wrong = [f"{topic}: {told.get(topic)}, expected {expected.get(topic)}" for topic in sorted(expected.keys() | told.keys())
             if abs(told.get(topic, -1) - expected.get(topic, -2)) > 1e-6]
    if ledger:
        rows = sorted((kind, amount / ONE) for (_, kind), amount in reader.oracle.rows[key].items())
        listed = sorted((row["kind"], row["amount"]) for row in json.load(open(ledger)))
        if len(rows) != len(listed) or any(a[0] != b[0] or abs(a[1] - b[1]) > 1e-6 for a, b in zip(rows, listed)):
            wrong.append(f"the ledger of {key}: {len(listed)} rows, expected {len(rows)}")
    print("\n".join(wrong[:20]))
    sys.exit(1 if wrong or len(expected) < 10 else 0)


if sys.argv[1] == "stream":
    for event in (posts if sys.argv[3] == "posts" else chat)(int(sys.argv[2])):
        print(json.dumps(event))
else:
    check(*sys.argv[2:])
