"""Files sent ahead by POST /api/v1/media, and the actions that use them. Called by media.sh."""
import base64
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time

from fake_mastodon import FakeMastodon

linnet, folder = sys.argv[1:]
uploads = f"{folder}/uploads"
os.umask(0o022)  # what is the owner's alone is so whatever is usual here
passed = failed = 0
PASSWORD = "correct horse battery"
MIB = 1 << 20
MOST = 100 * MIB
DAY = 86_400
FILM = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + os.urandom(60 * MIB)
PDF = b"%PDF-1.7\n" + bytes(2_000)


def boxes(brand, *compatible):
    return (16 + 4 * len(compatible)).to_bytes(4, "big") + b"ftyp" + brand + bytes(4) + b"".join(compatible) + bytes(64)


KINDS = {
    "image/png": base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
    "image/heic": boxes(b"mif1", b"mif1", b"heic"), "image/avif": boxes(b"avif", b"mif1"), "image/webp": b"RIFF\x10\0\0\0WEBPVP8 " + bytes(16),
    "audio/mp4": boxes(b"M4A ", b"isom"), "audio/mpeg": b"ID3\4\0\0\0\0\0\0\xff\xfb\x90\x64" + bytes(64), "audio/ogg": b"OggS" + bytes(24) + b"\x01vorbis",
    "audio/wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(32), "audio/flac": b"fLaC" + bytes(32), "video/quicktime": boxes(b"qt  "),
    "video/webm": b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + bytes(32), "application/pdf": PDF, "application/octet-stream": b"nothing that is known",
}


def expect(what, holds):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAIL", what, flush=True)


def run(*words, given=""):
    done = subprocess.run([linnet, "--quiet", "--data", folder, *words], input=given, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"linnet {' '.join(words)}: {done.stderr}")
    return done.stdout.strip()


