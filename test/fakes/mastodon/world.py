"""The world the fake server shows: accounts, statuses, follows, lists.

Everything is kept in memory. What depends on the viewer (favourited, pinned …)
is not stored in a status but worked out by render.py.
"""
import collections
import copy
import datetime
import json
import pathlib
import random

HERE = pathlib.Path(__file__).resolve().parent
TEMPLATES = json.loads((HERE / "templates.json").read_text())


def id_key(identifier):
    """Sort key of an id: Mastodon's are decimal, so the longer one is the newer one."""
    return (len(identifier), identifier)


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def parse_iso(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(datetime.timezone.utc)


class Status:
    """One post. `fields` holds the public JSON members that do not depend on the viewer."""

    def __init__(self, fields, account_id, text=""):
        self.fields = fields
        self.account_id = account_id
        self.text = text
        self.reblog_of = None
        self.quote = None
        self.versions = []
        self.favourited_by = set()
        self.bookmarked_by = set()
        self.pinned = False
        self.deleted = False

    @property
    def id(self):
        return self.fields["id"]

    @property
    def visibility(self):
        return self.fields["visibility"]

    def version(self):
        """The present content in the shape of a history entry (its account is added when shown)."""
        at = self.fields["edited_at"] or self.fields["created_at"]
        entry = {key: copy.deepcopy(self.fields[key]) for key in ("content", "spoiler_text", "sensitive")}
        entry["created_at"] = at
        entry["media_attachments"] = copy.deepcopy(self.fields["media_attachments"])
        entry["emojis"] = copy.deepcopy(self.fields["emojis"])
        return entry


class World:
    def __init__(self, base_url, seed=0, start_time=None, id_style=str):
        self.base_url = base_url
        self.host = base_url.split("://", 1)[1]
        self.random = random.Random(seed)
        self.id_style = id_style
        self.accounts = {}
        self.statuses = {}
        self.follows = set()
        self.lists = {}
        self.media = {}
        self.idempotency = {}
        self.read_marks = set()
        self.filters = {}  # account id: [{"phrase", "action"}]
        self.rewrites = []  # (pattern, replacement): what the server makes of texts
        self.scheduled = {}
        self.schedulers = {}  # whose each of them is
        self.media_looks = 0  # how often a new upload is shown as still being worked on
        self.media_waits = {}
        self.effects = {"statuses": collections.Counter(), "scheduled": collections.Counter(),
                        "changes": collections.Counter(), "files": collections.Counter()}
        self.recorded_trends = []
        self._next_small_id = 1000
        self._last_number = 0
        self._frozen = start_time
        self._offset = datetime.timedelta(0)

    # Time -------------------------------------------------------------------------------------

    def now(self):
        """The server's clock: the real one, or a fixed one that only `advance` moves."""
        if self._frozen is not None:
            return self._frozen
        return datetime.datetime.now(datetime.timezone.utc) + self._offset

    def advance(self, seconds):
        if self._frozen is not None:
            self._frozen += datetime.timedelta(seconds=seconds)
        else:
            self._offset += datetime.timedelta(seconds=seconds)

    def not_before(self, moment):
        """Moves the clock past the recorded world, so that what is new is also newest."""
        if self.now() <= moment:
            self.advance((moment - self.now()).total_seconds() + 1)

    # Identifiers ------------------------------------------------------------------------------

    def new_id(self, at=None):
        """A snowflake: milliseconds and 16 random bits, always greater than those before it."""
        number = (int((at or self.now()).timestamp() * 1000) << 16) | self.random.getrandbits(16)
        self._last_number = number if at else max(self._last_number + 1, number)
        return self.id_style(self._last_number)

    def reserve(self, number):
        self._last_number = max(self._last_number, number)

    def small_id(self):
        self._next_small_id += 1
        return str(self._next_small_id)

    def secret(self):
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
        return "".join(self.random.choice(alphabet) for _ in range(43))

    # Accounts ---------------------------------------------------------------------------------

    def add_account(self, acct, **changes):
        username, _, domain = acct.partition("@")
        account = copy.deepcopy(TEMPLATES["account"])
        account["id"] = changes.pop("id", None) or self.new_id()
        home = f"https://{domain}" if domain else self.base_url
        account.update(username=username, acct=acct, display_name=username.capitalize(), locked=False,
                       created_at=self.now().strftime("%Y-%m-%dT00:00:00.000Z"),
                       url=f"{home}/@{username}", uri=f"{home}/users/{username}",
                       statuses_count=0, last_status_at=None, discoverable=True)
        for key in ("avatar", "avatar_static", "header", "header_static"):
            account[key] = account[key].replace("http://localhost:3000", self.base_url)
        account.update(changes)
        self.accounts[account["id"]] = account
        return account

    def find_account(self, acct):
        """By name, with or without this server's own domain. Of several, the one with the most posts."""
        wanted = acct.lower().lstrip("@")
        wanted = wanted.removesuffix("@" + self.host)
        found = [a for a in self.accounts.values() if a["acct"].lower() == wanted]
        if len(found) < 2:
            return found[0] if found else None
        counts = {a["id"]: 0 for a in found}
        for status in self.statuses.values():
            if status.account_id in counts:
                counts[status.account_id] += 1
        return max(found, key=lambda a: (counts[a["id"]], id_key(a["id"])))

    def is_local(self, status):
        return "@" not in self.accounts[status.account_id]["acct"]

    # Statuses ---------------------------------------------------------------------------------

    def add_status(self, account_id, content, text="", at=None, **changes):
        fields = copy.deepcopy(TEMPLATES["status"])
        account = self.accounts[account_id]
        fields["id"] = changes.pop("id", None) or self.new_id(at)
        fields.update(created_at=iso(at or self.now()), content=content, language="en",
                      uri=f"{account['uri']}/statuses/{fields['id']}", url=f"{account['url']}/{fields['id']}",
                      application={"name": "Fake", "website": None} if "@" not in account["acct"] else None)
        reblog_of = changes.pop("reblog_of", None)
        quote = changes.pop("quote_of", None)
        fields.update(changes)
        status = Status(fields, account_id, text)
        status.reblog_of = reblog_of
        status.quote = quote
        status.versions.append(status.version())
        self.statuses[status.id] = status
        account["statuses_count"] += 1
        account["last_status_at"] = fields["created_at"][:10]
        parent = self.statuses.get(fields["in_reply_to_id"])
        if parent:
            parent.fields["replies_count"] += 1
        return status

    def edit_status(self, status, **changes):
        status.text = changes.pop("text", status.text)
        status.fields.update(changes)
        if "edited_at" not in changes:
            status.fields["edited_at"] = iso(self.now())
        status.versions.append(status.version())

    def delete_status(self, status):
        if status.deleted:
            return
        status.deleted = True
        account = self.accounts[status.account_id]
        account["statuses_count"] = max(0, account["statuses_count"] - 1)
        if status.reblog_of and status.reblog_of in self.statuses:
            self.bump(self.statuses[status.reblog_of], "reblogs_count", -1)
        parent = self.statuses.get(status.fields["in_reply_to_id"])
        if parent:
            self.bump(parent, "replies_count", -1)

    @staticmethod
    def bump(status, count, by):
        status.fields[count] = max(0, status.fields[count] + by)

    def get(self, identifier):
        status = self.statuses.get(identifier)
        return None if status is None or status.deleted else status

    def visible(self, status, viewer):
        """Whether `viewer` (an account id, or None for a stranger) may see the status."""
        if status.deleted:
            return False
        if status.visibility in ("public", "unlisted") or status.account_id == viewer:
            return True
        if viewer is None:
            return False
        if any(mention["id"] == viewer for mention in status.fields["mentions"]):
            return True
        return status.visibility == "private" and (viewer, status.account_id) in self.follows

    def hidden_from(self, status, viewer):
        """Whether a filter of the viewer hides it."""
        text = (status.fields["content"] + status.fields["spoiler_text"]).lower()
        return any(f["action"] == "hide" and f["phrase"].lower() in text for f in self.filters.get(viewer, []))

    def newest_first(self, wanted):
        found = [s for s in self.statuses.values() if not s.deleted and wanted(s)]
        return sorted(found, key=lambda s: id_key(s.id), reverse=True)
