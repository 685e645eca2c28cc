"""Single statuses: reading, writing, favouriting, boosting; media uploads."""
import copy
import datetime
import re

import oauth
import text_rules
from answers import NOT_FOUND, ApiError, answer, read_params
from render import render_history, render_status, render_text
from world import TEMPLATES, id_key, iso, parse_iso

MAX_BATCH = 20
MIN_POLL = 300  # seconds; PollExpirationValidator
KEYS_LAST = datetime.timedelta(hours=1)


def find(request, who):
    world = request.app["world"]
    status = world.get(request.match_info["id"])
    if status is None or not world.visible(status, who):
        raise ApiError(404, NOT_FOUND)
    return status


async def show(request):
    who = oauth.viewer(request, "read:statuses")
    return answer(render_status(request.app["world"], find(request, who), who))


async def batch(request):
    """Several by id, oldest first whatever the order asked for; what is gone or hidden is left out."""
    params = await read_params(request)
    if not request.app["settings"].batch:
        raise ApiError(404, "Not Found")
    world, who = request.app["world"], oauth.viewer(request, "read:statuses")
    wanted = params.all("id")
    if len(wanted) > MAX_BATCH:
        raise ApiError(422, "Mastodon::ValidationError")
    found = [world.get(i) for i in sorted(set(wanted), key=id_key)]
    return answer([render_status(world, s, who) for s in found if s and world.visible(s, who)])


async def history(request):
    who = oauth.viewer(request, "read:statuses")
    return answer(render_history(request.app["world"], find(request, who)))


async def source(request):
    status = find(request, oauth.user(request, "read:statuses"))
    return answer({"id": status.id, "text": status.text, "spoiler_text": status.fields["spoiler_text"]})


async def context(request):
    world, who = request.app["world"], oauth.viewer(request, "read:statuses")
    status = find(request, who)
    ancestors, above = [], world.get(status.fields["in_reply_to_id"])
    while above and len(ancestors) < 40:
        ancestors.insert(0, above)
        above = world.get(above.fields["in_reply_to_id"])
    below, family = [], {status.id}
    for other in sorted(world.statuses.values(), key=lambda s: id_key(s.id)):
        if other.fields["in_reply_to_id"] in family and not other.deleted:
            family.add(other.id)
            below.append(other)

    def show_all(found):
        return [render_status(world, s, who) for s in found if world.visible(s, who)]

    return answer({"ancestors": show_all(ancestors), "descendants": show_all(below)})


def check_text(params, has_attachment):
    text = params.get("status") or ""
    if not text.strip() and not has_attachment:
        raise ApiError(422, "Validation failed: Text can't be blank")
    if text_rules.length(text, params.get("spoiler_text")) > text_rules.MAX_CHARACTERS:
        raise ApiError(422, f"Validation failed: Text character limit of {text_rules.MAX_CHARACTERS} exceeded")
    return text


def take_media(world, params):
    found = []
    for identifier in params.all("media_ids"):
        if world.media_waits.get(identifier):
            raise ApiError(422, "Cannot attach files that have not finished processing. Try again in a moment!")
        media = world.media.pop(identifier, None)
        if media is None:
            raise ApiError(422, f"Media ({identifier}) not found or already attached to another post")
        found.append(media)
    # PostStatusService#validate_media!
    if len(found) > text_rules.MAX_FILES:
        raise ApiError(422, f"Cannot attach more than {text_rules.MAX_FILES} files")
    if len(found) > 1 and any(m["type"] in ("video", "audio") for m in found):
        raise ApiError(422, "Cannot attach a video to a post that already contains images")
    return found


def make_poll(world, params):
    options = params.all("poll[options]")
    if not options:
        return None
    seconds = params.number("poll[expires_in]", 86400)
    if problem := text_rules.poll_problem(options, seconds):
        raise ApiError(422, f"Validation failed: {problem}")
    expires = world.now().timestamp() + seconds
    moment = type(world.now()).fromtimestamp(expires, world.now().tzinfo)
    return {"id": world.small_id(), "expires_at": iso(moment), "expired": False,
            "multiple": params.flag("poll[multiple]"), "votes_count": 0, "voters_count": 0, "voted": True,
            "own_votes": [], "options": [{"title": o, "votes_count": 0} for o in options], "emojis": []}


def remember(request, who):
    """Where the answer to this Idempotency-Key is kept, or None without one."""
    key = request.headers.get("Idempotency-Key")
    return (who, key) if key and request.app["settings"].profile.reads_idempotency_key else None


def rewritten(world, text):
    for pattern, replacement in world.rewrites:
        text = re.sub(pattern, replacement, text)
    return text


def approval(params, visibility):
    """quote_approval_policy, as it shows (docs.joinmastodon.org/entities/QuoteApproval); private posts: nobody."""
    policy = "nobody" if visibility in ("private", "direct") else params.get("quote_approval_policy") or "public"
    return {"automatic": [] if policy == "nobody" else [policy], "manual": [], "current_user": "automatic"}


