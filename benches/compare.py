"""Measures looplens beside DuckDB on the same simulated exports, on this machine, in this run.

    cargo build --release
    pip install duckdb            (in a virtual environment; this script installs nothing)
    python benches/compare.py --loops 200000

Prints a Markdown table and writes it to benches/results.md. Processor time is the figure to compare on a
machine that does other work too; wall time is the shortest of the repeats.
"""

import argparse
import csv
import datetime
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MB = 1_000_000


class Measure:
    """What one process took."""

    def __init__(self, command, log=False):
        begin = time.monotonic()
        process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.text = process.stdout.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.wall = time.monotonic() - begin
        self.cpu = usage.ru_utime + usage.ru_stime
        # Linux counts in KiB, macOS in bytes.
        self.peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}\nended with status {process.returncode}:\n{self.text[-2000:]}")


def best(repeats, make):
    """The shortest run by processor time, with the shortest wall time of all."""
    runs = [make() for _ in range(repeats)]
    chosen = min(runs, key=lambda run: run.cpu)
    chosen.wall = min(run.wall for run in runs)
    chosen.peak = max(run.peak for run in runs)
    return chosen


def fresh(path):
    shutil.rmtree(path, ignore_errors=True)
    return path


def size(folder):
    """The bytes of an export; the truth beside it is not part of it."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and file.name != "truth.json")


def split_by_quarter(export, first, second):
    """All loops but those of the last opening quarter, and those: two exports, as two dumps would be."""
    quarter_of = {}
    with open(export / "applications.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            at = row["applied_at"]
            if re.match(r"\d{4}-\d\d", at):
                quarter_of.setdefault(row["application_id"], f"{at[:4]}Q{(int(at[5:7]) + 2) // 3}")
    last = max(quarter_of.values())
    for folder in (first, second):
        fresh(folder).mkdir(parents=True)
    for table in sorted(export.glob("*.csv")):
        with (
            open(table, encoding="utf-8", newline="") as file,
            open(first / table.name, "w", encoding="utf-8", newline="") as one,
            open(second / table.name, "w", encoding="utf-8", newline="") as two,
        ):
            rows, one, two = csv.reader(file), csv.writer(one), csv.writer(two)
            header = next(rows)
            one.writerow(header)
            two.writerow(header)
            at = header.index("application_id")
            for row in rows:
                in_last = len(row) > at and quarter_of.get(row[at]) == last
                (two if in_last else one).writerow(row)
    return last


def tables_computed(text):
    found = re.search(r"([\d,.\s]+) tables? of partitions computed, ([\d,.\s]+) taken from the cache", text)
    return f"{found[1].strip()} computed, {found[2].strip()} cached" if found else "not printed"


def write_array(path, megabytes, record):
    """One JSON array in one file, of at least so many megabytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with open(path, "w", encoding="utf-8") as file:
        file.write("[")
        number = 0
        while written < megabytes * MB:
            lines = []
            for _ in range(2000):
                lines.append(json.dumps(record(number), separators=(",", ":")))
                number += 1
            text = ("" if number == 2000 else ",\n") + ",\n".join(lines)
            written += file.write(text)
        file.write("]\n")
    return number


def instant(number, hours=0):
    """Three years of instants, several cards a minute."""
    at = datetime.datetime(2023, 10, 1) + datetime.timedelta(seconds=(number * 17) % 94_000_000, hours=hours)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


RATINGS = ["definitely_not", "no", "mixed", "yes", "strong_yes"]
PROSE = "Worked through the task step by step, asked before guessing, and said what was left open. "


def v3_card(number):
    return {
        "id": 30_000_000_000 + number, "application_id": 10_000_000_000 + number // 4,
        "interview_kit_id": 400_000 + number % 900, "interviewer_id": 4_000 + number % 1_500,
        "submitter_id": 4_000 + number % 1_500, "interviewed_at": instant(number), "submitted_at": instant(number, 20),
        "status": "complete", "candidate_rating": RATINGS[number % 5], "notes": PROSE * (number % 4),
        "private_notes": None, "public_notes": None, "created_at": instant(number), "updated_at": instant(number, 20),
    }


def v1_card(number):
    person = {"id": 4_000 + number % 1_500, "first_name": "A", "last_name": "B", "name": "A B", "employee_id": None}
    return {
        "id": 30_000_000_000 + number, "updated_at": instant(number, 20), "created_at": instant(number),
        "interview": "Technical screen", "interview_step": {"id": 5_000 + number % 900, "name": "Technical screen"},
        "candidate_id": 20_000_000_000 + number // 4, "application_id": 10_000_000_000 + number // 4,
        "interviewed_at": instant(number), "submitted_by": person, "interviewer": person,
        "submitted_at": instant(number, 20), "overall_recommendation": RATINGS[number % 5],
        "attributes": [
            {"name": name, "type": "Skills", "note": None, "rating": RATINGS[(number + at) % 5]}
            for at, name in enumerate(["technical quality", "communication", "ownership", "problem solving"])
        ],
        "ratings": {}, "questions": [{"id": None, "question": "Notes", "answer": PROSE * (number % 3)}],
    }


