"""Drives the fake with Mastodon.py, a client that knows nothing of it: check_mastodon_py.py BASE_URL"""
import datetime
import re
import sys
import threading
import time

sys.path.pop(0)  # Our own files beside this one must not be found in place of the client's.

import requests  # noqa: E402
from mastodon import Mastodon, MastodonNotFoundError, MastodonAPIError, StreamListener  # noqa: E402
from mastodon.errors import MastodonUnauthorizedError  # noqa: E402

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
SCOPES = ["read", "write", "follow"]
WAIT = 10


class Heard(StreamListener):
    def __init__(self):
        self.events = []

    def on_update(self, status):
        self.events.append(("update", str(status.id), status.content))

    def on_status_update(self, status):
        self.events.append(("status.update", str(status.id), status.content))

    def on_delete(self, status_id):
        self.events.append(("delete", str(status_id), None))

    def wait_for(self, kind, identifier):
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            if any(e[:2] == (kind, str(identifier)) for e in self.events):
                return True
            time.sleep(0.02)
        return False


class Checks:
    def __init__(self, base):
        self.base = base
        self.passed = self.failed = 0

    def run(self, name, check):
        try:
            check()
        except Exception as problem:  # A check that fails must not hide the ones after it.
            self.failed += 1
            print(f"FAIL mastodon.py {name}: {type(problem).__name__}: {problem}", flush=True)
        else:
            self.passed += 1
            print(f"ok mastodon.py {name}", flush=True)

    # Logging in -------------------------------------------------------------------------------

    def log_in(self):
        client_id, secret = Mastodon.create_app("check", scopes=SCOPES, api_base_url=self.base)
        self.api = Mastodon(client_id=client_id, client_secret=secret, api_base_url=self.base, ratelimit_method="throw")
        url = self.api.auth_request_url(scopes=SCOPES, allow_http=True)
        page = requests.get(url + "&login_as=alice", timeout=WAIT)
        code = re.search(r'class="oauth-code"[^>]*value="([^"]+)"', page.text).group(1)
        token = self.api.log_in(code=code, scopes=SCOPES, allow_http=True)
        assert token and self.api.account_verify_credentials().acct == "alice"
        assert self.api.app_verify_credentials().name == "check"

    def code_is_used_once(self):
        try:
            self.api.log_in(code="no such code", scopes=SCOPES, allow_http=True)
        except Exception as problem:
            assert "invalid" in str(problem).lower(), problem
        else:
            raise AssertionError("a wrong code was taken")

    def revoke(self):
        client_id, secret = Mastodon.create_app("revoked", scopes=SCOPES, api_base_url=self.base)
        api = Mastodon(client_id=client_id, client_secret=secret, api_base_url=self.base)
        page = requests.get(api.auth_request_url(scopes=SCOPES, allow_http=True) + "&login_as=bob", timeout=WAIT)
        code = re.search(r'value="([^"]+)"', page.text).group(1)
        token = api.log_in(code=code, scopes=SCOPES, allow_http=True)
        api.revoke_access_token(allow_http=True)
        gone = Mastodon(access_token=token, api_base_url=self.base)
        try:
            gone.timeline_home()
        except MastodonUnauthorizedError:
            return
        raise AssertionError("a revoked token still works")

    def anonymous(self):
        api = Mastodon(api_base_url=self.base)
        assert isinstance(api.timeline_public(limit=3), list)
        try:
            api.timeline_home()
        except MastodonAPIError:
            return
        raise AssertionError("the home timeline needs no token")

    # The server -------------------------------------------------------------------------------

    def instance(self):
        assert self.api.instance_v2().configuration.urls.streaming.startswith("ws://")
        assert self.api.instance_v1().urls.streaming_api.startswith("ws://")
        assert self.api.stream_healthy()
        assert self.api.instance_nodeinfo().software.name == "mastodon"

    # Statuses ---------------------------------------------------------------------------------

    def post_edit_delete(self):
        status = self.api.status_post("Hello #linnet from @bob", spoiler_text="greeting", sensitive=True)
        assert [t.name for t in status.tags] == ["linnet"] and status.spoiler_text == "greeting"
        assert [m.acct for m in status.mentions] == ["bob"]
        edited = self.api.status_update(status, "Hello again #linnet", spoiler_text="greeting")
        assert edited.edited_at is not None and "again" in edited.content
        assert len(self.api.status_history(status)) == 2
        assert self.api.status_source(status).text == "Hello again #linnet"
        self.api.status_delete(status)
        try:
            self.api.status(status)
        except MastodonNotFoundError:
            return
        raise AssertionError("a deleted status is still there")

    def idempotency(self):
        one = self.api.status_post("Only once", idempotency_key="key-1")
        two = self.api.status_post("Only once", idempotency_key="key-1")
        other = self.api.status_post("Only once", idempotency_key="key-2")
        assert one.id == two.id and one.id != other.id

    def too_long(self):
        try:
            self.api.status_post("x" * 501)
        except MastodonAPIError as problem:
            assert "500" in str(problem), problem
            return
        raise AssertionError("501 characters were taken")

    def thread_and_context(self):
        top = self.api.status_post("Top")
        reply = self.api.status_reply(top, "Reply", untag=True)
        assert [str(s.id) for s in self.api.status_context(top).descendants] == [str(reply.id)]
        assert [str(s.id) for s in self.api.status_context(reply).ancestors] == [str(top.id)]
        assert self.api.status(top).replies_count == 1

    def favourite_and_boost(self):
        status = self.api.status_post("Like me")
        assert self.api.status_favourite(status).favourites_count == 1
        assert self.api.status_favourite(status).favourites_count == 1
        assert self.api.status_unfavourite(status).favourites_count == 0
        boost = self.api.status_reblog(status)
        assert boost.reblog.id == status.id and boost.reblog.reblogs_count == 1
        assert self.api.status_reblog(status).id == boost.id
        assert self.api.status_unreblog(status).reblogs_count == 0

    def conversations(self):
        alice = Mastodon(access_token="test-token-alice", api_base_url=self.base)
        alice.status_post("@bob Between us", visibility="direct")
        bob = Mastodon(access_token="test-token-bob", api_base_url=self.base)
        found = bob.conversations()
        assert [str(a.acct) for a in found[0].accounts] == ["alice"], found[0]
        assert found[0].unread, found[0]
        bob.conversations_read(found[0])
        assert not bob.conversations()[0].unread

    def poll_and_media(self):
        poll = self.api.make_poll(["tea", "coffee"], expires_in=600)
        assert [o.title for o in self.api.status_post("Which?", poll=poll).poll.options] == ["tea", "coffee"]
        media = self.api.media_post(b"not really a picture", mime_type="image/png", description="a picture")
        status = self.api.status_post("See", media_ids=[media])
        assert status.media_attachments[0].description == "a picture"

    def scheduled(self):
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=2)
        one = self.api.status_post("Later", scheduled_at=at, idempotency_key="later-1")
        two = self.api.status_post("Later", scheduled_at=at, idempotency_key="later-1")
        assert str(one.id) == str(two.id)
        found = [e for e in self.api.scheduled_statuses() if str(e.id) == str(one.id)]
        assert len(found) == 1 and found[0].params.text == "Later", found
        assert self.api.scheduled_status(one.id).params.text == "Later"

    def edit_with_media(self):
        media = self.api.media_post(b"not really a picture", mime_type="image/png", description="a picture")
        status = self.api.status_post("See", media_ids=[media])
        assert len(self.api.status_update(status, "Look", media_ids=[media]).media_attachments) == 1
        assert len(self.api.status_update(status, "Nothing to see").media_attachments) == 0

    def batch(self):
        made = [self.api.status_post(f"Batch {n}") for n in range(3)]
        found = self.api.statuses([s.id for s in made] + ["1"])
        assert {str(s.id) for s in found} == {str(s.id) for s in made}

    # Timelines --------------------------------------------------------------------------------

    def paging(self):
        made = [str(self.api.status_post(f"Page {n} #paging").id) for n in range(7)]
        page = self.api.timeline_hashtag("paging", limit=3)
        seen = [str(s.id) for s in page]
        while page := self.api.fetch_next(page):
            seen += [str(s.id) for s in page]
        assert seen == list(reversed(made)), seen
        first = self.api.timeline_hashtag("paging", limit=3, min_id=made[0])
        assert [str(s.id) for s in first] == [made[3], made[2], made[1]]
        newer = self.api.fetch_previous(first)
        assert [str(s.id) for s in newer] == [made[6], made[5], made[4]]
        since = self.api.timeline_hashtag("paging", limit=3, since_id=made[0])
        assert [str(s.id) for s in since] == [made[6], made[5], made[4]]

    def public_and_local(self):
        self.api.status_post("For all")
        local = self.api.timeline_local(limit=40)
        assert local and all("@" not in s.account.acct for s in local)
        remote = self.api.timeline_public(remote=True, limit=40)
        assert all("@" in s.account.acct for s in remote)
        assert len(self.api.timeline_public(limit=100)) <= 40

    def account(self):
        bob = self.api.account_lookup("bob")
        assert self.api.account_follow(bob).following
        mine = self.api.account_statuses(self.api.me(), limit=2)
        assert len(mine) == 2 and len(self.api.fetch_next(mine)) == 2
        assert not self.api.account_unfollow(bob).following

    def lists(self):
        bob = self.api.account_lookup("bob")
        self.api.account_follow(bob)
        made = self.api.list_create("friends")
        self.api.list_accounts_add(made, bob)
        status = Mastodon(access_token="test-token-bob", api_base_url=self.base).status_post("To the list")
        assert str(self.api.timeline_list(made)[0].id) == str(status.id)
        assert str(status.id) in [str(s.id) for s in self.api.timeline_home()]
        self.api.list_delete(made)

    def trends(self):
        self.api.status_post("#trendy")
        assert "trendy" in [t.name for t in self.api.trending_tags(limit=20)]

    # Streaming --------------------------------------------------------------------------------

    def events_of(self, heard, text, edit=True):
        """Posts, edits and deletes while a stream is open; each must be heard."""
        time.sleep(0.4)
        status = self.api.status_post(text)
        assert heard.wait_for("update", status.id), heard.events
        if edit:
            self.api.status_update(status, text + " edited")
            assert heard.wait_for("status.update", status.id), heard.events
        self.api.status_delete(status)
        assert heard.wait_for("delete", status.id), heard.events

    def server_sent_events(self, open_stream):
        heard = Heard()
        handle = open_stream(heard, run_async=True, timeout=WAIT)
        try:
            self.events_of(heard, "Streamed #linnet")
        finally:
            handle.close()

    def websocket(self):
        heard = Heard()
        handle = self.api.stream_open_websocket(heard, timeout=WAIT)
        for stream, more in (("public", {}), ("hashtag", {"tag": "linnet"}), ("public:remote", {})):
            handle.subscribe(stream, **more)
        receiver = threading.Thread(target=handle.run, daemon=True) if hasattr(handle, "run") else None
        if receiver and not handle.is_receiving():
            receiver.start()
        try:
            self.events_of(heard, "By WebSocket #linnet", edit=False)
            updates = [e for e in heard.events if e[0] == "update"]
            assert len(updates) == 2, f"public and hashtag hear it once each, not {len(updates)}"
        finally:
            handle.close()

    def all(self):
        api = lambda name: lambda listener, **more: getattr(self.api, name)(listener, **more)  # noqa: E731
        for name, check in (
                ("log in by code, out of band", self.log_in), ("wrong code", self.code_is_used_once),
                ("revoked token", self.revoke), ("stranger", self.anonymous), ("instance", self.instance),
                ("post, edit, history, delete", self.post_edit_delete), ("idempotency key", self.idempotency),
                ("too long", self.too_long), ("context", self.thread_and_context),
                ("favourite and boost", self.favourite_and_boost), ("conversations", self.conversations), ("poll and media", self.poll_and_media),
                ("scheduled", self.scheduled), ("edit with media", self.edit_with_media),
                ("batch by ids", self.batch), ("paging", self.paging), ("public, local, remote", self.public_and_local),
                ("account statuses, follow", self.account), ("list and home", self.lists), ("trends", self.trends),
                ("events: public", lambda: self.server_sent_events(api("stream_public"))),
                ("events: local", lambda: self.server_sent_events(api("stream_local"))),
                ("events: user", lambda: self.server_sent_events(api("stream_user"))),
                ("events: hashtag", lambda: self.server_sent_events(
                    lambda listener, **more: self.api.stream_hashtag("linnet", listener, **more))),
                ("websocket", self.websocket)):
            self.run(name, check)


if __name__ == "__main__":
    checks = Checks(sys.argv[1].rstrip("/"))
    checks.all()
    sys.exit(1 if checks.failed else 0)
