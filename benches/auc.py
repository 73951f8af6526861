#!/usr/bin/env python3
"""Areas under the curve with DeLong's error on 10 million scored loops: looplens beside scikit-learn and numpy.

    python3 benches/auc.py [--people 10000000] [--program COMMAND ...]

Needs numpy and scikit-learn. `--program` is the command before the folder, by default
`cargo bench --quiet --bench auc --`. All read the same arrays from memory; reading files is not timed.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import numpy as np
from sklearn.metrics import roc_auc_score


def delong(scores, with_):
    """Sun and Xu's algorithm: placements from mid-ranks."""
    positive, negative = scores[with_], scores[~with_]
    m, n = len(positive), len(negative)

    def mid_ranks(x):
        _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
        ends = np.cumsum(counts)
        return (ends - (counts - 1) / 2)[inverse]

    both = mid_ranks(np.concatenate([positive, negative]))
    v10 = (both[:m] - mid_ranks(positive)) / n
    v01 = 1 - (both[m:] - mid_ranks(negative)) / m
    return v10.mean(), np.sqrt(v10.var(ddof=1) / m + v01.var(ddof=1) / n)


def timed(work):
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, (time.perf_counter() - wall, time.process_time() - cpu)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=10_000_000)
    parser.add_argument("--program", nargs="+", default=["cargo", "bench", "--quiet", "--bench", "auc", "--"])
    options = parser.parse_args()
    dice = np.random.default_rng(1)
    with_ = dice.random(options.people) < 0.2
    # Means of 24 scores of 1 to 4, in thousandths.
    scores = np.round(np.clip(dice.normal(2.5, 0.5, options.people) + 0.2 * with_, 1, 4) * 24) * 1000 // 24
    scores = scores.astype(np.int64)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        scores.tofile(folder / "scores.i64")
        with_.astype(np.uint8).tofile(folder / "outcomes.u8")
        ours = json.loads(subprocess.run([*options.program, str(folder)], check=True, capture_output=True,
                                         text=True).stdout.strip().splitlines()[-1])
    theirs, sklearn = timed(lambda: roc_auc_score(with_, scores))
    (area, error), numpy = timed(lambda: delong(scores, with_))
    print("| program | wall s | CPU s | area | standard error |\n| --- | ---: | ---: | ---: | ---: |")
    print(f"| looplens, area and error from {ours['distinct_scores']} counts, one thread | {ours['seconds']:.3f} | "
          f"| {ours['auc']:.12f} | {ours['std_error']:.12f} |")
    print(f"| scikit-learn roc_auc_score, area only | {sklearn[0]:.3f} | {sklearn[1]:.3f} | {theirs:.12f} | |")
    print(f"| DeLong in numpy | {numpy[0]:.3f} | {numpy[1]:.3f} | {area:.12f} | {error:.12f} |")
    assert abs(ours["auc"] - theirs) < 1e-12 and abs(ours["std_error"] - error) < 1e-12


main()
