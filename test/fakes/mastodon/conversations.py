"""Conversations: direct statuses, grouped by the post they began with."""
import copy

import oauth
from answers import NOT_FOUND, ApiError, answer, link_header, read_params
from render import render_status
from world import id_key


def root_of(world, status):
    while status.fields["in_reply_to_id"] and world.get(status.fields["in_reply_to_id"]):
        status = world.get(status.fields["in_reply_to_id"])
    return status.id


def conversations_of(world, who):
    """{root: [statuses, oldest first]}"""
    found = {}
    for status in sorted(world.statuses.values(), key=lambda s: id_key(s.id)):
        if status.visibility == "direct" and not status.deleted and world.visible(status, who):
            found.setdefault(root_of(world, status), []).append(status)
    return found


def render(world, who, root, statuses):
    people = []
    for status in statuses:
        for person in [status.account_id, *(mention["id"] for mention in status.fields["mentions"])]:
            if person != who and person not in people:
                people.append(person)
    last = statuses[-1]
    return {"id": root, "unread": last.account_id != who and (who, last.id) not in world.read_marks,
            "accounts": [copy.deepcopy(world.accounts[person]) for person in people if person in world.accounts],
            "last_status": render_status(world, last, who)}


async def listing(request):
    params = await read_params(request)
    world, who = request.app["world"], oauth.user(request, "read:statuses")
    found = conversations_of(world, who)
    newest = sorted(found.items(), key=lambda pair: id_key(pair[1][-1].id), reverse=True)
    if params.get("max_id"):  # of the last status
        newest = [pair for pair in newest if id_key(pair[1][-1].id) < id_key(params.get("max_id"))]
    limit = min(params.number("limit", 20), 40)
    page, headers = newest[:limit], {}
    if page:
        links = [("prev", {"min_id": page[0][1][-1].id})]
        if len(page) == limit:
            links.insert(0, ("next", {"max_id": page[-1][1][-1].id}))
        headers["Link"] = link_header(world.base_url, request.path, params, {"limit"}, links)
    return answer([render(world, who, root, statuses) for root, statuses in page], headers=headers)


async def mark_read(request):
    world, who = request.app["world"], oauth.user(request, "write:conversations")
    root = request.match_info["id"]
    statuses = conversations_of(world, who).get(root)
    if not statuses:
        raise ApiError(404, NOT_FOUND)
    world.read_marks.add((who, statuses[-1].id))
    return answer(render(world, who, root, statuses))


def add_routes(router):
    for path in ("/api/v1/conversations", "/api/v1/conversations/"):  # Mastodon.py asks with the slash
        router.add_get(path, listing)
    router.add_post("/api/v1/conversations/{id}/read", mark_read)
