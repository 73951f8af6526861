#!/usr/bin/env python3
"""What looplens recovers of a hiring history whose truth is known.

    python3 benches/study.py [--binary target/release/looplens] [--work DIR] > benches/study.md

Needs Python 3.9 or later, the package duckdb (it reads the Parquet results) and a built looplens; about
1 GB of disk and 10 minutes with a debug build on two idle cores. The same binary gives the same page.

Two designs, because they answer different questions:

- Samples: one population of loops, of which random samples are analysed. The truth is the figure of the
  whole population, computed here from the CSV files by a second implementation (Kaplan-Meier and
  Aalen-Johansen below), not by looplens.
- Seeds: independent companies, each with its own jobs and people.
"""

import argparse
import bisect
import concurrent.futures
import csv
import datetime
import json
import math
import pathlib
import random
import shutil
import statistics
import subprocess
import tempfile

import duckdb

POPULATION, SAMPLES, SIZE, SEEDS = 100_000, 100, 1_000, 31
LARGER, FEWER = 5_000, 10  # larger companies, to see what more loops buy
EXPORT = "2026-09-30T23:59:59.999999Z"
CHANGED, BEFORE = "2026Q3", "2026Q2"  # scheduling takes 1.4 times as long from 2026-07-01 on
NULL = [f"{year}Q{quarter}" for year, quarter in [(2024, 1), (2024, 2), (2024, 3), (2024, 4), (2025, 1), (2025, 2),
                                                  (2025, 3), (2025, 4), (2026, 1)]]
EARLY = "2026-02-28T23:59:59.999999Z"  # in the middle of 2026Q1
LABELS = "ABCD"
DAY = 86_400.0


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def rows(path):
    with open(path, newline="") as file:
        yield from csv.DictReader(file)


class Loops:
    """Loops of an export as (id, department, quarter, seconds until the end or the export, how it ended)."""

    def __init__(self, folder, as_of=EXPORT):
        until = instant(as_of)
        ends = {row["application_id"]: (row["decision"], instant(row["decided_at"])) for row in rows(folder / "decisions.csv")}
        self.all = {}
        for row in rows(folder / "applications.csv"):
            start = instant(row["applied_at"])
            how, end = ends.get(row["application_id"], ("open", until))
            if start > until or end < start:
                continue
            if end > until:
                how, end = "open", until
            month = int(row["applied_at"][5:7])
            quarter = f"{row['applied_at'][:4]}Q{(month + 2) // 3}"
            self.all[row["application_id"]] = (row["department"], quarter, math.floor(end) - math.floor(start), how, row["applied_at"])

    def curve(self, keep=lambda loop: True):
        return Curve([(loop[2], loop[3]) for loop in self.all.values() if keep(loop)])


class Curve:
    """Kaplan-Meier and Aalen-Johansen, written again so that looplens is not checked against itself."""

    def __init__(self, spells):
        by_age = {}
        for age, how in spells:
            cell = by_age.setdefault(age, [0, 0, 0])
            cell[0 if how in ("offer", "reject") else 1 if how == "withdrawn" else 2] += 1
        at_risk, open_, decided, area, last = len(spells), 1.0, 0.0, 0.0, 0
        self.ages, self.open, self.decided, self.area = [0], [1.0], [0.0], [0.0]
        for age in sorted(by_age):
            events, withdrawn, censored = by_age[age]
            area += open_ * (age - last)
            decided += open_ * events / at_risk
            open_ *= 1 - (events + withdrawn) / at_risk
            at_risk -= events + withdrawn + censored
            last = age
            self.ages.append(age), self.open.append(open_), self.decided.append(decided), self.area.append(area)
        self.n = len(spells)

    def _place(self, age):
        return bisect.bisect_right(self.ages, age) - 1

    def median(self):
        return next(age for age, share in zip(self.ages, self.open) if share <= 0.5) / DAY

    def within(self, days):
        return self.decided[self._place(days * DAY)]

    def restricted_mean(self, days):
        place = self._place(days * DAY)
        return (self.area[place] + self.open[place] * (days * DAY - self.ages[place])) / DAY


