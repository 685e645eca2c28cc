#!/usr/bin/env python3
"""What the control calls promise: every fault, stream misbehaviour, profile and setting does what README.md says."""
import asyncio
import http.client
import json
import pathlib
import sys
import tempfile
import time
import unittest
import urllib.error

import aiohttp

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "kit" / "python"))
from fake_mastodon import FakeMastodon  # noqa: E402

ALICE = "test-token-alice"
PUBLIC = "/api/v1/timelines/public"
LOST = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError)
WAIT = 5


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fake = FakeMastodon("--seed", "3", "--recordings", "none", "--heartbeat", "0.2", "--rate-limit", "100000")

    @classmethod
    def tearDownClass(cls):
        cls.fake.stop()

    def tearDown(self):
        self.fake.control("fail", method="DELETE")

    def fail_next(self, **order):
        self.fake.control("fail", order)

    def test_a_status_is_answered_as_often_as_ordered(self):
        self.fail_next(kind="status", status=503, retry_after=7, count=2, path="^" + PUBLIC)
        answers = [self.fake.get(PUBLIC) for _ in range(3)]
        self.assertEqual([a[0] for a in answers], [503, 503, 200])
        self.assertEqual(answers[0][1]["retry-after"], "7")
        self.assertIn("temporary problem", answers[0][2]["error"])

    def test_only_the_path_and_method_ordered_fail(self):
        self.fail_next(status=500, path="/trends/", method="GET")
        self.assertEqual(self.fake.get(PUBLIC)[0], 200)
        self.assertEqual(self.fake.get("/api/v1/trends/tags")[0], 500)

    def test_html_redirect_garbage_and_empty(self):
        self.fail_next(kind="html")
        status, headers, text = self.fake.get(PUBLIC)
        self.assertEqual((status, headers["content-type"].split(";")[0]), (200, "text/html"))
        self.assertIn("<h1>", text)
        self.fail_next(kind="redirect", to="http://other.invalid/x")
        status, headers, _ = self.fake.get(PUBLIC)
        self.assertEqual((status, headers["location"]), (302, "http://other.invalid/x"))
        for kind in ("garbage", "empty"):
            self.fail_next(kind=kind)
            status, headers, text = self.fake.get(PUBLIC)
            self.assertEqual(status, 200)
            self.assertIsInstance(text, str, "it parsed as JSON")

    def test_truncated_closed_and_hanging_answers(self):
        self.fail_next(kind="truncate")
        with self.assertRaises(http.client.IncompleteRead):
            self.fake.get(PUBLIC)
        self.fail_next(kind="close")
        with self.assertRaises(LOST):
            self.fake.get(PUBLIC)
        self.fail_next(kind="hang")
        with self.assertRaises(LOST):
            self.fake.get(PUBLIC, timeout=0.4)

    def test_slow_and_dripping_answers_are_whole(self):
        for order in ({"kind": "slow", "delay": 0.3}, {"kind": "drip", "piece": 200, "pause": 0.02}):
            self.fail_next(path="limit=1$", **order)
            start = time.monotonic()
            status, _, body = self.fake.get(PUBLIC + "?limit=1")
            self.assertEqual((status, len(body)), (200, 1))
            self.assertGreater(time.monotonic() - start, 0.1, order)

    def test_a_lost_answer_was_carried_out_and_the_key_finds_it(self):
        self.fail_next(kind="lost", method="POST")
        post = dict(method="POST", token=ALICE, body={"status": "lost but there"}, headers={"Idempotency-Key": "k1"})
        with self.assertRaises(LOST):
            self.fake.get("/api/v1/statuses", **post)
        status, _, again = self.fake.get("/api/v1/statuses", **post)
        self.assertEqual(status, 200)
        mine = self.fake.get(f"/api/v1/accounts/{again['account']['id']}/statuses", token=ALICE)[2]
        self.assertEqual(len([s for s in mine if "lost but there" in s["content"]]), 1)

    def effects(self, kind):
        return self.fake.control("effects")[kind]

    def test_effects_are_counted_once_whatever_was_answered(self):
        for kind, done in (("lost", 1), ("late_error", 1), ("close", 0)):
            text = f"effect of {kind}"
            post = dict(method="POST", token=ALICE, body={"status": text}, headers={"Idempotency-Key": kind})
            self.fail_next(kind=kind, method="POST")
            try:
                self.assertEqual(self.fake.get("/api/v1/statuses", **post)[0], 504)
            except LOST:
                pass
            self.assertEqual(self.effects("statuses").get(text, 0), done, kind)
            made = self.fake.get("/api/v1/statuses", **post)[2]
            for _ in range(2):
                self.fake.get(f"/api/v1/statuses/{made['id']}/favourite", method="POST", token=ALICE)
            self.assertEqual(self.effects("statuses")[text], 1, kind)
        self.assertEqual(self.effects("changes")["favourite"], 3)

    def test_keys_end_after_an_hour_and_belong_to_one_account(self):
        post = dict(method="POST", body={"status": "keyed"}, headers={"Idempotency-Key": "hour"})
        first = self.fake.get("/api/v1/statuses", token=ALICE, **post)[2]["id"]
        self.assertNotEqual(self.fake.get("/api/v1/statuses", token="test-token-bob", **post)[2]["id"], first)
        self.fake.control("clock", {"advance": 3500})
        self.assertEqual(self.fake.get("/api/v1/statuses", token=ALICE, **post)[2]["id"], first)
        self.fake.control("clock", {"advance": 200})
        self.assertNotEqual(self.fake.get("/api/v1/statuses", token=ALICE, **post)[2]["id"], first)

    def test_a_scheduled_post_is_listed_to_its_author_and_made_once(self):
        post = dict(method="POST", token=ALICE, headers={"Idempotency-Key": "later"},
                    body={"status": "later", "scheduled_at": "2099-01-01T00:00:00Z"})
        ids = {self.fake.get("/api/v1/statuses", **post)[2]["id"] for _ in range(2)}
        self.assertEqual(len(ids), 1)
        listed = self.fake.get("/api/v1/scheduled_statuses", token=ALICE)[2]
        self.assertEqual([e["id"] for e in listed], list(ids))
        self.assertEqual(self.fake.get("/api/v1/scheduled_statuses", token="test-token-bob")[2], [])

    def test_huge_answers_have_the_size_ordered(self):
        self.fail_next(kind="huge", size=3_000_000)
        self.assertGreater(int(self.fake.get(PUBLIC)[1]["content-length"]), 2_900_000)

    def test_the_port_shuts_and_opens(self):
        self.fake.control("accept", {"accept": False, "drop": True})
        try:
            with self.assertRaises(LOST):
                self.fake.get(PUBLIC)
        finally:
            self.fake.control("accept", {"accept": True})
        self.assertEqual(self.fake.get(PUBLIC)[0], 200)

    def test_requests_are_listed(self):
        self.fake.control("requests", method="DELETE")
        self.fake.get("/api/v1/statuses?id[]=1&id[]=2", token=ALICE)
        found = self.fake.control("requests?path=statuses")
        self.assertEqual([(r["method"], r["path"], r["status"]) for r in found], [("GET", "/api/v1/statuses", 200)])
        self.assertIn("2", found[0]["query"])

    def test_counts_change_without_an_edit(self):
        made = self.fake.control("publish", {"account": "alice", "text": "count me"})["status"]
        self.fake.control("counts", {"id": made["id"], "favourites_count": 5})
        self.fake.control("counts", {"id": made["id"], "favourites_count": 2, "reblogs_count": 1, "add": True})
        now = self.fake.get(f"/api/v1/statuses/{made['id']}")[2]
        self.assertEqual((now["favourites_count"], now["reblogs_count"], now["edited_at"]), (7, 1, None))

    def test_limits_tell_when_to_come_back(self):
        self.fake.control("limits", {"api": {"limit": 1, "period": 1000}, "retry_after": True})
        try:
            self.fake.get(PUBLIC, token=ALICE)
            status, headers, body = self.fake.get(PUBLIC, token=ALICE)
            self.assertEqual((status, body), (429, {"error": "Too many requests"}))
            self.assertEqual(headers["x-ratelimit-remaining"], "0")
            self.assertTrue(0 < int(headers["retry-after"]) <= 1000)
        finally:
            self.fake.control("limits", {"api": {"limit": 100000, "period": 300}, "retry_after": False})

    def test_a_bad_order_is_refused(self):
        for name, wish in (("fail", {"kind": "nonsense"}), ("streams", {"action": "dance"}), ("edit", {"id": "0"}),
                           ("limits", {"nothing": {}}), ("settings", {"profile": "none"})):
            with self.subTest(name=name), self.assertRaises(RuntimeError):
                self.fake.control(name, wish)


