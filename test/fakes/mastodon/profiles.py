"""How other server software that speaks Mastodon's API differs: fields left out, ids, routes, headers."""
import copy
from dataclasses import dataclass, field

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _digits(number, alphabet, width):
    out = ""
    while number:
        number, rest = divmod(number, len(alphabet))
        out = alphabet[rest] + out
    return out.rjust(width, alphabet[0])


def flake_id(number):
    """Pleroma: 18 characters in base 62 that sort as strings."""
    return _digits(number << 40, BASE62, 18)


def ulid(number):
    """GoToSocial: 26 characters; the time of the snowflake stays in front."""
    return _digits(((number >> 16) << 80) | (number & 0xFFFF), CROCKFORD, 26)


@dataclass
class Profile:
    name: str
    version: str
    id_style: object = str
    instance_v2: bool = True
    public_needs_token: bool = False
    rate_limit_headers: bool = True
    missing_paths: tuple = ()
    without_status: tuple = ()
    without_account: tuple = ()
    without_instance: tuple = ()
    with_status: dict = field(default_factory=dict)
    software: str = "mastodon"
    source_url: str = "https://github.com/mastodon/mastodon"
    reads_idempotency_key: bool = True
    quotes: bool = True
    filters_own_list: bool = False

    def instance(self, body):
        body = {k: v for k, v in body.items() if k not in self.without_instance}
        if "source_url" in body:
            body["source_url"] = self.source_url
        if self.software != "mastodon" or not self.quotes:
            body.pop("api_versions", None)
        return body

    def nodeinfo(self, body):
        return {**body, "software": {"name": self.software, "version": self.version}}

    def trim(self, value):
        """Removes, anywhere inside, the members this software does not send."""
        if isinstance(value, list):
            return [self.trim(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        gone = ()
        if "visibility" in value and "content" in value:
            gone = self.without_status
            value = {**value, **copy.deepcopy(self.with_status)}
        elif "acct" in value and "username" in value:
            gone = self.without_account
        return {k: self.trim(v) for k, v in value.items() if k not in gone}

    @property
    def changes_bodies(self):
        return bool(self.without_status or self.without_account or self.with_status)


_NEW_ACCOUNT = ("uri", "indexable", "hide_collections", "show_media", "show_media_replies", "show_featured",
                "feature_approval", "avatar_description", "header_description", "noindex", "roles")
_NEW_STATUS = ("quotes_count", "filtered", "tagged_collections", "quote", "quote_approval")

PROFILES = {p.name: p for p in (
    Profile("mastodon", "4.6.4"),
    Profile("mastodon3", "3.4.10", instance_v2=False,
            missing_paths=(r"/history$", r"/source$", r"^PUT /api/v1/statuses/", r"^/api/v1/trends/",
                           r"/\.well-known/oauth-authorization-server$"),
            without_status=_NEW_STATUS + ("edited_at",), without_account=_NEW_ACCOUNT,
            without_instance=("configuration",), quotes=False),
    Profile("pleroma", "2.7.2 (compatible; Pleroma 2.9.1)", id_style=flake_id, rate_limit_headers=False,
            missing_paths=(r"^/api/v1/trends/", r"/\.well-known/oauth-authorization-server$"),
            without_status=_NEW_STATUS, without_account=_NEW_ACCOUNT + ("group", "discoverable", "last_status_at"),
            without_instance=("rules", "contact_account"),
            with_status={"pleroma": {"local": True, "emoji_reactions": [], "quotes_count": 0}},
            software="pleroma", source_url="https://git.pleroma.social/pleroma/pleroma", quotes=False),
    Profile("gotosocial", "0.19.1+git-1a2b3c4", id_style=ulid, public_needs_token=True,
            missing_paths=(r"^/api/v1/trends/", r"/\.well-known/oauth-authorization-server$"),
            without_status=_NEW_STATUS + ("edited_at", "card"), without_account=_NEW_ACCOUNT + ("group",),
            without_instance=("usage",), with_status={"interaction_policy": {}}, software="gotosocial",
            # Its source (0.20): the header is allowed and read nowhere, an account's own list passes its filters.
            source_url="https://codeberg.org/superseriousbusiness/gotosocial", reads_idempotency_key=False, quotes=False,
            filters_own_list=True),
)}
