"""What exists: servers, channels, people, messages. Ids are snowflakes, made in order."""
import json
import time

EPOCH_MS = 1420070400000
BOT, APP = "123456789012345678", "123456789012345678"
OWNER = "123456789012345670"
GUILD = "223456789012345678"
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.fake.token"  # clients read the bot's id from its first part
VIEW_CHANNEL = 1 << 10
USUAL = str(1071698660929 | VIEW_CHANNEL)  # what everyone may do in a new server
TEXT, DM, CATEGORY, ANNOUNCEMENTS, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 4, 5, 11, 12
THREADS = (10, PUBLIC_THREAD, PRIVATE_THREAD)


class Refusal(Exception):
    """An answer other than success, in Discord's words."""

    def __init__(self, status, code, message, **more):
        super().__init__(message)
        self.status, self.body = status, {"message": message, "code": code, **more}


def iso(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms / 1000)) + f".{ms % 1000:03d}000+00:00"


def time_of(snowflake):
    return (int(snowflake) >> 22) + EPOCH_MS


def make_user(ident, name, bot=False):
    return {"id": ident, "username": name, "discriminator": "0", "global_name": name.capitalize(), "avatar": None,
            "bot": bot, "flags": 0, "public_flags": 0, "mfa_enabled": False, "verified": True, "locale": "en-US"}


def make_channel(ident, guild_id, name, kind=TEXT, **more):
    return {"id": ident, "type": kind, "guild_id": guild_id, "position": 0, "permission_overwrites": [], "name": name,
            "topic": None, "nsfw": False, "last_message_id": None, "rate_limit_per_user": 0, "parent_id": None,
            "flags": 0, **more}


def make_role(ident, name, permissions=USUAL):
    return {"id": ident, "name": name, "color": 0, "hoist": False, "icon": None, "unicode_emoji": None, "position": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "permissions": permissions, "managed": False, "mentionable": False, "flags": 0}


class Guild:
    def __init__(self, ident, name):
        self.id, self.name, self.owner = ident, name, OWNER
        self.roles = {ident: make_role(ident, "@everyone")}
        self.members = {}

    def member(self, user):
        known = self.members.setdefault(user["id"], {
            "roles": [], "joined_at": "2026-01-01T00:00:00.000000+00:00", "deaf": False, "mute": False, "flags": 0,
            "nick": None, "avatar": None, "pending": False, "permissions": "0"})
        return {"user": user, **known}


