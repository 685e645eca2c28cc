"""The command line as a newcomer meets it: slips are refused in the words that were typed, and every change is answered by a
sentence. Called by typed.sh."""
import os
import re
import socket
import sqlite3
import subprocess
import sys

linnet, folder = sys.argv[1:]
passed = failed = 0
MOMENT = r"\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d UTC"


def expect(what, holds, told=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAIL", what, str(told)[:400])


def run(*words, given=""):
    done = subprocess.run([linnet, "--data", f"{folder}/data", *words], capture_output=True, text=True, timeout=120, input=given)
    done.told = done.stdout + done.stderr
    return done


def refused(what, words, *expected, status=1, given=""):
    done = run(*words, given=given)
    expect(what, done.returncode == status and all(one in done.told for one in expected), (done.returncode, done.told))


def answered(what, words, *expected, given=""):
    done = run(*words, given=given)
    expect(what, done.returncode == 0 and all(re.search(one, done.told) for one in expected), (done.returncode, done.told))


def rows(sql):
    with sqlite3.connect(f"{folder}/data/linnet.db") as database:
        return database.execute(sql).fetchall()


# Imports.
dump = f"{folder}/dump.jsonl"
with open(dump, "w") as out:
    subprocess.run([linnet, "sample", "--events", "50", "--seed", "1"], stdout=out, check=True)
with open(f"{folder}/users", "w") as out:
    out.write("root:x:0:0::/root:/bin/sh\n" * 30)
refused("a word is no server", ["import", "events", dump, "--instance", "foo"], "--instance: ", "https://mastodon.social", '"foo"')
refused("nor is one to sign in at", ["account", "add", "mastodon", "foo"], "ADDRESS: ")
refused("a file of another kind is no dump", ["import", "events", f"{folder}/users", "--instance", "x.example"], "is no stream dump")
refused("what comes by a pipe is judged at its end", ["import", "events", "-", "--instance", "pipe.example"], "nothing in it", given="what\nis this\n")
answered("a dump is taken", ["import", "events", dump, "--instance", "https://home"], r"read")
servers = {row[0] for row in rows("SELECT base_url FROM instances")}
expect("no server is made for a slip", "https://home" in servers and not servers & {"https://foo", "https://x.example"}, servers)

# Moments, for people and for programs.
answered("tables say moments as people do", ["posts", "list", "--limit", "1"], MOMENT)
told = run("--json", "posts", "list", "--limit", "1").stdout
expect("programs read ISO 8601", re.search(r'"created_at":"\d{4}-\d\d-\d\dT', told), told)
run("stop", "--all")
answered("the stop says since when", ["action", "list"], rf"Everything is stopped since {MOMENT}")
run("resume")
refused("a quotation that is not closed", ["posts", "list", "--query", '"unclosed'], "--query: ", "not closed")

# Changes.
answered("a block is answered", ["block", "add", "domain", "spam.example", "--because", "ads"], r"^spam\.example is blocked\. linnet block remove \S+ takes")
refused("options are named as typed", ["block", "add", "domain", "x.example", "--because", "x", "--expires", "2020-01-01"], "--expires: ")
answered("a consent is answered", ["consent", "grant", "ada@social.example"], r"^Written down: what ada@social\.example writes")
refused("a placeholder is no DID", ["consent", "grant", "did:plc:…", "--platform", "bluesky"], "PERSON: ")
refused("what is no address is said to be none", ["consent", "opt-out", "not an address!"], "PERSON: ", "not an address!")
answered("an opt-out counts what it cancelled", ["consent", "opt-out", "bob@social.example"], "0 pending actions were cancelled")
refused("a letter is no evidence", ["consent", "take-back-opt-out", "bob@social.example", "--evidence", "x"], "--evidence: ")
answered("who opted out is shown by address", ["block", "list"], r"@bob@social\.example +asked for it")
answered("a person is answered", ["user", "add", "ada", "--role", "admin"], r"^ada is added, admin\.$", given="long enough, surely\n")
refused("a token's end", ["token", "create", "ada", "--name", "x", "--expires", "2020-01-01"], "--expires: ")
answered("a platform that is switched off", ["platform", "disable", "bluesky"], r"^Bluesky is ")
answered("a lower limit", ["platform", "set", "mastodon", "limits", "max_character_limit", "280"], "280 counts now")
answered("its end", ["platform", "unset", "mastodon", "limits", "max_character_limit"], "as the platform says|counts again")
with open(f"{folder}/list.csv", "w") as out:
    out.write("#domain,#severity,#public_comment\nquiet.example,silence,loud\n")
refused("what is only limited names the option", ["block", "import", f"{folder}/list.csv"], "--with-silenced")
answered("and is taken with it", ["block", "import", f"{folder}/list.csv", "--with-silenced"], "1 added, 0 already there")
answered("and handed on as it came", ["block", "export", "domains"], r"quiet\.example,silence,false,false,loud", r"spam\.example,suspend")

# Evidence.
refused("a mistyped hash is no damage", ["audit", "verify", "--head", "abc"], "--head: ", "64 digits")
refused("a hash that is none of the trail is", ["audit", "verify", "--head", "0" * 64], "damaged", status=3)
answered("days are days", ["retention", "run", "--dry-run"], "received in the last 30 days")
answered("how many posts would go", ["retention", "run", "--dry-run", "--posts", "90d"], r"posts +seen first in the last 90 days, or engaged with")
refused("posts of less than a week stay", ["retention", "run", "--dry-run", "--posts", "6d"], "--posts: ", "at least 7d")

refused("an option that there is not is named, not the flag before it", ["retention", "run", "--dry-run", "--pots", "90d"], "has no option --pots", status=2)

# Jobs.
refused("who erases is told how", ["job", "run", "erase"], "linnet person erase")
answered("a narrowed list that is empty does not ask for serve", ["job", "list", "--state", "failed"], "no such jobs")
refused("a day to come is not summarised", ["summaries", "make", "2990-01-01"], "DATE: that day has not begun")
refused("a watch that there is not says where they are", ["watch", "pause", "999"], "linnet watch list")

# Ports.
refused("a port is a port", ["demo", "--port", "99999999"], "--port: expected a port from 0 to 65535", status=2)
with socket.socket() as taken:
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = str(taken.getsockname()[1])
    refused("a port that is taken", ["serve", "--port", port], "the port is taken", "--port", status=3)
with open(f"{folder}/data/linnet.toml", "w") as out:
    out.write("port = \n")
refused("half a line of the settings", ["posts", "list"], "linnet.toml:1: expected a line such as", status=3)
os.remove(f"{folder}/data/linnet.toml")

print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