async def create(request):
    params = await read_params(request)
    world, who = request.app["world"], oauth.user(request, "write:statuses")
    memory = remember(request, who)
    kept, at = world.idempotency.get(memory, (None, None))
    if kept in world.scheduled and world.now() - at < KEYS_LAST:
        return answer(world.scheduled[kept])
    before = world.get(kept)
    if before and world.now() - at < KEYS_LAST:
        return answer(render_status(world, before, who))
    has_attachment = bool(params.all("media_ids") or params.all("poll[options]"))
    text = rewritten(world, check_text(params, has_attachment)).strip()
    parent = None
    if params.get("in_reply_to_id"):
        parent = world.get(params.get("in_reply_to_id"))
        if parent is None or not world.visible(parent, who):
            raise ApiError(404, "The post you are trying to reply to does not appear to exist.")
    if params.get("scheduled_at"):
        return schedule(world, params, text, who, memory)
    content, tags, mentions = render_text(world, text)
    grant = oauth.grant_of(request)
    app = {"name": grant["app"]["name"], "website": grant["app"]["website"]} if grant["app"] else \
        {"name": "Fake", "website": None}
    spoiler = (params.get("spoiler_text") or "").strip()
    visibility = params.get("visibility") or "public"
    quoted = params.get("quoted_status_id") if request.app["settings"].profile.quotes else None
    status = world.add_status(
        who, content, text, spoiler_text=spoiler, sensitive=params.flag("sensitive") or bool(spoiler),
        visibility=visibility, language=params.get("language") or "en", quote_approval=approval(params, visibility),
        in_reply_to_id=parent.id if parent else None, in_reply_to_account_id=parent.account_id if parent else None,
        media_attachments=take_media(world, params), poll=make_poll(world, params), application=app,
        tags=tags, mentions=mentions, quote_of=quoted)
    if memory:
        world.idempotency[memory] = (status.id, world.now())
    world.effects["statuses"][text] += 1
    await request.app["hub"].status_event("update", status)
    return answer(render_status(world, status, who))


def schedule(world, params, text, who, memory):
    try:
        at = iso(parse_iso(params.get("scheduled_at")))
    except ValueError as problem:
        raise ApiError(422, "Validation failed: Scheduled at is not a valid date") from problem
    entry = {"id": world.small_id(), "scheduled_at": at,
             "params": {"text": text, "visibility": params.get("visibility"), "in_reply_to_id": None,
                        "spoiler_text": params.get("spoiler_text"), "poll": None, "media_ids": None,
                        "idempotency": None, "scheduled_at": None, "application_id": 1},
             "media_attachments": []}
    world.scheduled[entry["id"]] = entry
    world.schedulers[entry["id"]] = who
    world.effects["scheduled"][text] += 1
    if memory:
        world.idempotency[memory] = (entry["id"], world.now())
    return answer(entry)


async def list_scheduled(request):
    world, who = request.app["world"], oauth.user(request, "read:statuses")
    return answer([e for i, e in reversed(world.scheduled.items()) if world.schedulers[i] == who])


async def show_scheduled(request):
    oauth.user(request, "read:statuses")
    entry = request.app["world"].scheduled.get(request.match_info["id"])
    if entry is None:
        raise ApiError(404, NOT_FOUND)
    return answer(entry)


def own(request, scope):
    """The status if it is the user's own; anybody else's does not exist for editing."""
    who = oauth.user(request, scope)
    status = request.app["world"].get(request.match_info["id"])
    if status is None or status.account_id != who:
        raise ApiError(404, NOT_FOUND)
    return who, status


async def update(request):
    params = await read_params(request)
    world = request.app["world"]
    who, status = own(request, "write:statuses")
    text = check_text(params, bool(status.fields["media_attachments"]))
    content, tags, mentions = render_text(world, text)
    attached = status.fields["media_attachments"]
    kept = [m for m in attached if m["id"] in params.all("media_ids")]  # as Mastodon: none named, none kept
    fresh = [world.media.pop(i) for i in params.all("media_ids") if i in world.media]
    spoiler = (params.get("spoiler_text") or "").strip()
    world.edit_status(status, text=text, content=content, tags=tags, mentions=mentions, spoiler_text=spoiler,
                      sensitive=params.flag("sensitive") or bool(spoiler), media_attachments=kept + fresh,
                      language=params.get("language") or status.fields["language"],
                      poll=edited_poll(world, params, status.fields["poll"]))
    world.effects["changes"]["edit"] += 1
    await request.app["hub"].status_event("status.update", status)
    return answer(render_status(world, status, who))


def edited_poll(world, params, before):
    """Mastodon's UpdateStatusService: without a poll it is destroyed, other options or manner take its votes."""
    after = make_poll(world, params)
    if after is None or before is None:
        return after
    if params.number("poll[expires_in]", 0) < MIN_POLL:
        raise ApiError(422, "Validation failed: Expires at is too soon")
    same = [o["title"] for o in before["options"]] == [o["title"] for o in after["options"]] \
        and before["multiple"] == after["multiple"]
    return {**before, "expires_at": after["expires_at"]} if same else {**after, "id": before["id"]}


