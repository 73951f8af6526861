#!/usr/bin/env python3
"""Product-limit figures with delayed entry, in exact fractions until the last step.

    python3 tests/it/golden/delayed_entry/reference.py > tests/it/golden/delayed_entry/reference.json

A loop is at risk at age t when entry < t <= exit; one that is observed from its start is at risk at age 0 too.
That is R's Surv(entry, exit, event). Standard library only.
"""

import json
import math
import random
from fractions import Fraction

Z = 1.959963984540054
DAYS = 119  # from the first day of observation to the date of analysis

dice = random.Random(20260101)
loops = []  # entry, exit, status: 0 open, 1 decided, 2 withdrew
for n in range(90):
    entry = 0 if n % 2 else dice.randint(1, 40)
    status = dice.choice([0, 1, 1, 1, 2])
    length = 1 + int(dice.expovariate(1 / 22))
    if status == 0:
        exit_ = DAYS + entry if entry else min(length, DAYS)
    else:
        exit_ = min(entry + length if entry else length, DAYS)
    loops.append((entry, exit_, status))
# One that ended on the day observation began, and one that ended before: neither was ever seen at risk.
loops += [(12, 12, 1), (30, 9, 1)]

seen = [loop for loop in loops if loop[0] == 0 or loop[0] < loop[1]]
at_risk = lambda t: sum((entry < t or entry == 0) and t <= exit_ for entry, exit_, _ in seen)
ages = sorted({exit_ for _, exit_, status in seen if status})
survival, greenwood, decided, curve = Fraction(1), Fraction(0), Fraction(0), []
for t in ages:
    n = at_risk(t)
    d = [sum(exit_ == t and status == k for _, exit_, status in seen) for k in (1, 2)]
    assert 0 < sum(d) < n, "nobody left at risk"
    decided += survival * Fraction(d[0], n)
    survival *= 1 - Fraction(sum(d), n)
    greenwood += Fraction(sum(d), n * (n - sum(d)))
    spread = Z * math.sqrt(greenwood) / math.log(survival)
    low, high = float(survival) ** math.exp(-spread), float(survival) ** math.exp(spread)
    curve.append((t, n, sum(d), survival, low, high, decided))


def quantile(p):
    def crossing(line):
        place = next((i for i, step in enumerate(curve) if line(step) <= 1 - p), None)
        if place is None:
            return None
        assert abs(line(curve[place]) - (1 - p)) > 1e-9, "exactly on the level"
        return curve[place][0]
    return [float(p), crossing(lambda step: step[3]), crossing(lambda step: step[4]), crossing(lambda step: step[5])]


def restricted_mean(tau):
    edges = [(0, Fraction(1))] + [(step[0], step[3]) for step in curve if step[0] < tau]
    ends = [age for age, _ in edges[1:]] + [tau]
    areas = [share * (end - age) for (age, share), end in zip(edges, ends)]
    variance = sum(
        sum(areas[place + 1:]) ** 2 * Fraction(step[2], step[1] * (step[1] - step[2]))
        for place, step in enumerate(step for step in curve if step[0] < tau))
    return {"tau": tau, "estimate": float(sum(areas)), "se": math.sqrt(variance)}


print(json.dumps({
    "origin": "python3 tests/it/golden/delayed_entry/reference.py",
    "columns": {"loops": ["entry", "exit", "status: 0 open, 1 decided, 2 withdrew"],
                "curve": ["time", "at_risk", "events", "survival", "lower", "upper", "cif decided"],
                "quantiles": ["p", "estimate", "lower", "upper"]},
    "loops": loops,
    "counts": {"loops": len(seen), **{name: sum(loop[2] == k for loop in seen)
                                      for k, name in enumerate(("open", "decided", "withdrawn"))}},
    "curve": [[t, n, d, float(s), low, high, float(f)] for t, n, d, s, low, high, f in curve],
    "quantiles": [quantile(Fraction(p)) for p in ("1/4", "1/2", "3/4")],
    "restricted_mean": restricted_mean(max(exit_ for _, exit_, _ in seen)),
}).replace("], [", "],\n ["))
