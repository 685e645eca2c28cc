"""Jobs of the running program, by a clock that is moved. Called by jobs.sh."""
import json
import os
import signal
import subprocess
import sys
import time

linnet, folder = sys.argv[1:]
passed = failed = 0
data, clock = f"{folder}/data", f"{folder}/clock"


def expect(what, holds, told=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAIL", what, str(told)[:600])


def run(*words, moved=True):
    env = dict(os.environ, LINNET_TEST_CLOCK=clock) if moved else dict(os.environ)
    return subprocess.run([linnet, "--quiet", "--data", data, *words], capture_output=True, text=True, timeout=120, env=env)


def set_clock(moment):
    with open(clock + ".new", "w") as out:
        out.write(moment + "\n")
    os.replace(clock + ".new", clock)


def jobs(kind, *words):
    done = run("--json", "job", "list", "--kind", kind, *words)
    return json.loads(done.stdout) if done.returncode == 0 else [{"state": done.stderr, "due_at": ""}]


def eventually(what, is_so, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if is_so():
                expect(what, True)
                return
        except IndexError:
            pass  # there is no such job yet
        time.sleep(0.1)
    expect(what, False, run("job", "list", "--all").stdout)


class Serve:
    def __init__(self):
        name = f"{folder}/serve.log"
        with open(name, "w") as log:
            self.process = subprocess.Popen([linnet, "--data", data, "serve", "--port", "0"], stdout=log, stderr=log,
                                            env=dict(os.environ, LINNET_TEST_CLOCK=clock))
        for _ in range(600):
            with open(name) as log:
                if "Linnet runs on" in log.read():
                    return
            time.sleep(0.1)
        expect("serve starts", False, open(name).read())

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(60)


# --- the clock is a test's alone
os.makedirs(data)
set_clock("2027-03-27T12:00:00Z")
refused = run("db", "status")
expect("a clock for tests is refused on a folder that is none of theirs", refused.returncode == 2 and "LINNET_TEST_CLOCK" in refused.stderr, refused.stderr)
with open(f"{data}/under-test", "w") as mark:
    mark.write("sqlite:/somewhere/else.db\n")
expect("nor where the folder is a test's for another database", run("db", "status").returncode == 2)
with open(f"{data}/under-test", "w") as mark:
    mark.write(f"sqlite:{data}/linnet.db\n")
expect("a marked folder is taken", run("db", "status").returncode == 0)

# --- asked for while nothing runs
asked = run("--json", "job", "run", "backup")
expect("a job is asked for while nothing runs", asked.returncode == 0, asked.stderr)
expect("but not twice", run("job", "run", "backup").returncode == 1)
expect("what is asked for in another way names that way", "JOB: erase is asked for by linnet person erase" in run("job", "run", "erase").stderr)
expect("and what is no job names those there are", "JOB: expected" in run("job", "run", "nonsense").stderr)
serve = Serve()
eventually("it is done once something runs", lambda: jobs("backup", "--all")[0]["state"] == "done")
file = (jobs("backup", "--all")[0].get("result") or {}).get("file", "")
expect("and made its copy", os.path.exists(f"{data}/{file}") and file, file)

# --- schedules, and a clock that moves by days
eventually("retention waits for the night", lambda: jobs("retention")[0]["due_at"].startswith("2027-03-28T03:30:00"))
set_clock("2027-03-28T03:29:58Z")
eventually("and is run when it has come", lambda: jobs("retention", "--state", "done"))
expect("then waits for the next", jobs("retention")[0]["due_at"].startswith("2027-03-29T03:30:00"), jobs("retention"))
number = jobs("retention")[0]["id"]
expect("one time is left out", run("job", "cancel", number).returncode == 0 and
       jobs("retention")[0]["due_at"].startswith("2027-03-30T03:30:00"), jobs("retention"))
expect("one alone, however often it is asked for", run("job", "cancel", number).returncode != 0 and
       jobs("retention")[0]["due_at"].startswith("2027-03-30T03:30:00"), jobs("retention"))
expect("one is run at once", run("job", "run", "retention").returncode == 0)
eventually("when it is asked for", lambda: len(jobs("retention", "--state", "done")) == 2)
expect("and says who did", jobs("retention", "--state", "done")[0]["asked_by"])
serve.end()

# --- days without the program
set_clock("2027-04-05T10:00:00Z")
serve = Serve()
eventually("days that were missed are made up for once", lambda: len(jobs("retention", "--state", "done")) == 3)
expect("which it says", "in place of 29 Mar 2027, 03:30 UTC" in jobs("retention", "--state", "done")[0]["message"],
       jobs("retention", "--state", "done")[0])
expect("and waits for the next time", jobs("retention")[0]["due_at"].startswith("2027-04-06T03:30:00"))

# --- cut off
serve.end()
events = f"{folder}/events.jsonl"
with open(events, "w") as out:
    subprocess.run([linnet, "sample", "--events", "30000", "--seed", "7"], stdout=out, check=True)
expect("events are imported", run("import", "events", events, "--instance", "https://social.example").returncode == 0)
digest = run("db", "digest").stdout
run("job", "run", "replay")
serve = Serve()
begun = False
for _ in range(400):
    found = jobs("replay")
    if found and found[0]["done"] > 0:
        begun = True
        break
    if jobs("replay", "--state", "done"):
        break
    time.sleep(0.02)
serve.end(signal.SIGKILL)
left = jobs("replay")
expect("a kill leaves it unfinished", not begun or (left and left[0]["state"] == "running"), left)
serve = Serve()
eventually("what a kill cut off is done by the next run of the program", lambda: jobs("replay", "--state", "done"), 120)
result = jobs("replay", "--state", "done")[0]["result"]
expect("and gives what it would have given", result and result["digest"] == digest.split()[-1] if digest else False, (result, digest))
serve.end()
expect("the tables are as they were", run("db", "digest").stdout == digest)

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
