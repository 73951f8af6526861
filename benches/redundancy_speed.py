"""Stage redundancy of a million loops beside the raw pair table of polars, on the same scores, in one run.

    cargo bench --bench redundancy_speed --no-run      (prints the name of the program)
    pip install polars numpy                           (in a virtual environment; this script installs nothing)
    python benches/redundancy_speed.py PROGRAM

Prints a Markdown table. polars computes Pearson and Spearman of each pair and nothing else, from a frame in memory; looplens
corrects both for selection and noise, with intervals from 400 draws, and then drops each round. The raw figures of both have
to agree.
"""

import itertools
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
import polars

REPEATS = 3


def program(command):
    begin = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return text, end.ru_maxrss / 1024, end.ru_utime - begin.ru_utime


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scores"
        program([sys.argv[1], str(file)])
        runs = [program([sys.argv[1]]) for _ in range(REPEATS)]
        scores = numpy.fromfile(file, dtype="<f8").reshape(-1, 6)
    text = runs[0][0]
    seconds = lambda name: min(float(line.split()[1]) for run in runs for line in run[0].splitlines() if line.startswith(name))
    ours = {tuple(map(int, line.split()[1:3])): list(map(float, line.split()[4:6])) for line in text.splitlines() if line.startswith("pair ")}
    names = [f"stage_{at}" for at in range(6)]
    frame = polars.DataFrame({name: scores[:, at] for at, name in enumerate(names)}).fill_nan(None)
    pairs = list(itertools.combinations(range(6), 2))

    def table():
        found = {}
        for a, b in pairs:
            both = frame.lazy().select(names[a], names[b]).drop_nulls()
            row = both.select(
                polars.corr(names[a], names[b], method="pearson").alias("pearson"),
                polars.corr(names[a], names[b], method="spearman").alias("spearman"),
            ).collect()
            found[a, b] = row.row(0)
        return found

    times = []
    for _ in range(REPEATS):
        begin = time.monotonic()
        theirs = table()
        times.append(time.monotonic() - begin)
    for pair, (pearson, spearman) in theirs.items():
        assert abs(pearson - ours[pair][0]) < 1e-5 and abs(spearman - ours[pair][1]) < 1e-5, (pair, pearson, spearman, ours[pair])
    best = min(times)
    print(f"polars {polars.__version__}, {polars.thread_pool_size()} threads; {len(scores):,} loops, {len(pairs)} pairs; shortest of {REPEATS}\n")
    print("| | wall s | of polars |")
    print("| --- | ---: | ---: |")
    print(f"| polars: Pearson and Spearman | {best:.2f} | 1.00 |")
    print(f"| looplens: the same, corrected for selection and noise, with intervals | {seconds('pairs'):.2f} | {seconds('pairs') / best:.2f} |")
    print(f"| looplens: what dropping each round changes | {seconds('drops'):.2f} | {seconds('drops') / best:.2f} |")
    print(f"\nPeak memory of looplens, scores included: {max(run[1] for run in runs):.0f} MB.")


if __name__ == "__main__":
    main()
