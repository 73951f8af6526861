#!/usr/bin/env python3
"""Figures of stays, selection and explained variance by other implementations.

    python3 tests/it/golden/validity/reference.py > tests/it/golden/validity/reference.json

Needs numpy 2.4, scipy 1.17 and lifelines 0.30. Cox without penalty, the test of proportional hazards and the
concordance come from lifelines; the penalised likelihood is written out and maximised by scipy.
"""

import itertools
import json
import math

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.statistics import proportional_hazard_test
from lifelines.utils import concordance_index
from scipy import optimize, stats

dice = np.random.default_rng(20261121)


def stays(n, exits_by, tied):
    score = np.round(dice.normal(2.7, 0.5, n) * 4) / 4
    days = dice.exponential(900 * np.exp(0.6 * (score - 2.7)), n)
    left = days < exits_by
    days = np.minimum(days, exits_by)
    if tied:
        days = np.ceil(days / 30) * 30
    else:
        days = np.argsort(np.argsort(days + np.arange(n) * 1e-6)) + 1
    return days.astype(int), left, score


def parts(b, days, left, score):
    """Log-likelihood with Efron's ties, and the information."""
    value, information = 0.0, 0.0
    for day in np.unique(days[left]):
        risk, gone = days >= day, (days == day) & left
        d = gone.sum()
        value += b * score[gone].sum()
        for r in range(d):
            weight = np.exp(b * score) * (risk - r / d * gone)
            mean = (weight * score).sum() / weight.sum()
            value -= math.log(weight.sum())
            information += (weight * score**2).sum() / weight.sum() - mean**2
    return value, information


def penalised(b, *data):
    value, information = parts(b, *data)
    return value + 0.5 * math.log(information)


def cox_firth(*data):
    best = optimize.minimize_scalar(lambda b: -penalised(b, *data), bounds=(-30, 30), method="bounded",
                                    options={"xatol": 1e-12})
    top = -best.fun
    drop = lambda b: penalised(b, *data) - top + stats.chi2.ppf(0.95, 1) / 2
    edge = lambda sign: optimize.brentq(drop, best.x, best.x + sign * 40, xtol=1e-12)
    return {"log_ratio": best.x, "std_error": parts(best.x, *data)[1] ** -0.5, "interval": [edge(-1), edge(1)],
            "p": float(stats.chi2.sf(2 * (top - penalised(0.0, *data)), 1))}


def cox(n, exits_by, tied):
    days, left, score = stays(n, exits_by, tied)
    frame = pd.DataFrame({"days": days, "left": left, "score": score})
    out = {"days": days.tolist(), "left": left.tolist(), "score": score.tolist(), "penalised": cox_firth(days, left, score),
           "concordance": float(concordance_index(days, score, left))}
    fit = CoxPHFitter().fit(frame, "days", "left", fit_options={"precision": 1e-12})
    out["plain"] = {"log_ratio": float(fit.params_["score"]), "std_error": float(fit.standard_errors_["score"]),
                    "log_likelihood_ratio_p": float(fit.log_likelihood_ratio_test().p_value)}
    if not tied:
        test = proportional_hazard_test(fit, frame, time_transform="rank")
        out["proportional_p"] = float(np.ravel(test.p_value)[0])
    return out


def lawley():
    n, keep = 400, 120
    x = dice.multivariate_normal([0, 0, 0], [[1, 0.5, 0.3], [0.5, 1, 0.4], [0.3, 0.4, 1]], n)
    y = x @ [0.2, 0.1, 0.3] + dice.normal(0, 1, n)
    top = np.argsort(-x.sum(axis=1))[:keep]
    everybody = np.cov(x.T)
    seen = np.cov(np.c_[x[top], y[top]].T)
    a, c = seen[:3, :3], seen[:3, 3]
    b = np.linalg.inv(a) @ c
    variance = seen[3, 3] + b @ (everybody - a) @ b
    corrected = everybody @ b / np.sqrt(np.diag(everybody) * variance)
    return {"scores": x[top].tolist(), "outcome": y[top].tolist(), "everybody": everybody.tolist(),
            "observed": (c / np.sqrt(np.diag(a) * seen[3, 3])).tolist(), "corrected": corrected.tolist(),
            "u": np.sqrt(np.diag(everybody) / np.diag(a)).tolist()}


def r_squared_interval(r2, n, k):
    d1, d2 = k, n - k - 1
    f = r2 / d1 / ((1 - r2) / d2)

    def limit(level):
        if stats.f.cdf(f, d1, d2) <= level:
            return 0.0
        nc = optimize.brentq(lambda nc: stats.ncf.cdf(f, d1, d2, nc) - level, 1e-9, 1e4, xtol=1e-10)
        return nc / (nc + n)

    return [limit(0.975), limit(0.025)]


def exact():
    scores, outcomes = [1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 2, 3], [0, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 0]
    ranks = stats.rankdata(scores)
    with_ = sum(outcomes)
    middle = with_ * (len(scores) + 1) / 2
    seen = abs(sum(r for r, o in zip(ranks, outcomes) if o) - middle)
    sums = [abs(sum(ranks[i] for i in chosen) - middle) for chosen in itertools.combinations(range(len(scores)), with_)]
    return {"scores": scores, "outcomes": outcomes, "p": sum(s >= seen - 1e-9 for s in sums) / len(sums),
            "spearman": float(stats.spearmanr(scores, outcomes).statistic)}


print(json.dumps({
    "made_by": "reference.py: numpy, scipy and lifelines",
    "many": cox(80, 700, False), "tied": cox(90, 700, True), "few": cox(45, 150, True),
    "lawley": lawley(), "exact": exact(),
    "r_squared": [{"r_squared": r, "n": n, "scores": k, "interval": r_squared_interval(r, n, k)}
                  for r, n, k in [(0.34, 80, 3), (0.08, 60, 4), (0.22, 55, 6), (0.9, 30, 2)]],
}))