async def delete(request):
    world = request.app["world"]
    who, status = own(request, "write:statuses")
    last = render_status(world, status, who, source=True)
    await request.app["hub"].delete_event(status)
    world.delete_status(status)
    world.effects["changes"]["delete"] += 1
    return answer(last)


async def favourite(request):
    return await _favour(request, True)


async def unfavourite(request):
    return await _favour(request, False)


async def _favour(request, on):
    world, who = request.app["world"], oauth.user(request, "write:favourites")
    status = find(request, who)
    if on and who not in status.favourited_by:
        status.favourited_by.add(who)
        world.bump(status, "favourites_count", 1)
        world.effects["changes"]["favourite"] += 1
    elif not on and who in status.favourited_by:
        status.favourited_by.discard(who)
        world.bump(status, "favourites_count", -1)
        world.effects["changes"]["unfavourite"] += 1
    return answer(render_status(world, status, who))


async def bookmark(request):
    who = oauth.user(request, "write:bookmarks")
    status = find(request, who)
    (status.bookmarked_by.add if request.path.endswith("/bookmark") else status.bookmarked_by.discard)(who)
    return answer(render_status(request.app["world"], status, who))


async def pin(request):
    who, status = own(request, "write:accounts")
    status.pinned = request.path.endswith("/pin")
    return answer(render_status(request.app["world"], status, who))


async def reblog(request):
    world, who = request.app["world"], oauth.user(request, "write:statuses")
    status = find(request, who)
    status = world.get(status.reblog_of) or status
    if status.visibility not in ("public", "unlisted") and status.account_id != who:
        raise ApiError(404, NOT_FOUND)
    before = _boost_of(world, status, who)
    if before:
        return answer(render_status(world, before, who))
    world.bump(status, "reblogs_count", 1)
    world.effects["changes"]["reblog"] += 1
    boost = world.add_status(who, "", reblog_of=status.id, application=None, language=None,
                             visibility=(await read_params(request)).get("visibility") or "public")
    boost.fields["uri"] = boost.fields["url"] = boost.fields["uri"] + "/activity"
    await request.app["hub"].status_event("update", boost)
    return answer(render_status(world, boost, who))


def _boost_of(world, status, who):
    return next((s for s in world.statuses.values()
                 if s.reblog_of == status.id and s.account_id == who and not s.deleted), None)


async def unreblog(request):
    world, who = request.app["world"], oauth.user(request, "write:statuses")
    status = find(request, who)
    status = world.get(status.reblog_of) or status
    boost = _boost_of(world, status, who)
    if boost:
        await request.app["hub"].delete_event(boost)
        world.effects["changes"]["unreblog"] += 1
        world.delete_status(boost)
    return answer(render_status(world, status, who))


async def upload(request):
    params = await read_params(request)
    world = request.app["world"]
    oauth.user(request, "write:media")
    if not params.has("file"):
        raise ApiError(422, "Validation failed: File can't be blank")
    media = copy.deepcopy(TEMPLATES["media"])
    media["id"] = world.new_id()
    for key in ("url", "preview_url"):
        media[key] = f"{world.base_url}/system/media_attachments/files/{media['id']}/{key}.jpg"
    # Mastodon tells it by the bytes, as does who sends it here.
    kind = (params.get("file.type") or "").split("/")[0]
    media["type"] = kind if kind in ("video", "audio") else "image"
    media["description"] = params.get("description")
    if len(media["description"] or "") > text_rules.MAX_DESCRIPTION:
        raise ApiError(422, "Validation failed: Description is too long")
    world.media[media["id"]] = media
    world.effects["changes"]["upload"] += 1
    world.effects["files"][params.get("file.sha256")] += 1
    if world.media_looks:
        world.media_waits[media["id"]] = world.media_looks
        return answer(dict(media, url=None), 202)
    return answer(media)


async def show_upload(request):
    oauth.user(request, "write:media")
    media = request.app["world"].media.get(request.match_info["id"])
    if media is None:
        raise ApiError(404, NOT_FOUND)
    waits = request.app["world"].media_waits
    if waits.get(media["id"]):
        waits[media["id"]] -= 1
        return answer(dict(media, url=None), 206)
    return answer(media)


def add_routes(router):
    base = "/api/v1/statuses"
    router.add_get("/api/v1/scheduled_statuses", list_scheduled)
    router.add_get("/api/v1/scheduled_statuses/{id}", show_scheduled)
    router.add_get(base, batch)
    router.add_post(base, create)
    router.add_get(base + "/{id}", show)
    router.add_put(base + "/{id}", update)
    router.add_delete(base + "/{id}", delete)
    for name, handler in (("history", history), ("source", source), ("context", context)):
        router.add_get(f"{base}/{{id}}/{name}", handler)
    for name, handler in (("favourite", favourite), ("unfavourite", unfavourite), ("reblog", reblog),
                          ("unreblog", unreblog), ("bookmark", bookmark), ("unbookmark", bookmark),
                          ("pin", pin), ("unpin", pin)):
        router.add_post(f"{base}/{{id}}/{name}", handler)
    router.add_post("/api/v2/media", upload)
    router.add_post("/api/v1/media", upload)
    router.add_get("/api/v1/media/{id}", show_upload)
