"""JSON of accounts and statuses as a given viewer sees them, in Mastodon's order of members."""
import copy
import html
import re

HEAD = ("id", "created_at", "in_reply_to_id", "in_reply_to_account_id", "sensitive", "spoiler_text", "visibility",
        "language", "uri", "url", "replies_count", "reblogs_count", "favourites_count", "quotes_count", "edited_at")
TAIL = ("media_attachments", "mentions", "tags", "emojis", "tagged_collections")
URL = re.compile(r"https?://[^\s<>\"]+")
TAG = re.compile(r"(?<![\w/])#([^\W\d][\w]*|\d+[^\W\d][\w]*)", re.UNICODE)
MENTION = re.compile(r"(?<![\w/])@([A-Za-z0-9_]+(?:@[A-Za-z0-9.:-]+[A-Za-z0-9])?)")


def render_status(world, status, viewer=None, source=False):
    """With `source`, what its author typed stands in place of the HTML, as in the answer to a deletion."""
    fields = status.fields
    out = {key: copy.deepcopy(fields[key]) for key in HEAD}
    if viewer is not None:
        boosted = status.reblog_of or status.id
        out["favourited"] = viewer in status.favourited_by
        out["reblogged"] = any(s.reblog_of == boosted and s.account_id == viewer and not s.deleted
                               for s in world.statuses.values() if s.reblog_of)
        out["muted"] = False
        out["bookmarked"] = viewer in status.bookmarked_by
        if status.account_id == viewer and not status.reblog_of and status.visibility != "direct":
            out["pinned"] = status.pinned
    out["text" if source else "content"] = status.text if source else fields["content"]
    if viewer is not None:
        out["filtered"] = []
    inner = world.statuses.get(status.reblog_of)
    out["reblog"] = render_status(world, inner, viewer) if inner else None
    out["application"] = copy.deepcopy(fields["application"])
    out["account"] = copy.deepcopy(world.accounts[status.account_id])
    out.update({key: copy.deepcopy(fields[key]) for key in TAIL})
    quoted = world.statuses.get(status.quote)
    out["quote"] = {"state": "accepted", "quoted_status": render_status(world, quoted, viewer)} if quoted else None
    out["card"] = copy.deepcopy(fields["card"])
    out["poll"] = copy.deepcopy(fields["poll"])
    if out["poll"] and viewer is None:
        out["poll"].pop("voted", None)
        out["poll"].pop("own_votes", None)
    out["quote_approval"] = copy.deepcopy(fields["quote_approval"])
    extra = set(fields) - set(out) - {"reblog", "account", "quote", "content"}
    out.update({key: copy.deepcopy(fields[key]) for key in sorted(extra)})
    return out


def render_history(world, status):
    account = world.accounts[status.account_id]
    entries = []
    for version in status.versions:
        entry = {key: copy.deepcopy(version[key]) for key in ("content", "spoiler_text", "sensitive", "created_at")}
        entry["account"] = copy.deepcopy(account)
        entry["media_attachments"] = copy.deepcopy(version["media_attachments"])
        entry["emojis"] = copy.deepcopy(version["emojis"])
        entries.append(entry)
    return entries


def render_text(world, text):
    """Plain text to what Mastodon makes of it: (html, tags, mentions)."""
    tags, mentions = [], []

    def mark_up(piece):
        out, position = [], 0
        pattern = re.compile("|".join(f"(?:{p.pattern})" for p in (URL, TAG, MENTION)), re.UNICODE)
        for match in pattern.finditer(piece):
            out.append(html.escape(piece[position:match.start()], quote=False))
            position = match.end()
            out.append(link(match.group(0)))
        return "".join(out) + html.escape(piece[position:], quote=False)

    def link(found):
        if found.startswith("#"):
            name = found[1:]
            tag = {"name": name.lower(), "url": f"{world.base_url}/tags/{name.lower()}"}
            if tag not in tags:
                tags.append(tag)
            return f'<a href="{tag["url"]}" class="mention hashtag" rel="tag">#<span>{name}</span></a>'
        if found.startswith("@"):
            account = world.find_account(found)
            if account is None:
                return html.escape(found)
            mention = {key: account[key] for key in ("id", "username", "url", "acct")}
            if mention not in mentions:
                mentions.append(mention)
            return (f'<span class="h-card" translate="no"><a href="{account["url"]}" class="u-url mention">'
                    f'@<span>{account["username"]}</span></a></span>')
        scheme, rest = found.split("://", 1)
        shown, hidden = rest[:30], rest[30:]
        shown_class = "ellipsis" if hidden else ""
        return (f'<a href="{html.escape(found)}" rel="nofollow noopener" translate="no">'
                f'<span class="invisible">{scheme}://</span><span class="{shown_class}">{html.escape(shown)}</span>'
                f'<span class="invisible">{html.escape(hidden)}</span></a>')

    paragraphs = [p for p in re.split(r"\n{2,}", text.strip()) if p]
    body = "".join(f"<p>{'<br />'.join(mark_up(line) for line in p.splitlines())}</p>" for p in paragraphs)
    return body, tags, mentions