class World:
    def __init__(self):
        self.last = 0
        self.guilds, self.channels, self.users, self.messages = {}, {}, {}, {}
        self.reactions = {}  # (message, emoji): [user, …]
        self.commands, self.nonces = {}, {}
        self.bot = self.add_user("linnetbot", BOT, bot=True)
        self.add_user("own", OWNER)
        self.add_guild("Garden", GUILD)
        self.channel(GUILD, "general", "323456789012345678")
        self.channel(GUILD, "random", "323456789012345679")
        deny = {"id": GUILD, "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}
        self.channel(GUILD, "staff", "323456789012345680", permission_overwrites=[deny])
        for index, name in enumerate(("ann", "ben", "cleo")):
            self.join(GUILD, self.add_user(name, str(423456789012345678 + index)))

    # Ids follow the clock as Discord's do, and never go back.
    def snowflake(self):
        self.last = max(self.last + 1, (int(time.time() * 1000) - EPOCH_MS) << 22)
        return str(self.last)

    def add_user(self, name, ident=None, bot=False):
        user = make_user(ident or self.snowflake(), name, bot)
        self.users[user["id"]] = user
        return user

    def user_named(self, name):
        found = next((u for u in self.users.values() if name in (u["username"], u["id"])), None)
        return found or self.add_user(name)

    def add_guild(self, name, ident=None):
        guild = Guild(ident or self.snowflake(), name)
        self.guilds[guild.id] = guild
        self.join(guild.id, self.bot)
        return guild

    def join(self, guild_id, user):
        return self.guilds[guild_id].member(user)

    def channel(self, guild_id, name, ident=None, kind=TEXT, **more):
        channel = make_channel(ident or self.snowflake(), guild_id, name, kind, **more)
        self.channels[channel["id"]] = channel
        return channel

    def thread(self, parent, name, owner, ident=None, private=False):
        ident = ident or self.snowflake()
        return self.channel(parent["guild_id"], name, ident, PRIVATE_THREAD if private else PUBLIC_THREAD,
                            parent_id=parent["id"], owner_id=owner["id"], message_count=0, member_count=1,
                            total_message_sent=0, thread_metadata={
                                "archived": False, "auto_archive_duration": 1440, "locked": False,
                                "archive_timestamp": iso(time_of(ident)), "create_timestamp": iso(time_of(ident))})

    def dm_with(self, user):
        for channel in self.channels.values():
            if channel["type"] == DM and channel["recipients"][0]["id"] == user["id"]:
                return channel
        channel = {"id": self.snowflake(), "type": DM, "last_message_id": None, "flags": 0, "recipients": [user]}
        self.channels[channel["id"]] = channel
        return channel

    def find_channel(self, name):
        found = self.channels.get(name) or next(
            (c for c in self.channels.values() if c.get("name") == name), None)
        if found is None:
            raise Refusal(404, 10003, "Unknown Channel")
        return found

    def find_message(self, channel_id, ident):
        message = self.messages.get(ident)
        if message is None or message["channel_id"] != channel_id:
            raise Refusal(404, 10008, "Unknown Message")
        return message

    def messages_in(self, channel_id):
        """Oldest first."""
        return sorted((m for m in self.messages.values() if m["channel_id"] == channel_id), key=lambda m: int(m["id"]))

    def write(self, channel, author, content, **more):
        ident = self.snowflake()
        message = {"id": ident, "type": 0, "channel_id": channel["id"], "author": author, "content": content,
                   "timestamp": iso(time_of(ident)), "edited_timestamp": None, "tts": False, "mention_everyone": False,
                   "mentions": [u for u in self.users.values() if f"<@{u['id']}>" in content], "mention_roles": [],
                   "attachments": [], "embeds": [], "pinned": False, "flags": 0, "components": [], **more}
        reference = message.get("message_reference")
        if reference:
            reference["message_id"] = str(reference["message_id"])  # discord.py writes a number
            answered = self.find_message(channel["id"], reference["message_id"])
            message.update(type=19, referenced_message=answered)
            reference.update(channel_id=channel["id"], guild_id=channel.get("guild_id"))
            message["mentions"].append(answered["author"])
        self.messages[ident] = message
        channel["last_message_id"] = ident
        return message

    def as_read(self, message):
        """A message as REST shows it: with its reactions, without its server."""
        counts = [{"emoji": json.loads(emoji), "count": len(users), "me": BOT in users, "me_burst": False,
                   "count_details": {"normal": len(users), "burst": 0}, "burst_colors": []}
                  for (ident, emoji), users in self.reactions.items() if ident == message["id"] and users]
        return {**message, "reactions": counts} if counts else dict(message)

    def as_dispatched(self, message):
        guild_id = self.channels[message["channel_id"]].get("guild_id")
        if guild_id is None:
            return {**message, "channel_type": DM}
        member = {k: v for k, v in self.guilds[guild_id].member(message["author"]).items() if k != "user"}
        return {**message, "guild_id": guild_id, "member": member,
                "channel_type": self.channels[message["channel_id"]]["type"]}

    def whole(self, guild):
        mine = [c for c in self.channels.values() if c.get("guild_id") == guild.id]
        return {"id": guild.id, "name": guild.name, "icon": None, "splash": None, "discovery_splash": None,
                "owner_id": guild.owner, "afk_channel_id": None, "afk_timeout": 300, "verification_level": 0,
                "default_message_notifications": 0, "explicit_content_filter": 0, "roles": list(guild.roles.values()),
                "emojis": [], "features": [], "mfa_level": 0, "application_id": None, "system_channel_id": None,
                "system_channel_flags": 0, "rules_channel_id": None, "vanity_url_code": None, "description": None,
                "banner": None, "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": "en-US",
                "public_updates_channel_id": None, "nsfw_level": 0, "nsfw": False, "premium_progress_bar_enabled": False,
                "safety_alerts_channel_id": None, "stickers": [], "joined_at": "2026-01-01T00:00:00.000000+00:00",
                "large": False, "unavailable": False, "member_count": len(guild.members), "voice_states": [],
                "members": [guild.member(self.users[i]) for i in guild.members],
                "channels": [c for c in mine if c["type"] not in THREADS],
                "threads": [c for c in mine if c["type"] in THREADS and not c["thread_metadata"]["archived"]],
                "presences": [], "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
                "max_members": 500000, "region": "x", "hub_type": None, "incidents_data": None}

    def take_in(self, kind, data):
        """A recorded dispatch: what it names exists from now on."""
        guild_id = data.get("guild_id")
        if guild_id and guild_id not in self.guilds:
            self.add_guild("Recorded", guild_id)
        for user in [data.get("author"), (data.get("member") or {}).get("user"), *data.get("mentions", [])]:
            if user:
                known = {k: v for k, v in user.items() if k != "member"}
                self.users.setdefault(user["id"], known)
                self.join(guild_id, self.users[user["id"]])
        if kind == "THREAD_CREATE":
            self.channels.setdefault(data["parent_id"], make_channel(data["parent_id"], guild_id, "recorded"))
            self.channels[data["id"]] = {**make_channel(data["id"], guild_id, data["name"], data["type"]), **data}
        elif kind == "MESSAGE_CREATE":
            channel = self.channels.setdefault(data["channel_id"],
                                               make_channel(data["channel_id"], guild_id, "recorded"))
            channel["last_message_id"] = data["id"]
            self.messages[data["id"]] = {k: v for k, v in data.items()
                                         if k not in ("guild_id", "member", "channel_type")}
        elif kind == "MESSAGE_REACTION_ADD":
            key = (data["message_id"], json.dumps(data["emoji"], sort_keys=True))
            self.reactions.setdefault(key, []).append(data["user_id"])


def read_recording(path):
    """Dispatches as they were recorded, in the order of their time: [(name, data)]."""
    with open(path, encoding="utf-8") as file:
        entries = sorted(json.load(file).values(), key=lambda entry: entry["timestamp"])
    return [(entry["type"].removeprefix("GATEWAY_"), entry["data"]) for entry in entries]