class Program:
    def __init__(self, binary):
        self.binary = binary

    def __call__(self, *arguments, seconds=None):
        command = [self.binary, *map(str, arguments), "--quiet"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=seconds)

    def company(self, loops, seed, folder):
        """Simulates a company; says whether the simulation came to an end."""
        try:
            self("simulate", "--loops", loops, "--seed", seed, "--out", folder, seconds=60)
            return True
        except subprocess.TimeoutExpired:
            shutil.rmtree(folder)
            return False


def query(path, sql):
    with duckdb.connect() as connection:
        return connection.execute(sql.replace("$", f"read_parquet('{path}')")).fetchall()


# --- samples of one population ---------------------------------------------------------------------------


def samples(program, work, pool):
    whole = work / "population"
    program("simulate", "--loops", POPULATION, "--seed", 1000, "--out", whole)
    loops = Loops(whole)
    dice = random.Random(1)
    order = list({row["application_id"]: None for row in rows(whole / "applications.csv")})
    dice.shuffle(order)
    sample_of = {id: n // SIZE for n, id in enumerate(order[: SAMPLES * SIZE])}
    label_of = {id: dice.choice(LABELS) for id in order}
    for name in ("applications", "decisions"):
        split(whole / f"{name}.csv", name, sample_of, label_of, work)
    jobs = [pool.submit(one_sample, program, work / f"sample-{n:03}") for n in range(SAMPLES)]
    return loops, [job.result() for job in jobs]


def split(path, name, sample_of, label_of, work):
    files = {}
    with open(path, newline="") as source:
        reader = csv.reader(source)
        header = next(reader)
        for row in reader:
            n = sample_of.get(row[0])
            if n is None:
                continue
            if n not in files:
                folder = work / f"sample-{n:03}"
                folder.mkdir(exist_ok=True)
                file = open(folder / f"{name}.csv", "w", newline="")
                files[n] = (file, csv.writer(file))
                files[n][1].writerow(header)
            if name == "applications":
                row[header.index("level")] = label_of[row[0]]  # a segment that means nothing
            files[n][1].writerow(row)
    for file, _ in files.values():
        file.close()


def one_sample(program, folder):
    out = folder.with_name(folder.name + "-out")
    program("run", folder, "--out", out, "--as-of", EXPORT, "--by", "department,level")
    main = query(out / "tables/time_to_decision.parquet",
                 "select median_days, median_days_low, median_days_high, share_within_1, share_within_1_low, share_within_1_high, "
                 "rmst_days, rmst_days_low, rmst_days_high, rmst_tau_days, segment_kind, segment "
                 "from $ where clock = 'applied' and segment_kind in ('all', 'department')")
    contrasts = query(out / "tables/time_contrasts.parquet",
                      "select segment_kind, segment, contrast, against, difference_days, difference_days_low, "
                      "difference_days_high, tau_days, p_value, q_value, status from $ where clock = 'applied'")
    shutil.rmtree(out)
    return main, contrasts


# --- seeds -----------------------------------------------------------------------------------------------


def larger_seed(program, work, seed):
    folder, out = work / f"larger-{seed}", work / f"larger-out-{seed}"
    if not program.company(LARGER, seed, folder):
        return None
    program("run", folder, "--out", out, "--as-of", EXPORT)
    found = {row[0] for row in query(out / "tables/findings.parquet", "select id from $")}
    shutil.rmtree(out)
    shutil.rmtree(folder)
    return found


def one_seed(program, work, seed):
    folder, out = work / f"seed-{seed}", work / f"out-{seed}"
    if not program.company(SIZE, seed, folder):
        return None
    program("run", folder, "--out", out, "--as-of", EXPORT)
    tables = out / "tables"
    found = {
        "findings": {row[0] for row in query(tables / "findings.parquet", "select id from $")},
        "last": query(tables / "time_contrasts.parquet",
                      f"select p_value, q_value, difference_days from $ where clock = 'applied' and contrast = 'against_previous' and segment = '{CHANGED}'"),
        "schedule": dict(query(tables / "waits.parquet",
                               "select segment, median_days from $ where segment_kind = 'quarter' and state = 'to_schedule'")),
        "sales": dict(query(tables / "waits.parquet",
                            "select segment, median_days from $ where segment_kind = 'department' and state = 'for_decision'")),
        "sales_mean": dict(query(tables / "waits.parquet",
                                 "select segment, total_days / spells from $ where segment_kind = 'department' and state = 'for_decision'")),
        "median": query(tables / "time_to_decision.parquet",
                        "select median_days, median_days_low, median_days_high from $ where segment_kind = 'all' and clock = 'applied'")[0],
    }
    dataset = out / "dataset"
    program("analyze", "--dataset", dataset, "--out", work / f"null-{seed}", "--as-of", EXPORT, "--period", "2025Q4")
    found["null"] = {row[0] for row in query(work / f"null-{seed}/tables/findings.parquet", "select id from $")}
    program("analyze", "--dataset", dataset, "--out", work / f"early-{seed}", "--as-of", EARLY, "--period", "2026Q1")
    found["early"] = query(work / f"early-{seed}/tables/time_to_decision.parquet",
                           "select naive_mean_days, median_days, median_days_low, median_days_high, open, loops, rmst_days, "
                           "rmst_tau_days, rmst_days_low, rmst_days_high from $ where segment_kind = 'all' and clock = 'applied'")[0]
    late = [loop for loop in Loops(folder).all.values() if "2026-01-01" <= loop[4] < "2026-03-01"]
    closed = [loop for loop in Loops(folder, EARLY).all.values() if "2026-01-01" <= loop[4] < "2026-03-01" and loop[3] != "open"]
    found["late"] = Curve([(loop[2], loop[3]) for loop in late])
    found["late_mean"] = statistics.mean(loop[2] for loop in late) / DAY
    found["closed_median"] = statistics.median(loop[2] for loop in closed) / DAY
    for path in (out, work / f"null-{seed}", work / f"early-{seed}", folder):
        shutil.rmtree(path)
    return found


# --- planted waits ---------------------------------------------------------------------------------------


def planted_waits(program, work):
    """Planted against measured medians of waits, from the dataset of one large company before the change."""
    folder, out = work / "waits", work / "waits-out"
    program("simulate", "--loops", 20_000, "--seed", 2000, "--out", folder)
    program("ingest", folder, "--dataset", out)
    truth = json.loads((folder / "truth.json").read_text())
    with duckdb.connect() as c:
        for table in ("loops", "loop_states", "interviews", "decisions"):
            c.execute(f"create view {table} as from read_parquet('{out}/current/{table}/*/*.parquet')")
        c.execute("create view early as select * from loops where applied_at < timestamptz '2026-05-01 00:00:00+00' and problem is null")
        state = dict(((row[0], row[1]), row[2]) for row in c.execute(
            "select stage, state, median(epoch(to_at) - epoch(from_at)) / 86400 from loop_states join early using (application_id) "
            "where to_at is not null group by all").fetchall())
        # Booked to start, held and not cancelled, one appointment per stage, straight from the appointments.
        booked = dict(c.execute(
            "select stage, median(epoch(starts_at) - epoch(scheduled_at)) / 86400 from interviews join early using (application_id) "
            "where status = 'done' group by stage").fetchall())
        decided = dict(c.execute(
            "select department, median(epoch(ended_at) - epoch(ends_at)) / 86400 from interviews join early using (application_id) "
            "where kind = 'debrief' and status = 'done' and ended_how in ('offer', 'reject') group by department").fetchall())
    return truth, state, booked, decided


def sum_median(*waits, n=200_000):
    dice = random.Random(7)
    return statistics.median(
        sum(wait["median_days"] * math.exp(dice.gauss(0, wait["log_sd"])) for wait in waits) for _ in range(n))


# --- the page --------------------------------------------------------------------------------------------


def share(hits, n):
    """A share with its Wilson interval."""
    if n == 0:
        return "none"
    p, z = hits / n, 1.959964
    centre, half = (p + z * z / 2 / n) / (1 + z * z / n), z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
    return f"{100 * p:.1f} % ({100 * max(0, centre - half):.1f} to {100 * min(1, centre + half):.1f}), {hits} of {n}"


def table(head, lines):
    print("\n| " + " | ".join(head) + " |\n|" + " --- |" * len(head))
    for line in lines:
        print("| " + " | ".join(str(cell) for cell in line) + " |")


class Coverage:
    def __init__(self):
        self.lines = {}

    def add(self, name, truth, value, low, high):
        entry = self.lines.setdefault(name, [0, 0, 0, []])
        entry[3].append(value - truth)
        entry[0] += 1
        entry[1] += low is not None and truth < low
        entry[2] += high is not None and truth > high

    def print(self):
        lines = []
        for name, (n, below, above, errors) in self.lines.items():
            error, spread = statistics.mean(errors), statistics.stdev(errors)
            lines.append((name, share(n - below - above, n), below, above, f"{error:+.4f}", f"{spread:.4f}"))
        table(("95 % interval of", "covers the population's figure", "lies above it", "lies below it", "mean error", "sd of error"), lines)


def companies(pool, analyse, program, work, seeds):
    """What was found in each company, and the seeds for which there is none."""
    jobs = {seed: pool.submit(analyse, program, work, seed) for seed in seeds}
    found = {seed: job.result() for seed, job in jobs.items()}
    return [one for one in found.values() if one is not None], [seed for seed, one in found.items() if one is None]


def page(arguments, work):
    program = Program(arguments.binary)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        population, sampled = samples(program, work, pool)
        seeds, endless = companies(pool, one_seed, program, work, range(1, SEEDS + 1))
        larger, more = companies(pool, larger_seed, program, work, range(101, 101 + FEWER))
    planted = planted_waits(program, work)

    print("# What looplens recovers of a history whose truth is known\n")
    print("Written by `benches/study.py`; shares carry their 95 % Wilson interval. "
          f"Samples: {SAMPLES} random samples of {SIZE:,} loops out of one simulated population of {POPULATION:,} loops. "
          f"Seeds: {len(seeds)} simulated companies with {SIZE:,} loops each, and {len(larger)} with {LARGER:,}.")
    if endless + more:
        print(f"\nThe simulation of seeds {', '.join(map(str, endless + more))} did not come to an end within a minute; they are left out.")

    cover_samples(population, sampled)
    false_alarms(sampled)
    change(seeds, sampled, larger, population)
    sales(seeds, planted[3])
    waits(*planted[:3])
    censoring(seeds)
    medians = [seed["median"] for seed in seeds]
    truth = population.curve().median()
    inside = sum(low <= truth <= high for _, low, high in medians)
    print("\n## What the intervals do not cover\n")
    print(f"The population's median is {truth:.2f} days. The interval of the median of a whole other company covers it in "
          f"{share(inside, len(medians))} of seeds: companies differ in which jobs they fill (here some 18 each), "
          "and all loops of a job share its department and its manager. The intervals are about the loops of one company, not about "
          "companies; a difference between two companies, or two sets of jobs, can be larger than they say.")


def cover_samples(population, sampled):
    whole = population.curve()
    departments = sorted({loop[0] for loop in population.all.values()})
    group = {name: population.curve(lambda loop: loop[0] == name) for name in departments}
    rest = {name: population.curve(lambda loop: loop[0] != name) for name in departments}
    quarters = {loop[1] for loop in population.all.values()}
    quarter = {name: population.curve(lambda loop: loop[1] == name) for name in quarters}
    coverage = Coverage()
    for main, contrasts in sampled:
        for row in main:
            curve = whole if row[10] == "all" else group[row[11]]
            kind = "all loops" if row[10] == "all" else "each department"
            coverage.add(f"median days, {kind}", curve.median(), *row[0:3])
            coverage.add(f"share decided within 14 days, {kind}", curve.within(14), *row[3:6])
            if row[6] is not None:
                coverage.add(f"restricted mean, {kind}", curve.restricted_mean(row[9]), *row[6:9])
        for kind, segment, contrast, against, value, low, high, tau, *_ in contrasts:
            if value is None:
                continue
            if contrast == "against_rest" and kind == "department":
                truth = group[segment].restricted_mean(tau) - rest[segment].restricted_mean(tau)
                coverage.add("difference of restricted means, department against the rest", truth, value, low, high)
            elif contrast == "against_previous":
                truth = quarter[segment].restricted_mean(tau) - quarter[against].restricted_mean(tau)
                name = "of the last quarter against the one before" if segment == CHANGED else "of earlier quarters against the ones before"
                coverage.add(f"difference of restricted means {name}", truth, value, low, high)
    print("\n## Do 95 % intervals cover (samples)?")
    coverage.print()
    print("\nErrors are in days, or in shares of loops. The truth is taken at the horizon of each sample. Rows of one sample are not "
          "independent, so the Wilson intervals of rows with several departments or quarters are a little too narrow.")


def false_alarms(sampled):
    tests = {"log_rank": [], "gray_decided": []}
    p_rest, q_rest, p_quarter, q_any = [], [], [], []
    for _, contrasts in sampled:
        quarters = []
        for kind, segment, contrast, _, _, _, _, _, p, q, _ in contrasts:
            if p is None:
                continue
            if kind == "level" and contrast in tests:
                tests[contrast].append(p)
            if kind == "level" and contrast == "against_rest":
                p_rest.append(p), q_rest.append(q)
            if contrast == "against_previous" and segment in NULL:
                p_quarter.append(p), quarters.append(q)
        q_any.append(min(quarters) <= 0.05)
    rate = lambda values: share(sum(value <= 0.05 for value in values), len(values))
    print("\n## How often is there an alarm where nothing was planted (samples)?")
    table(("alarm", "share"), [
        ("log-rank, segments drawn at random, p <= .05", rate(tests["log_rank"])),
        ("Gray, segments drawn at random, p <= .05", rate(tests["gray_decided"])),
        ("difference of restricted means, random segment against the rest, p <= .05", rate(p_rest)),
        ("difference of restricted means, random segment against the rest, q <= .05", rate(q_rest)),
        (f"quarter against the one before, {NULL[0]} to {NULL[-1]}, p <= .05", rate(p_quarter)),
        ("any of these quarters with q <= .05 in one analysis", share(sum(q_any), len(q_any))),
    ])
    print("\nThe family of q-values of quarters holds the last quarter too, where a change was planted; the random segments share theirs "
          "with the departments, which do differ. So q <= .05 promises a small share of false alarms among alarms, not among quiet rows.")


def change(seeds, sampled, larger, population):
    n = len(seeds)
    has = lambda name: share(sum(name in seed["findings"] for seed in seeds), n)
    ratio = statistics.median(seed["schedule"][CHANGED] / seed["schedule"][BEFORE] for seed in seeds)
    rows_ = [row for _, contrasts in sampled for row in contrasts if row[2] == "against_previous" and row[1] == CHANGED and row[8] is not None]
    grew = sum(any(id.startswith("wait-grew") for id in seed["findings"]) for seed in seeds)
    quiet = sum(any(id.startswith("wait-grew") for id in seed["null"]) for seed in seeds)
    slower = sum(any(id.startswith(("slower-than", "faster-than")) for id in seed["null"]) for seed in seeds)
    print(f"\n## Is the planted change found (scheduling 1.4 times as long from {CHANGED} on)?")
    table(("what", "share"), [
        ("seeds: finding `wait-grew:to_schedule`", has("wait-grew:to_schedule")),
        ("seeds: finding `wait-grew` of any state", share(grew, n)),
        (f"seeds: finding `slower-than-before:{CHANGED}`", has(f"slower-than-before:{CHANGED}")),
        (f"seeds of {LARGER:,} loops: finding `wait-grew:to_schedule`", share(sum("wait-grew:to_schedule" in ids for ids in larger), len(larger))),
        (f"seeds of {LARGER:,} loops: finding `slower-than-before:{CHANGED}`",
         share(sum(f"slower-than-before:{CHANGED}" in ids for ids in larger), len(larger))),
        (f"samples: restricted mean of {CHANGED} against {BEFORE}, q <= .05", share(sum(row[9] <= 0.05 for row in rows_), len(rows_))),
        ("seeds, quiet quarter 2025Q4: finding `wait-grew` of any state", share(quiet, n)),
        ("seeds, quiet quarter 2025Q4: finding `slower-` or `faster-than-before`", share(slower, n)),
    ])
    print(f"\nThe median of `to_schedule` in {CHANGED} is {ratio:.2f} times that of {BEFORE} (median over seeds); 1.4 was planted. "
          f"Loops opened late in {BEFORE} are scheduled in {CHANGED} and dilute the contrast. First contact was planted slower too, since candidates are asked "
          "for their availability on the way to scheduling; of several waits that grew only the one that costs most becomes a finding.")
    slower = [population.curve(lambda loop: loop[1] == name).restricted_mean(80) for name in (CHANGED, BEFORE)]
    print(f"\nIn the whole population loops of {CHANGED} take {slower[0] - slower[1]:.2f} days longer than those of {BEFORE}, counting no "
          "more than 80 days per loop. The standard error of that difference is about 2 days with 1,000 loops and 0.9 with 5,000: "
          "the time to decision cannot show this change at such sizes, and rightly says nothing; the waits can.")


def sales(seeds, decided):
    def ratio(figures):
        others = [value for name, value in figures.items() if name != "Sales" and value is not None]
        return figures["Sales"] / statistics.median(others)

    medians = [ratio(seed["sales"]) for seed in seeds if seed["sales"].get("Sales")]
    means = [ratio(seed["sales_mean"]) for seed in seeds if seed["sales_mean"].get("Sales")]
    others = statistics.median(value for name, value in decided.items() if name != "Sales")
    print("\n## Is Sales found to decide slowly (factor 2 from debrief to decision)?")
    table(("figure", "Sales against the median of the other departments"), [
        ("`waits`, state `for_decision`, median spell, median over seeds", f"{statistics.median(medians):.2f}"),
        ("`waits`, state `for_decision`, mean spell, median over seeds", f"{statistics.median(means):.2f}"),
        ("end of the debrief to the decision, median, 20,000 loops", f"{decided['Sales'] / others:.2f}"),
    ])
    print("\n`for_decision` begins with the debrief's end, so what is in the data is in the state.")


def waits(truth, state, booked):
    lines = []
    for place, stage in enumerate(truth["rounds"]):
        name = stage["stage"]
        if place == 0:
            expected = sum_median(stage["to_schedule"]) / 3
            lines.append((name, "`to_first_contact`", f"{expected:.2f}, a third of the wait to schedule", f"{state[(None, 'to_first_contact')]:.2f}"))
        else:
            expected = sum_median(stage["to_schedule"])
            lines.append((name, "`to_schedule`", f"{expected:.2f}", f"{state.get((name, 'to_schedule'), math.nan):.2f}"))
        lines.append((name, "booked to start", f"{stage['to_interview']['median_days']:.2f}, before it moves to working hours", f"{booked[name]:.2f}"))
    print("\n## Are the planted waits measured (one company of 20,000 loops, before the change)?")
    table(("stage", "wait", "planted median, days", "measured"), lines)


def censoring(seeds):
    n = len(seeds)
    rows_ = [(seed["early"], seed["late"], seed["late_mean"], seed["closed_median"]) for seed in seeds]
    bias = lambda values: f"{statistics.mean(values):+.2f}"
    covered = sum(early[2] <= late.median() <= (early[3] if early[3] is not None else math.inf) for early, late, _, _ in rows_)
    print("\n## What does counting open loops as open buy (seeds, loops opened in January and February 2026, seen at the end of February)?")
    table(("figure at the end of February", "mean error against what became of the same loops, days"), [
        ("mean of closed loops (`naive_mean_days`)", bias([early[0] - mean for early, _, mean, _ in rows_])),
        ("median of closed loops", bias([closed - late.median() for _, late, _, closed in rows_])),
        ("Kaplan-Meier median (`median_days`)", bias([early[1] - late.median() for early, late, _, _ in rows_ if early[1] is not None])),
        ("restricted mean at its own horizon (`rmst_days`)", bias([early[6] - late.restricted_mean(early[7]) for early, late, _, _ in rows_])),
    ])
    loops = sum(early[5] for early, *_ in rows_) / n
    open_ = sum(early[4] for early, *_ in rows_) / n
    print(f"\nOn average {open_:.0f} of {loops:.0f} loops were open then; the later median lies in the early interval in {share(covered, n)} of seeds.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--binary", default=root / "target/release/looplens", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, help="an empty folder for the data; a temporary one by default")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.work:
        arguments.work.mkdir(parents=True, exist_ok=True)
        return page(arguments, arguments.work)
    with tempfile.TemporaryDirectory() as work:
        page(arguments, pathlib.Path(work))


if __name__ == "__main__":
    main()