def until(probe, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = probe()
        if found:
            return found
        time.sleep(0.1)
    return probe()


def left():
    return sorted(os.listdir(uploads)) if os.path.isdir(uploads) else []


class Daemon:
    """`disk`: bytes of a disk of its own that the files go to, in a namespace that ends with the program."""

    def __init__(self, data=folder, disk=None):
        serve = [linnet, "--quiet", "--data", data, "serve", "--port", "0"]
        if disk:
            mount = 'mkdir -p "$0/uploads" && mount -t tmpfs -o size=$1 none "$0/uploads" && shift && exec "$@"'
            serve = ["unshare", "-rm", "sh", "-c", mount, data, str(disk), *serve]
        own = {name: value for name, value in os.environ.items() if name != "LINNET_DB"} if disk else None
        self.process = subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=own)
        found = re.search(r"127.0.0.1:(\d+)", self.process.stdout.readline())
        self.port = found and int(found.group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def ask(self, path, body=None, as_whom="", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        fields = {"Authorization": f"Bearer {as_whom}"} if as_whom else {}
        fields.update({name.replace("_", "-"): value for name, value in headers.items()})
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request("GET" if body is None else "POST", f"/api/v1{path}", data, fields)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if "json" in (answer.headers["Content-Type"] or "") else text

    def send(self, data, as_whom, **headers):
        return self.ask("/media", data, as_whom, **{"Content_Type": "application/octet-stream", **headers})

    def begin(self, head, *fields):
        """A request of which only the head is sent."""
        peer = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        peer.sendall("\r\n".join([head, "Host: localhost", *fields, "", ""]).encode())
        return peer

    def told(self, peer):
        """What is answered to what has come so far: the status and the problem."""
        answer = http.client.HTTPResponse(peer)
        try:
            answer.begin()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            return 0, {"detail": repr(error)}

    def forget_peak(self):
        open(f"/proc/{self.process.pid}/clear_refs", "w").write("5")
        return self.peak()

    def peak(self):
        return int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{self.process.pid}/status").read()).group(1)) >> 10


POST = "POST /api/v1/media HTTP/1.1"
for name, role in (("root", "admin"), ("ann", "author"), ("ben", "author"), ("vera", "viewer")):
    run("user", "add", name, "--role", role, given=PASSWORD + "\n")
RIGHTS = {"root": ("read", "act", "approve", "accounts"), "ann": ("read", "act"), "ben": ("read", "act"), "vera": ("read",)}
root, ann, ben, vera = (run("token", "create", name, "--name", "test", *(word for right in rights for word in ("--scope", right)))
                        for name, rights in RIGHTS.items())
by_ann = f"Authorization: Bearer {ann}"

with FakeMastodon("--recordings", "none", "--seed", "1") as fake:
    run("account", "add", "mastodon", fake.base, "--token", given="test-token-alice\n")
    with Daemon() as daemon:
        # Whoever may not is told by the head; of the 60 MB nothing is sent.
        for who, status in ((f"Authorization: Bearer {vera}", 403), ("Authorization: Bearer lin_forged", 401), ("X-Nobody: 1", 401)):
            with daemon.begin(POST, who, f"Content-Length: {len(FILM)}") as peer:
                told = daemon.told(peer)
            expect(f"{who[:24]} is refused before the file comes: {told}", told[0] == status and left() == [])
        cookie = http.client.HTTPConnection("127.0.0.1", daemon.port)
        cookie.request("POST", "/api/v1/session", json.dumps({"name": "ann", "password": PASSWORD}))
        answer = cookie.getresponse()
        cookie, csrf = answer.headers["Set-Cookie"].split(";")[0], json.loads(answer.read())["csrf"]
        with daemon.begin(POST, f"Cookie: {cookie}", f"Content-Length: {len(FILM)}") as peer:
            told = daemon.told(peer)
        expect(f"nor is a page that lacks the session's token let in: {told}", told[0] == 403 and left() == [])

        # Large, and yet not in memory.
        before = daemon.forget_peak()
        status, film = daemon.send(FILM, ann, Content_Type="text/plain")
        grown = daemon.peak() - before
        expect(f"a film of 60 MB is taken, and told by its bytes: {film}", status == 201 and film.get("media_type") == "video/mp4" and film.get("size") == len(FILM))
        expect(f"memory does not grow with it: {grown} MB", grown < 24)
        mode = lambda path: oct(stat.S_IMODE(os.stat(path).st_mode))
        here = left()
        expect(f"it lies in one file, for its owner alone: {here}", len(here) == 1 and here[0].startswith(film["upload"])
               and (mode(uploads), mode(f"{uploads}/{here[0]}")) == ("0o700", "0o600"))
        before = daemon.forget_peak()
        connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
        connection.request("POST", "/api/v1/media", (FILM[i:i + MIB] for i in range(0, len(FILM), MIB)),
                           {"Authorization": f"Bearer {ann}"}, encode_chunked=True)
        answer = connection.getresponse()
        chunked = json.loads(answer.read())
        expect(f"in chunks as well: {chunked}", answer.status == 201 and chunked.get("size") == len(FILM) and daemon.peak() - before < 24)
        expect("byte for byte", hashlib.sha256(open(f"{uploads}/{here[0]}", "rb").read()).digest() == hashlib.sha256(FILM).digest())
        status, told = daemon.ask("/media", KINDS["image/png"], Cookie=cookie, X_Linnet_CSRF=csrf)
        expect(f"the web app's session sends too: {told}", status == 201)
        for kind, data in KINDS.items():
            status, told = daemon.send(data, ann, Content_Type="image/jpeg")
            expect(f"{kind} is known by its bytes: {told}", status == 201 and told["media_type"] == kind)

        # What is wrong with it is told once, in words, and leaves nothing.
        before = left()
        for what, fields in (("a form (multipart)", ("Content-Type: multipart/form-data; boundary=x",)), ("JSON", ("Content-Type: application/json",)),
                             ("a Content-Encoding", ("Content-Encoding: gzip",))):
            with daemon.begin(POST, by_ann, "Content-Length: 50000000", *fields) as peer:
                told = daemon.told(peer)
            expect(f"{what} is refused before it comes: {told}", told[0] == 400 and what in told[1]["detail"] and "--data-binary" in told[1]["detail"])
        with daemon.begin(POST, by_ann, f"Content-Length: {MOST + 1}") as peer:
            told = daemon.told(peer)
        expect(f"too large is said at the head: {told}", told[0] == 413 and told[1]["detail"] == f"body: expected at most {MOST} bytes, got {MOST + 1}; "
               "send less, or something smaller")
        with daemon.begin(POST, by_ann, "Transfer-Encoding: chunked") as peer:
            piece = b"100000\r\n" + bytes(MIB) + b"\r\n"
            for _ in range(101):
                peer.sendall(piece)
            told = daemon.told(peer)
        expect(f"or once it is: {told}", told[0] == 413 and f"at most {MOST} bytes, got more" in told[1]["detail"])
        status, told = daemon.send(b"", ann)
        expect(f"nothing is no file: {told}", status == 400 and told["detail"].startswith("body: expected the bytes of a file"))
        for halfway in (1, 300_000, 5 * MIB):
            with daemon.begin(POST, by_ann, f"Content-Length: {len(FILM)}") as peer:
                peer.sendall(FILM[:halfway])
                expect(f"it is on its way ({halfway})", until(lambda: len(left()) == len(before) + 1, 5))
            expect(f"what is broken off after {halfway} bytes leaves nothing: {set(left()) - set(before)}", until(lambda: left() == before, 5))

        # Used.
        account = daemon.ask("/accounts", as_whom=root)[1]["items"][0]["id"]
        daemon.ask(f"/accounts/{account}/settings", {"warmUp": False}, root)
        until(lambda: daemon.ask(f"/accounts/{account}", as_whom=root)[1]["limits"])
        action = lambda media, **more: {"type": "publish", "account": account, "text": "The harbour at dawn", "media": media, **more}
        named = {"name": "dawn.mp4", "alt_text": "Boats leave", "upload": film["upload"]}
        dry = lambda media, whom=ann, **more: daemon.ask("/actions", action(media, dry_run=True, **more), whom)
        status, checked = dry([named])
        expect(f"a file is looked at by the rules: {checked}", status == 201 and checked["decision"]["decision"] == "hold")
        refusals = {who: dry([named], token) for who, token in (("ben", ben), ("root", root))}
        unknown = dry([{**named, "upload": "00000000-0000-4000-8000-000000000000"}])
        expect(f"one that there is not is refused, with what to do: {unknown}", unknown[0] == 404 and "media.upload" in unknown[1]["detail"]
               and "/api/v1/media" in unknown[1]["detail"])
        expect(f"and another's is the same: {refusals}", all(one == unknown for one in refusals.values()))
        owner = here[0].removeprefix(film["upload"] + ".")
        for odd in ("../linnet.db", "", f"{film['upload']}.{owner}", here[0], "..", film["upload"][:-1] + "/", film["upload"].upper()):
            status, told = dry([{**named, "upload": odd}])
            expect(f"{odd!r} is no upload: {told}", status in (400, 404) and told["detail"].startswith("media"))
        status, told = dry([{**named, "data": "AAAA"}])
        expect(f"a file is sent one way: {told}", status == 400 and "got both" in told["detail"])
        pdf = daemon.send(PDF, ann)[1]["upload"]
        status, told = dry([{"name": "tides.pdf", "media_type": "image/png", "upload": pdf}])
        expect(f"a kind that the server does not take is named: {told['decision']}", told["decision"]["decision"] == "deny"
               and told["decision"]["reason"] == "media: tides.pdf is application/pdf, which the server does not take")
        before = daemon.forget_peak()
        status, told = daemon.ask("/actions", {"type": "publish", "account": account, "dry_run": True,
                                               "posts": [{"text": str(i), "media": [named]} for i in range(200)]}, ann)
        expect(f"no request fills the memory by naming a file often: {told}", status == 400 and told["detail"].startswith("media.upload: expected at most 200 MiB"))
        expect(f"nor did it: {daemon.peak() - before} MB", daemon.peak() - before < 400)
        asked = daemon.ask("/actions", action([named], request_key="dawn"), ann)[1]
        age = time.time() - os.stat(f"{uploads}/{here[0]}").st_mtime
        expect(f"once used it waits an hour more: {age}", DAY - 3_700 < age < DAY - 3_500)
        again = daemon.ask("/actions", action([named], request_key="dawn"), ann)[1]
        expect("for a request that is sent again as its answer was lost", again["is_repeat"] and again["actions"][0]["id"] == asked["actions"][0]["id"])
        before = daemon.forget_peak()
        daemon.ask(f"/approvals/{asked['approval_id']}", {"decision": "approve"}, root)
        done = until(lambda: (one := daemon.ask(f"/actions/{asked['actions'][0]['id']}", as_whom=root)[1])["status"] not in ("pending", "in_progress") and one, 90)
        expect(f"it is published: {done['status']}, {done['error']}", done["status"] == "success")
        # PostgreSQL's own library takes the bytes as digits, and keeps that room.
        most = 10 if "LINNET_DB" in os.environ else 4
        expect(f"memory holds it no more than {most} times meanwhile: {daemon.peak() - before} MB", daemon.peak() - before < 62 * most)
        expect("and what came there is what was sent", fake.control("effects")["files"] == {hashlib.sha256(FILM).hexdigest(): 1})
        post = fake.get("/api/v1/timelines/public", token="test-token-alice")[2][0]
        expect(f"with its description: {post['media_attachments']}", [one["description"] for one in post["media_attachments"]] == ["Boats leave"])

        # Nobody fills the disk, nor takes the room of others.
        hoard = lambda name, gibibytes: os.truncate(f"{uploads}/{name}", gibibytes << 30) if os.path.exists(f"{uploads}/{name}") else \
            (open(f"{uploads}/{name}", "wb").truncate(gibibytes << 30))
        hoard(f"00000000-0000-4000-8000-000000000001.{owner}", 1)
        status, told = daemon.send(PDF, ann)
        expect(f"one person's files have a limit: {told}", status == 409 and "too many files wait" in told["detail"])
        expect("and do not stop others", daemon.send(PDF, ben)[0] == 201)
        hoard("00000000-0000-4000-8000-000000000002.somebody", 3)
        expect("all together have one as well", daemon.send(PDF, ben)[0] == 409)
        for name in left():
            if name.startswith("00000000-"):
                os.unlink(f"{uploads}/{name}")

        # What nobody uses goes by itself, and what was under way when the program was killed goes at its start.
        old, odd, fresh = (daemon.send(PDF, ben)[1]["upload"] for _ in range(3))
        path = lambda upload: next(f"{uploads}/{name}" for name in left() if name.startswith(upload))
        os.utime(path(old), (time.time() - DAY - 60,) * 2)
        os.utime(path(odd), (time.time() + DAY + 600,) * 2)
        expect("after a day it is gone", until(lambda: not any(name.startswith((old, odd)) for name in left()), 90))
        expect("and no other is", path(fresh))
        peer = daemon.begin(POST, by_ann, f"Content-Length: {len(FILM)}")
        peer.sendall(FILM[:3 * MIB])
        expect("it is on its way", until(lambda: any(name.endswith(".part") for name in left()), 5))
        daemon.process.send_signal(signal.SIGKILL)
        daemon.process.wait()
        peer.close()
        expect("a program that is killed leaves a part of it", any(name.endswith(".part") for name in left()))
        os.chmod(uploads, 0o755)
    with Daemon() as daemon:
        expect(f"the next removes that: {left()}", not any(name.endswith(".part") for name in left()))
        expect("and keeps what is whole", dry([{"name": "tides.pdf", "upload": fresh}], ben)[0] == 201)
        expect("for its owner alone", daemon.send(PDF, ben)[0] == 201 and mode(uploads) == "0o700")

# A disk that is full is told, and the file leaves it.
room = f"{folder}/room"
with Daemon(data=room, disk=270 * MIB) as daemon:
    if daemon.port is None:
        print("left out: a small disk cannot be mounted here")
    else:
        mounted = f"/proc/{daemon.process.pid}/root{room}/uploads"
        status, told = daemon.send(PDF, "")
        expect(f"a small file finds room: {told}", status == 201 and len(os.listdir(mounted)) == 1)
        try:
            status, told = daemon.send(FILM, "")
        except OSError as error:
            status, told = 0, {"detail": str(error)}
        expect(f"a large one is refused when there is no more, with what to do: {told}", status == 503 and "make room, then send it again" in told["detail"])
        expect("nothing of it stays", until(lambda: len(os.listdir(mounted)) == 1, 5))
        disk = os.statvfs(mounted)
        expect("and the program goes on", disk.f_bavail * disk.f_frsize > 256 * MIB and daemon.send(PDF, "")[0] == 201)
shutil.rmtree(room, ignore_errors=True)

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
