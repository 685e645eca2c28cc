"""Runs ingest_bench in turns and reports medians of 3 and their ratios. Called by script/bench."""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

BENCH, LINNET = "build/release/bench/ingest_bench", "build/release/src/app/linnet"
NAIVE = "build/release/bench/naive_ingest"
events = int(sys.argv[1])
folder = tempfile.mkdtemp(prefix="linnet-bench-", dir="build")


def sample(count):
    path = f"{folder}/{count}.jsonl"
    with open(path, "wb") as out:
        subprocess.run([LINNET, "sample", "--events", str(count)], stdout=out, check=True)
    return path


def measure(mode, path, batch, location=None, extra=()):
    data = f"{folder}/data"
    shutil.rmtree(data, ignore_errors=True)
    os.mkdir(data)
    where = location or f"sqlite:{data}/linnet.db"
    if location:
        subprocess.run([LINNET, "--quiet", "--db", location, "db", "reset", "--yes"], check=True, stdout=subprocess.DEVNULL)
    program = [NAIVE] if mode == "naive" else [BENCH, mode]
    out = subprocess.run([*program, path, where, str(batch), *map(str, extra)], check=True, capture_output=True, text=True)
    result = json.loads(out.stdout)
    print(f"  {mode:7} batch {batch:6} {result['per_second']:9,} events/s  {result['resident_kb'] // 1024:5} MB resident", flush=True)
    return result


def median(results, key="per_second"):
    return statistics.median(r[key] for r in results)


try:
    big, small, tiny = sample(events), sample(events // 3), sample(max(events // 60, 1000))
    size = os.path.getsize(big)
    rounds = {name: [] for name in ("floor", "tuned", "ingest", "naive", "third", "small_batch", "each_floor", "each")}
    for _ in range(3):
        rounds["floor"].append(measure("floor", big, 10_000))
        rounds["tuned"].append(measure("tuned", big, 10_000))
        rounds["ingest"].append(measure("ingest", big, 10_000))
        rounds["naive"].append(measure("naive", big, 1_000))
        rounds["third"].append(measure("ingest", small, 10_000))
        rounds["small_batch"].append(measure("ingest", big, 1_000))
        rounds["each_floor"].append(measure("floor", tiny, 1))
        rounds["each"].append(measure("ingest", tiny, 1))
    stored = rounds["ingest"][0]["tables"] + rounds["ingest"][0]["log"]
    own = [measure("bytes", big, 10_000, extra=[stored // events]) for _ in range(3)]
    ratios = [
        ("ingest / appending the raw line as a blob", median(rounds["ingest"]) / median(rounds["floor"]), 0.90),
        ("the same, the floor with Linnet's pages and checkpoints", median(rounds["ingest"]) / median(rounds["tuned"]), None),
        ("ingest / writing every event naively", median(rounds["ingest"]) / median(rounds["naive"]), 4.0),
        ("ingest / appending as many bytes as are stored", median(rounds["ingest"]) / median(own), 0.45),
        ("rate at all events / rate at a third of them", median(rounds["ingest"]) / median(rounds["third"]), 0.85),
        ("a commit per event / one blob per commit", median(rounds["each"]) / median(rounds["each_floor"]), 0.60),
        ("stored bytes / input bytes", stored / size, 0.50),
        ("resident MB, batches of 1,000", median(rounds["small_batch"], "resident_kb") / 1024, 150),
    ]
    address = os.environ.get("LINNET_TEST_POSTGRES")
    if address:
        postgres = [measure("ingest", small, 10_000, address) for _ in range(3)]
        ratios.append(("PostgreSQL / SQLite, a third of the events", median(postgres) / median(rounds["third"]), 0.25))
    print()
    for name, value, goal in ratios:
        print(f"{value:9.2f}  {'goal %7.2f' % goal if goal else ' ' * 12}  {name}")
finally:
    shutil.rmtree(folder, ignore_errors=True)