def machine():
    model, memory = "unknown processor", 0
    try:
        info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        model = re.search(r"model name\s*:\s*(.*)", info)[1]
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, TypeError, ValueError):
        pass
    return f"{os.cpu_count()} cores ({model}), {memory / 2**30:.0f} GiB, load {os.getloadavg()[0]:.1f} at the start"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loops", type=int, default=200_000)
    parser.add_argument("--looplens", type=Path, default=HERE.parent / "target/release/looplens")
    parser.add_argument("--repeats", type=int, default=3, help="repeats of what is compared; the best counts")
    parser.add_argument("--array-mb", type=int, default=2_000, help="size of the single-file JSON arrays; 0 leaves them out")
    parser.add_argument("--simulate", type=int, default=1_000_000, help="loops of the large simulation; 0 leaves it out")
    parser.add_argument("--work", type=Path, help="folder for the exports (some 8 GB); a temporary one by default")
    parser.add_argument("--results", type=Path, default=HERE / "results.md")
    options = parser.parse_args()
    if not options.looplens.exists():
        sys.exit(f"{options.looplens} is not there: run `cargo build --release`")
    if importlib.util.find_spec("duckdb") is None:
        sys.exit("the Python package duckdb is not installed: run `pip install duckdb` in a virtual environment")
    import duckdb

    place = machine()
    looplens = options.looplens.resolve()
    work = options.work or Path(tempfile.mkdtemp(prefix="looplens-bench-"))
    work.mkdir(parents=True, exist_ok=True)
    lines = []

    def say(line=""):
        print(line, flush=True)
        lines.append(line)

    say("# Measurements")
    say()
    say(f"`python benches/compare.py {' '.join(sys.argv[1:])}`".replace(" `", "`"))
    say()
    say(f"{datetime.date.today()}, {place}, DuckDB {duckdb.__version__} with two threads.")
    say()
    say(f"## Ingest of {options.loops:,} simulated loops")
    say()
    say("DuckDB reads the same files into zstd Parquet with declared types. looplens also validates, pseudonymises,")
    say("sorts, removes duplicates, reconciles, splits into quarters and derives timelines.")
    say()
    say("| export | | wall s | CPU s | MB/s of input | peak MB | looplens / DuckDB, wall | CPU |")
    say("| --- | --- | --- | --- | --- | --- | --- | --- |")
    layouts = [
        ("tables", "CSV tables"), ("greenhouse-v3", "Greenhouse v3 JSON"), ("lever", "Lever JSON"), ("ashby", "Ashby JSON"),
    ]
    for layout, title in layouts:
        export = work / layout
        Measure([looplens, "simulate", "--loops", options.loops, "--seed", 1, "--format", layout, "--out", fresh(export), "-q"])
        megabytes = size(export) / MB
        ours = best(options.repeats, lambda: Measure([looplens, "ingest", export, "--dataset", fresh(work / f"dataset-{layout}"), "-q"]))
        theirs = best(options.repeats, lambda: Measure([sys.executable, HERE / "duckdb_import.py", layout, export, fresh(work / "duckdb")]))
        for name, run, ratios in [
            ("looplens", ours, f"{ours.wall / theirs.wall:.2f} | {ours.cpu / theirs.cpu:.2f}"),
            ("DuckDB", theirs, " | "),
        ]:
            say(f"| {title}, {megabytes:,.0f} MB | {name} | {run.wall:.1f} | {run.cpu:.1f} | {megabytes / run.wall:,.0f} "
                f"| {run.peak / MB:,.0f} | {ratios} |")
    say()
    say("## Analysis of the CSV tables")
    say()
    say("| | wall s | CPU s | peak MB | tables of partitions |")
    say("| --- | --- | --- | --- | --- |")
    last = split_by_quarter(work / "tables", work / "before", work / "after")
    dataset = fresh(work / "growing")

    def analyze(title):
        run = Measure([looplens, "analyze", "--dataset", dataset, "--out", work / "out", "-v"])
        say(f"| {title} | {run.wall:.1f} | {run.cpu:.1f} | {run.peak / MB:,.0f} | {tables_computed(run.text)} |")

    Measure([looplens, "ingest", work / "before", "--dataset", dataset, "-q"])
    analyze(f"first time, all but {last}")
    Measure([looplens, "ingest", work / "after", "--dataset", dataset, "-q"])
    analyze(f"after {last} was added")
    analyze("again, nothing new")
    shutil.rmtree(dataset / "cache", ignore_errors=True)
    analyze("all of it, nothing cached")
    for name in ["before", "after", "growing", "duckdb", "out"]:
        fresh(work / name)
    for layout, _ in layouts:
        fresh(work / layout)
        fresh(work / f"dataset-{layout}")
    say()
    say("## Memory")
    say()
    say("| | size | wall s | CPU s | peak MB |")
    say("| --- | --- | --- | --- | --- |")
    if options.array_mb:
        for version, record in [("v1", v1_card), ("v3", v3_card)]:
            export = fresh(work / f"array-{version}")
            cards = write_array(export / "scorecards.json", options.array_mb, record)
            bytes_ = size(export)
            run = Measure([looplens, "ingest", export, "--source", f"greenhouse-{version}", "--dataset", fresh(work / "array-dataset"), "-q"])
            say(f"| ingest of one Greenhouse {version} array of {cards:,} scorecards | {bytes_ / MB:,.0f} MB | {run.wall:.1f} "
                f"| {run.cpu:.1f} | {run.peak / MB:,.0f} |")
            fresh(export)
            fresh(work / "array-dataset")
    if options.simulate:
        run = Measure([looplens, "simulate", "--loops", options.simulate, "--seed", 1, "--format", "tables", "--out", fresh(work / "million"), "-q"])
        say(f"| simulate {options.simulate:,} loops as tables | {size(work / 'million') / MB:,.0f} MB | {run.wall:.1f} | {run.cpu:.1f} "
            f"| {run.peak / MB:,.0f} |")
        fresh(work / "million")
    if options.work is None:
        fresh(work)
    options.results.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