class Streams(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.fake = FakeMastodon("--seed", "3", "--recordings", "none", "--heartbeat", "0.2")
        self.addCleanup(self.fake.stop)

    async def control(self, name, wish=None, method=None):
        return await asyncio.get_running_loop().run_in_executor(None, self.fake.control, name, wish, method)

    async def asyncSetUp(self):
        self.client = aiohttp.ClientSession()
        self.addAsyncCleanup(self.client.close)

    async def websocket(self, query="?stream=public", **more):
        more.setdefault("headers", {"Authorization": f"Bearer {ALICE}"})
        socket = await self.client.ws_connect(self.fake.base + "/api/v1/streaming" + query, timeout=0.3, **more)
        self.addAsyncCleanup(socket.close)
        return socket

    async def events(self, name):
        headers = {"Authorization": f"Bearer {ALICE}"}
        return await self.client.get(f"{self.fake.base}/api/v1/streaming/{name}", headers=headers)

    async def subscribed(self, count):
        for _ in range(100):
            found = await self.control("streams")
            if len(found) == count and all(s["streams"] for s in found):
                return
            await asyncio.sleep(0.02)
        self.fail(f"{count} streams did not come: {found}")

    async def test_frames_carry_their_payload_as_a_string(self):
        socket = await self.websocket("?stream=public:remote")
        await self.subscribed(1)
        await socket.send_json({"type": "subscribe", "stream": "hashtag", "tag": "Birds"})
        await asyncio.sleep(0.1)
        await self.control("publish", {"account": "alice", "text": "local, so not heard"})
        made = (await self.control("publish", {"account": "carol@remote.example", "text": "#birds"}))["status"]
        frames = [await socket.receive_json(timeout=WAIT) for _ in range(2)]
        self.assertEqual([f["stream"] for f in frames], [["public:remote"], ["hashtag", "birds"]])
        self.assertEqual(json.loads(frames[0]["payload"])["id"], made["id"])
        await self.control("delete", {"id": made["id"]})
        frame = await socket.receive_json(timeout=WAIT)
        self.assertEqual((frame["event"], frame["payload"]), ("delete", made["id"]))

    async def test_the_token_may_come_three_ways_and_must_be_good(self):
        for more in ({"query": f"?stream=public&access_token={ALICE}", "headers": {}},
                     {"headers": {}, "protocols": [ALICE]}, {}):
            with self.subTest(more=more):
                await (await self.websocket(**more)).close()
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            with self.assertRaises(aiohttp.WSServerHandshakeError) as caught:
                await self.websocket(headers=headers)
            self.assertEqual(caught.exception.status, 401)

    async def test_an_unknown_stream_is_told_in_a_frame(self):
        socket = await self.websocket("?stream=nonsense")
        self.assertEqual(await socket.receive_json(timeout=WAIT), {"error": "Unknown stream type", "status": 400})

    async def test_websocket_can_be_refused_while_events_flow(self):
        await self.control("settings", {"refuse_websocket": 404})
        with self.assertRaises(aiohttp.WSServerHandshakeError):
            await self.websocket()
        async with await self.events("public") as response:
            self.assertEqual(response.headers["Content-Type"], "text/event-stream")
            self.assertEqual(await response.content.readline(), b":)\n")
            await self.subscribed(1)
            self.assertEqual(await asyncio.wait_for(response.content.readline(), WAIT), b":thump\n")
            made = (await self.control("publish", {"account": "alice", "text": "hi"}))["status"]
            lines = []
            while b"" not in lines[-1:]:
                line = (await asyncio.wait_for(response.content.readline(), WAIT)).strip()
                lines += [line] if line != b":thump" else []
            self.assertEqual(lines[0], b"event: update")
            self.assertEqual(json.loads(lines[1].removeprefix(b"data: "))["id"], made["id"])

    async def test_close_abort_and_half_frames(self):
        socket = await self.websocket()
        await self.subscribed(1)
        await self.control("streams", {"action": "close", "code": 1012})
        message = await socket.receive(timeout=WAIT)
        self.assertEqual((message.type, message.data), (aiohttp.WSMsgType.CLOSE, 1012))
        socket = await self.websocket()
        await self.subscribed(1)
        await self.control("streams", {"action": "abort"})
        self.assertIn((await socket.receive(timeout=WAIT)).type,
                      (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.ERROR))
        socket = await self.websocket()
        await self.subscribed(1)
        await self.control("streams", {"action": "half"})
        await self.control("publish", {"account": "alice", "text": "never heard"})
        with self.assertRaises(asyncio.TimeoutError):
            await socket.receive(timeout=0.5)

    async def test_a_half_event_is_followed_by_nothing(self):
        async with await self.events("public/local") as response:
            await self.subscribed(1)
            await self.control("streams", {"action": "half"})
            heard = b""
            with self.assertRaises(asyncio.TimeoutError):
                while True:
                    heard += await asyncio.wait_for(response.content.readany(), 0.6)
            self.assertTrue(heard.endswith(b'event: update\ndata: {"id":"117'), heard)

    async def test_a_muted_stream_is_silent_and_answers_no_ping(self):
        socket = await self.websocket(autoping=False)
        await self.subscribed(1)
        await socket.ping(b"there?")
        self.assertEqual((await socket.receive(timeout=WAIT)).type, aiohttp.WSMsgType.PONG)
        await self.control("streams", {"action": "mute"})
        await self.control("publish", {"account": "alice", "text": "never heard"})
        await socket.ping(b"dead?")
        with self.assertRaises(asyncio.TimeoutError):
            await socket.receive(timeout=0.5)

    async def test_busy_traffic_keeps_its_rate_and_is_the_same_for_the_same_seed(self):
        kinds = []
        for _ in range(2):
            socket = await self.websocket()
            await self.subscribed(1)
            wish = {"rate": 200, "seconds": 1, "seed": 5, "mix": {"update": 8, "status.update": 1, "delete": 1}}
            await self.control("traffic", wish)
            heard, end = [], time.monotonic() + 1.6
            while time.monotonic() < end:
                try:
                    frame = await socket.receive_json(timeout=0.3)
                except asyncio.TimeoutError:
                    continue
                heard.append(frame["event"])
            await socket.close()
            await self.subscribed(0)
            self.assertEqual(len(heard), 200)
            kinds.append(heard)
        self.assertEqual(kinds[0], kinds[1])


class Worlds(unittest.TestCase):
    def test_profiles_differ_as_their_software_does(self):
        expected = {  # profile: (v2 instance, members missing, public timeline for strangers)
            "mastodon3": (404, {"edited_at", "filtered"}, 200),
            "pleroma": (200, {"quote", "quotes_count"}, 200),
            "gotosocial": (200, {"edited_at", "card"}, 401)}
        for profile, (instance, missing, strangers) in expected.items():
            with self.subTest(profile=profile), FakeMastodon("--profile", profile, "--recordings", "none") as fake:
                self.assertEqual(fake.get("/api/v2/instance")[0], instance)
                self.assertEqual(fake.get(PUBLIC)[0], strangers)
                status, headers, found = fake.get(PUBLIC, token=ALICE)
                self.assertEqual(status, 200)
                self.assertFalse(missing & set(found[0]))
                self.assertEqual("x-ratelimit-limit" in headers, profile != "pleroma")
                self.assertEqual([s["id"] for s in found], sorted((s["id"] for s in found), reverse=True))
                older = fake.get(f"{PUBLIC}?max_id={found[5]['id']}", token=ALICE)[2]
                self.assertEqual(older[0]["id"], found[6]["id"])

    def test_a_server_without_batches(self):
        with FakeMastodon("--no-batch", "--recordings", "none") as fake:
            self.assertEqual(fake.get("/api/v1/statuses?id[]=1")[0], 404)

    def test_the_same_seed_and_time_give_the_same_world(self):
        options = ("--seed", "9", "--start-time", "2026-08-03T00:00:00Z", "--recordings", "none",
                   "--base-url", "http://fake.invalid")
        worlds = []
        for _ in range(2):
            with FakeMastodon(*options) as fake:
                made = fake.control("publish", {"account": "alice", "text": "same"})
                worlds.append((fake.get(PUBLIC + "?limit=40")[2], made))
        self.assertEqual(worlds[0], worlds[1])

    def test_the_port_file_and_the_clock(self):
        with tempfile.TemporaryDirectory() as folder:
            name = folder + "/port"
            with FakeMastodon("--port-file", name, "--start-time", "2026-08-03T00:00:00Z", "--recordings", "none") as fake:
                self.assertEqual(json.loads(pathlib.Path(name).read_text())["port"], fake.port)
                self.assertTrue(fake.control("clock", {"advance": 3600})["now"].startswith("2026-08-03T01:00:00"))


if __name__ == "__main__":
    unittest.main()
