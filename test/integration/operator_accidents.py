"""Accidents of operators, on both engines where they can happen. Called by operator.sh."""
import glob
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request

linnet, folder = sys.argv[1:]
passed = failed = 0
SERVER, OTHER = "https://social.example", "https://other.example"


def expect(what, holds, told=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAIL", what, str(told)[:400])


class Place:
    """A data folder, and the database that is used with it."""

    def __init__(self, name, database=None):
        self.data = f"{folder}/{name}"
        self.words = [linnet, "--quiet", "--data", self.data, *(["--db", database] if database else [])]

    def run(self, *words, env=None, as_user=None, given=""):
        program = self.words
        if as_user:  # who may not look into the folder that the program was built in
            copy = f"{folder}/program"
            if not os.path.exists(copy):
                shutil.copy(linnet, copy)
                os.chmod(copy, 0o755)
            program = ["setpriv", f"--reuid={as_user}", f"--regid={as_user}", "--clear-groups", copy, *self.words[1:]]
        return subprocess.run([*program, *words], capture_output=True, text=True, timeout=120, input=given,
                              env=dict(os.environ, **(env or {})))

    def count(self, *words):
        done = self.run("--json", "posts", "list", "--limit", "1000", *words)
        return len(json.loads(done.stdout)) if done.returncode == 0 else done.stderr

    def add(self, events, seed, server=SERVER):
        file = f"{folder}/{seed}.jsonl"
        with open(file, "w") as out:
            subprocess.run([linnet, "sample", "--events", str(events), "--seed", str(seed)], stdout=out, check=True)
        return self.run("import", "events", file, "--instance", server)

    def serve(self):
        return Daemon(self)


class Daemon:
    def __init__(self, place):
        self.process = subprocess.Popen([*place.words, "serve", "--port", "0"], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        self.base = found.group() if found else ""
        self.refusal = "" if found else self.process.stderr.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def ask(self, path, body=None):
        request = urllib.request.Request(self.base + path, data=body, method="POST" if body else "GET")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def until(holds, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False


def beside_serve(place):
    """What would take tables or keys from under a running serve is refused, with the reason."""
    expect("events are taken", place.add(200, 1).returncode == 0)
    before = place.count()
    with place.serve():
        for words in (("db", "reset", "--yes"), ("db", "rollback", "--yes"), ("key", "new", "--yes"), ("key", "rotate")):
            done = place.run(*words)
            expect(f"{' '.join(words)} is refused beside serve", done.returncode != 0 and "serve" in done.stderr, done)
        expect("nothing of it happened", place.count() == before, place.count())
    expect("a reset without --yes says what would go", place.run("db", "reset").returncode == 1)
    expect("and nothing goes", place.count() == before, place.count())
    done = place.run("db", "reset", "--yes")
    expect("with serve stopped, a reset empties everything", done.returncode == 0 and place.count() == 0, done)


def lost_log():
    place = Place("lost-log")
    place.add(600, 2)
    before = place.count()
    for file in glob.glob(f"{place.data}/linnet.events.db*"):
        os.remove(file)
    refused = place.add(100, 3, OTHER)
    expect("events are not taken into a log that is not the tables'", refused.returncode != 0, refused)
    expect("and what helps is named", "events continue" in refused.stderr, refused.stderr)
    checked = place.run("db", "check")
    expect("db check does not advise the replay that would take the posts away",
           checked.returncode == 3 and "events continue" in checked.stderr and "events replay" not in checked.stderr,
           checked.stderr)
    asked = place.run("events", "continue")
    expect("going on is asked for first", asked.returncode == 1 and "--yes" in asked.stderr, asked)
    expect("then done", place.run("events", "continue", "--yes").returncode == 0)
    expect("the posts are there", place.count() == before, place.count())
    added = place.add(100, 3, OTHER)
    expect("and new ones come", added.returncode == 0 and place.count() > before, added)
    expect("a replay keeps those that the log has no more", place.run("events", "replay").returncode == 0
           and place.count() > before, place.count())
    expect("all is well", place.run("db", "check").returncode == 0)


def lost_key():
    place = Place("lost-key")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fake = subprocess.Popen(["/usr/bin/python3", "test/fakes/mastodon/server.py", "--recordings", "none", "--seed", "1", "--port",
                             str(port), "--print-port", "--exit-with-stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    fake.stdout.readline()
    signed_in = place.run("account", "add", "mastodon", f"http://127.0.0.1:{port}", "--token", env={"LINNET_TOKEN": "test-token-alice"})
    expect("an account is signed in", signed_in.returncode == 0, signed_in.stderr)
    key = f"{place.data}/secret.key"
    os.rename(key, key + ".kept")
    with place.serve() as daemon:
        expect("serve refuses to start without the key, and says how to bring it back",
               not daemon.base and "secret.key" in daemon.refusal and "cp BACKUP" in daemon.refusal, daemon.refusal)
        expect("by a status of its own", daemon.process.wait(20) == 3, daemon.process.returncode)
    expect("no other key was made", not os.path.exists(key))
    expect("one is made only when asked for", place.run("key", "new").returncode == 1 and not os.path.exists(key))
    made = place.run("key", "new", "--yes")
    expect("then it is, and what is lost is counted", made.returncode == 0 and "1 secret " in made.stdout, made)
    again = place.run("key", "new", "--yes")
    expect("not twice", again.returncode == 1 and "right one" in again.stderr, again)
    with place.serve() as daemon:
        expect("serve starts", bool(daemon.base), daemon.refusal)
        expect("and says that the account has to sign in again",
               until(lambda: "sign in" in daemon.ask("/api/v1/notices")[1].lower()), daemon.ask("/api/v1/notices"))
    fake.stdin.close()
    fake.wait(10)


def tables_that_are_gone():
    whole = Place("whole")
    whole.add(100, 4)
    whole.add(200, 1, OTHER)
    awaited = whole.count()
    place = Place("no-tables")
    place.add(100, 4)
    with place.serve() as daemon:
        expect("serve is ready", daemon.ask("/readyz")[0] == 200)
        subprocess.run(["sqlite3", "-cmd", ".timeout 10000", f"{place.data}/linnet.db", "ALTER TABLE posts RENAME TO posts_away"], check=True)
        with open(f"{folder}/1.jsonl", "rb") as events:
            daemon.ask(f"/api/v1/events?instance={OTHER}", events.read())
        said = []

        def is_unready():
            try:
                said.append(daemon.ask("/readyz"))
                return said[-1][0] != 200
            except OSError:
                return True  # it ended before it was asked
        expect("it is not ready any more, or gone", until(is_unready), said[-1:])
        expect("and ends with a status that says so", until(lambda: daemon.process.poll() is not None)
               and daemon.process.returncode == 1, daemon.process.returncode)
        expect("with the reason in its last words", "ingest" in (told := daemon.process.stderr.read()), told)
    subprocess.run(["sqlite3", "-cmd", ".timeout 10000", f"{place.data}/linnet.db", "ALTER TABLE posts_away RENAME TO posts"], check=True)
    with place.serve() as daemon:
        expect("nothing that was acknowledged is lost", until(lambda: place.count() == awaited), place.count())


def copy_to_read():
    """As somebody who may read the folder, and change nothing."""
    if os.geteuid() != 0:
        return
    place = Place("read-only")
    place.add(300, 5)
    before = place.count()
    os.chmod(folder, 0o755)
    os.chmod(place.data, 0o555)
    for file in os.listdir(place.data):
        os.chmod(f"{place.data}/{file}", 0o444)
    reader = lambda *words: place.run(*words, as_user=65534, env={"HOME": "/nonexistent"})
    done = reader("--json", "posts", "list", "--limit", "1000")
    expect("a folder that may only be read is read", done.returncode == 0 and len(json.loads(done.stdout)) == before, done)
    for words in (("hashtags", "trending"), ("posts", "list", "--query", "reading"), ("db", "digest"), ("db", "check")):
        done = reader(*words)
        expect(f"{' '.join(words)} works there", done.returncode == 0, done)
    done = reader("import", "events", f"{folder}/1.jsonl", "--instance", SERVER)
    expect("what would write says that it may not", done.returncode == 3 and "may not be written" in done.stderr, done)
    expect("and leaves nothing beside it", not [f for f in os.listdir(place.data) if f.endswith(("-wal", "-shm"))])


def stop_while(what, place, break_it, mend_it):
    """The stop needs to know where the database is, and nothing else."""
    with place.serve() as daemon:
        expect(f"{what}: serve runs", bool(daemon.base), daemon.refusal)
        break_it()
        begun = time.monotonic()
        done = place.run("stop", "--all", "--because", what)
        expect(f"{what}: stops all the same", done.returncode == 0 and "is stopped" in done.stdout, done)
        expect(f"{what}: at once", time.monotonic() - begun < 30, time.monotonic() - begun)
        told = daemon.ask("/api/v1/stop")
        expect(f"{what}: serve knows", told[0] == 200 and json.loads(told[1]).get("since"), told)
        mend_it()
        expect(f"{what}: it is in the trail", until(lambda: what in place.run("--json", "audit", "list").stdout))
    lifted = place.run("resume")
    expect(f"{what}: and is lifted", lifted.returncode == 0, lifted)


def stop_in_need():
    place = Place("stop")
    place.add(50, 6)
    data = place.data

    def away(name):
        return lambda: os.rename(f"{data}/{name}", f"{data}/{name}.kept"), lambda: os.rename(f"{data}/{name}.kept", f"{data}/{name}")

    def damaged(name):
        def damage():
            shutil.copy(f"{data}/{name}", f"{folder}/{name}.kept")
            with open(f"{data}/{name}", "r+b") as file:
                file.write(b"garbage" * 30)

        def mend():
            with open(f"{folder}/{name}.kept", "rb") as kept, open(f"{data}/{name}", "r+b") as file:
                file.write(kept.read(210))
        return damage, mend

    def settings(text):
        def write():
            with open(f"{data}/linnet.toml", "w") as file:
                file.write(text)
        return write, lambda: os.remove(f"{data}/linnet.toml")
    stop_while("the key is away", place, *away("secret.key"))
    stop_while("a wrong setting", place, *settings('keep_events = "14 days"\n'))
    stop_while("no TOML", place, *settings('log_level =\n"'))
    stop_while("a damaged index", place, *damaged("linnet.search.db"))
    stop_while("a damaged log", place, *damaged("linnet.events.db"))
    locking = sqlite3.connect(f"{data}/linnet.db", isolation_level=None, timeout=20)
    stop_while("held by another", place, lambda: locking.execute("BEGIN EXCLUSIVE"), lambda: locking.execute("ROLLBACK"))
    locking.close()
    nowhere = Place("nowhere").run("stop", "--all")
    expect("nothing is called stopped where nothing is", nowhere.returncode == 3 and "is stopped" not in nowhere.stdout
           and not os.path.exists(f"{folder}/nowhere"), nowhere)


def files_that_are_written():
    place = Place("written")
    place.add(50, 7)
    acct = json.loads(place.run("--json", "posts", "list", "--limit", "1").stdout)[0]["author"]["acct"]
    who = acct if "@" in acct else acct + "@social.example"
    for own in ("linnet.db", "secret.key", "linnet.events.db"):
        for words in (("person", "export", who, "--overwrite", "--out"), ("db", "backup", "--overwrite")):
            done = place.run(*words, f"{place.data}/{own}")
            expect(f"{words[1]} does not take the place of {own}", done.returncode == 1 and "own" in done.stderr, done)
    out = f"{folder}/of.json"
    expect("an export is written", place.run("person", "export", who, "--out", out).returncode == 0)
    again = place.run("person", "export", who, "--out", out)
    expect("not over another file", again.returncode == 1 and "--overwrite" in again.stderr, again)
    expect("but when asked to", place.run("person", "export", who, "--out", out, "--overwrite").returncode == 0)
    os.mkfifo(f"{folder}/pipe")
    os.symlink(out, f"{folder}/link")
    for odd in ("pipe", "link"):
        for words in (("person", "export", who, "--overwrite", "--out"), ("db", "backup", "--overwrite")):
            done = place.run(*words, f"{folder}/{odd}")
            expect(f"{words[1]} replaces no {odd}", done.returncode == 1 and odd in done.stderr, done)
    expect("they are there", not os.path.isfile(f"{folder}/pipe") and os.path.islink(f"{folder}/link"))
    expect("all is well", place.run("db", "check").returncode == 0)


def lost_tables():
    place = Place("lost-tables")
    place.add(600, 2)
    before = place.count()
    backup = place.run("db", "backup", f"{folder}/before.db")
    expect("a copy is made", backup.returncode == 0, backup)
    place.run("consent", "opt-out", "gone@social.example")
    place.add(100, 3, OTHER)
    for file in glob.glob(f"{place.data}/linnet.db*"):
        os.remove(file)
    for words in (("db", "check"), ("db", "migrate"), ("posts", "list"), ("import", "events", f"{folder}/3.jsonl", "--instance", SERVER)):
        done = place.run(*words)
        expect(f"{' '.join(words[:2])} says that the tables are gone", done.returncode == 3 and "opt-outs" in done.stderr
               and "backup" in done.stderr and "events continue" in done.stderr, done)
    with place.serve() as daemon:
        expect("serve does not begin anew in silence", not daemon.base and "opt-outs" in daemon.refusal, daemon.refusal)
    asked = place.run("events", "continue")
    expect("beginning anew is asked for first", asked.returncode == 1 and "--yes" in asked.stderr, asked)
    shutil.copytree(place.data, f"{folder}/lost-older")
    done = place.run("events", "continue", "--yes")
    expect("then done", done.returncode == 0, done)
    expect("the posts are there", place.count() >= before, place.count())
    expect("all is well", place.run("db", "check").returncode == 0, place.run("db", "check"))
    older = Place("lost-older")
    shutil.copy(f"{folder}/before.db", f"{older.data}/linnet.db")
    checked = older.run("db", "check")
    expect("an older file is told, with what it lacks", checked.returncode == 3 and "opt-outs" in checked.stderr, checked)
    added = older.add(10, 8, OTHER)
    expect("the log brings the posts back", added.returncode == 0 and older.count() > before, added)
    expect("then nothing is behind", older.run("db", "check").returncode == 0, older.run("db", "check"))


def damaged_index():
    place = Place("damaged-index")
    place.add(400, 9)
    with place.serve():
        until(lambda: place.count("--query", "reading") not in (0, "no posts"), 10)
    expect("a whole index is whole", place.run("db", "check").returncode == 0, place.run("db", "check"))
    file = f"{place.data}/linnet.search.db"
    size = os.path.getsize(file)
    with open(file, "r+b") as index:
        index.seek(16384)
        index.write(bytes(size - 16384))
    checked = place.run("db", "check")
    expect("a damaged index is told by db check, with what helps", checked.returncode == 3 and "search index" in checked.stderr,
           checked)


def mistyped():
    place = Place("mistyped")
    for odd in ("sqlite:", "sqlite::memory:", "sqlite:file:x?mode=memory"):
        done = subprocess.run([linnet, "--db", odd, "db", "status"], capture_output=True, text=True, timeout=60)
        expect(f"{odd} is told", done.returncode == 1 and "expected the path of a file" in done.stderr, done)
    place.add(50, 11)
    for number in ("51", "9223372036854775806", "9223372036854775807"):
        done = place.run("events", "show", number)
        expect(f"there is no event {number}", done.returncode == 1 and "no event" in done.stderr, done)
    with open(f"{folder}/11.jsonl", "rb") as file:
        line = file.readline()
    for name, bytes_, status in (("bom", b"\xef\xbb\xbf" + line, 0), ("wide", line.decode().encode("utf-16"), 1)):
        with open(f"{folder}/{name}.jsonl", "wb") as out:
            out.write(bytes_)
        done = Place(name).run("--json", "import", "events", f"{folder}/{name}.jsonl", "--instance", SERVER)
        expect(f"a dump that begins with {name}", done.returncode == status and
               (json.loads(done.stdout)["read"] == 1 and Place(name).run("events", "show", "1").returncode == 0
                if status == 0 else "UTF-16" in done.stderr), done)


beside_serve(Place("beside-sqlite"))
if os.environ.get("LINNET_TEST_POSTGRES"):
    name = f"operator_{os.getpid()}"
    address = os.environ["LINNET_TEST_POSTGRES"]
    subprocess.run(["psql", address, "-qc", f"CREATE SCHEMA {name}"], check=True)
    options = f"options=-csearch_path%3D{name}"
    beside_serve(Place("beside-postgres", address + ("&" if "?" in address else "?") + options))
    subprocess.run(["psql", address, "-qc", f"SET client_min_messages = error; DROP SCHEMA {name} CASCADE"], check=True)
lost_log()
lost_key()
lost_tables()
tables_that_are_gone()
copy_to_read()
stop_in_need()
files_that_are_written()
damaged_index()
mistyped()
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
