"""Timelines, an account's statuses, trending hashtags: everything that is a page of statuses."""
import datetime

import oauth
from answers import NOT_FOUND, ApiError, answer, link_header, read_params
from render import render_status
from world import id_key, parse_iso

DEFAULT_LIMIT = 20


def cut(found, params, default=DEFAULT_LIMIT):
    """The page of `found` (newest first) that max_id, since_id, min_id and limit ask for; the limit used."""
    limit = min(params.number("limit", default), default * 2)
    max_id, since_id, min_id = (params.get(name) for name in ("max_id", "since_id", "min_id"))
    if max_id:
        found = [s for s in found if id_key(s.id) < id_key(max_id)]
    if min_id:
        above = [s for s in found if id_key(s.id) > id_key(min_id)]
        return above[max(0, len(above) - limit):], limit
    if since_id:
        found = [s for s in found if id_key(s.id) > id_key(since_id)]
    return found[:limit], limit


def show_page(request, params, found, viewer, keep, always_next=True):
    world = request.app["world"]
    page, limit = cut(found, params)
    headers = {}
    if page:
        links = [("prev", {"min_id": page[0].id})]
        if always_next or len(page) == limit:
            links.insert(0, ("next", {"max_id": page[-1].id}))
        headers["Link"] = link_header(world.base_url, request.path, params, keep, links)
    return answer([render_status(world, s, viewer) for s in page], headers=headers)


def in_public(world, status):
    """Whether a status belongs to the public timelines and streams."""
    reply_to = status.fields["in_reply_to_account_id"]
    return (status.visibility == "public" and not status.reblog_of
            and (reply_to is None or reply_to == status.account_id))


def tag_names(status):
    return {tag["name"].lower() for tag in status.fields["tags"]}


async def public(request):
    params = await read_params(request)
    world, who = request.app["world"], oauth.viewer(request, "read:statuses")
    if who is None and request.app["settings"].profile.public_needs_token:
        raise ApiError(401, "Unauthorized: token not supplied")
    local, remote = params.flag("local"), params.flag("remote")

    def wanted(status):
        if not in_public(world, status) or params.flag("only_media") and not status.fields["media_attachments"]:
            return False
        if local:
            return world.is_local(status)
        return not remote or not world.is_local(status)

    keep = ("local", "remote", "limit", "only_media")
    return show_page(request, params, world.newest_first(wanted), who, keep)


async def tag(request):
    params = await read_params(request)
    world, who = request.app["world"], oauth.viewer(request, "read:statuses")
    first = request.match_info["tag"].lower()
    any_of = {first, *(t.lower() for t in params.all("any"))}
    all_of = {t.lower() for t in params.all("all")}
    none_of = {t.lower() for t in params.all("none")}

    def wanted(status):
        names = tag_names(status)
        if status.visibility != "public" or not names & any_of or not all_of <= names or names & none_of:
            return False
        if params.flag("local") and not world.is_local(status):
            return False
        return not params.flag("only_media") or bool(status.fields["media_attachments"])

    keep = ("any", "all", "none", "local", "limit", "only_media")
    return show_page(request, params, world.newest_first(wanted), who, keep)


def in_home(world, status, who):
    followed = status.account_id == who or (who, status.account_id) in world.follows
    return followed and status.visibility != "direct" and world.visible(status, who)


async def home(request):
    params = await read_params(request)
    world, who = request.app["world"], oauth.user(request, "read:statuses")
    found = world.newest_first(lambda s: in_home(world, s, who))
    return show_page(request, params, found, who, ("local", "limit"))


async def of_list(request):
    params = await read_params(request)
    world, who = request.app["world"], oauth.user(request, "read:lists")
    entry = world.lists.get(request.match_info["id"])
    if entry is None or entry["owner"] != who:
        raise ApiError(404, NOT_FOUND)
    found = world.newest_first(lambda s: s.account_id in entry["members"] and world.visible(s, who)
                               and s.visibility != "direct")
    return show_page(request, params, found, who, ("limit",))


async def of_account(request):
    params = await read_params(request)
    world, who = request.app["world"], oauth.viewer(request, "read:statuses")
    account = world.accounts.get(request.match_info["id"])
    if account is None:
        raise ApiError(404, NOT_FOUND)

    def wanted(status):
        if status.account_id != account["id"] or not world.visible(status, who):
            return False
        if request.app["settings"].profile.filters_own_list and world.hidden_from(status, who):
            return False
        reply_to = status.fields["in_reply_to_account_id"]
        if params.flag("exclude_replies") and reply_to not in (None, account["id"]):
            return False
        if params.flag("exclude_reblogs") and status.reblog_of or params.flag("pinned") and not status.pinned:
            return False
        if params.has("tagged") and params.get("tagged").lower() not in tag_names(status):
            return False
        return not params.flag("only_media") or bool(status.fields["media_attachments"])

    keep = ("limit", "pinned", "tagged", "only_media", "exclude_replies", "exclude_reblogs")
    return show_page(request, params, world.newest_first(wanted), who, keep, always_next=False)


def tag_json(world, name):
    """A hashtag with its use on each of the last seven days."""
    midnight = world.now().replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - datetime.timedelta(days=n) for n in range(7)]
    uses, accounts = {d: 0 for d in days}, {d: set() for d in days}
    for status in world.statuses.values():
        if name in tag_names(status) and status.visibility == "public" and not status.deleted:
            day = parse_iso(status.fields["created_at"]).replace(hour=0, minute=0, second=0, microsecond=0)
            if day in uses:
                uses[day] += 1
                accounts[day].add(status.account_id)
    history = [{"day": str(int(d.timestamp())), "accounts": str(len(accounts[d])), "uses": str(uses[d])} for d in days]
    return {"id": str(sum(map(ord, name)) + 1), "name": name, "url": f"{world.base_url}/tags/{name}",
            "history": history}


async def trending_tags(request):
    """Most used today by distinct accounts; unlike the real server there is no review of tags."""
    params = await read_params(request)
    world = request.app["world"]
    names = {n for s in world.statuses.values() if not s.deleted and s.visibility == "public" for n in tag_names(s)}
    found = [tag_json(world, name) for name in names]
    found = [t for t in found if any(int(day["uses"]) for day in t["history"][:2])]
    found.sort(key=lambda t: (-sum(int(d["accounts"]) for d in t["history"][:2]),
                              -sum(int(d["uses"]) for d in t["history"][:2]), t["name"]))
    start, limit = params.number("offset", 0), min(params.number("limit", 10), 20)
    page = found[start:start + limit]
    if oauth.viewer(request) is not None:
        page = [dict(t, following=False, featuring=False) for t in page]
    return answer(page)


async def show_tag(request):
    world = request.app["world"]
    found = tag_json(world, request.match_info["tag"].lower())
    if oauth.viewer(request) is not None:
        found.update(following=False, featuring=False)
    return answer(found)


def add_routes(router):
    router.add_get("/api/v1/timelines/public", public)
    router.add_get("/api/v1/timelines/tag/{tag}", tag)
    router.add_get("/api/v1/timelines/home", home)
    router.add_get("/api/v1/timelines/list/{id}", of_list)
    router.add_get("/api/v1/accounts/{id}/statuses", of_account)
    router.add_get("/api/v1/trends/tags", trending_tags)
    router.add_get("/api/v1/trends", trending_tags)
    router.add_get("/api/v1/tags/{tag}", show_tag)
