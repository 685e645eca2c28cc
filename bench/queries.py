"""Asks query_bench's questions of a large database, beside ingest as well, and compares with the goals: queries.py FOLDER"""
import json
import os
import subprocess
import sys
import tempfile

folder = sys.argv[1]
LINNET, BENCH = "build/release/src/app/linnet", "build/release/bench/query_bench"
GOALS = {  # in ms; while ingest runs, three times that
    "trending, from memory": ("p50_ms", 2), "spiking, from memory": ("p50_ms", 2), "velocity": ("p50_ms", 10),
    "timeline page": ("p99_ms", 0.5), "account page": ("p99_ms", 0.5), "hashtag page": ("p99_ms", 0.5),
    "search by word": ("p50_ms", 20)}
with tempfile.TemporaryDirectory(dir="build") as work:
    events = f"{work}/events.jsonl"
    with open(events, "wb") as out:
        subprocess.run([LINNET, "sample", "--events", "1000000", "--seed", "2"], stdout=out, check=True)
    copy = f"{work}/linnet.db"  # what is taken in beside must not stay
    for part in ("linnet.db", "linnet.events.db", "linnet.search.db"):
        subprocess.run(["cp", "--reflink=auto", f"{folder}/{part}", f"{work}/{part}"], check=True)
    output = subprocess.run([BENCH, f"sqlite:{copy}", events], check=True, capture_output=True, text=True).stdout
found = [json.loads(line) for line in output.splitlines()]
quiet = {row["name"]: row for row in found if row.get("during_ingest") is False}
print(f"{'p50 ms':>10} {'p99 ms':>10}  goal")
for row in found:
    if "p50_ms" not in row:
        print(json.dumps(row))
        continue
    which, goal = GOALS.get(row["name"], (None, None))
    verdict = ""
    if goal is not None:
        goal *= 3 if row["during_ingest"] else 1
        verdict = f"{which[:3]} ≤ {goal:g} {'ok' if row[which] <= goal else 'MISS'}"
    beside = " (ingest beside)" if row["during_ingest"] else ""
    print(f"{row['p50_ms']:10.3f} {row['p99_ms']:10.3f}  {verdict:18} {row['name']}{beside}")
for fast, slow in (("trending, from memory", "trending, naive join"), ("velocity", "velocity, naive correlated")):
    print(f"{quiet[slow]['p50_ms'] / quiet[fast]['p50_ms']:10,.0f} times as fast as the plain SQL: {fast}")
