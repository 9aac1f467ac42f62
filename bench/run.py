#!/usr/bin/env python3
"""Measures Shipworthy and its peers on generated artifacts and prints a Markdown table.

    bench/run.py [--scale 0.1] [--runs 5] [--parts junit-one,lcov] [--python VENV/bin/python] [--path DIR]

Builds the release binary, generates what is missing below --data (outside of the repository), and then lets every
program take its turn in every round: what the machine does at that moment, it does to all of them. Of each program
the fastest round counts. Every answer is checked against oracle.json in the same run; a wrong one ends it.

The peers written in Python (bench/peers.py) run in the interpreter given with --python, others are looked for on
PATH and in --path. A peer that is not installed is left out of the table. CPU seconds are user and system time of
all threads. Memory is the peak resident set; the kernel carries over that of the starting process, so that less than
the 15 MiB of this script cannot be seen.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = {
    "junit-one": "junit-one.xml", "junit-many": "junit-many", "lcov": "lcov.info", "cobertura": "cobertura.xml",
    "jacoco": "jacoco.xml", "istanbul": "coverage-final.json", "sarif-one": "sarif-one.sarif",
    "sarif-many": "sarif-many", "axe": "axe",
}
PYTHON_PEERS = ("lxml", "test-results-parser", "junitparser")
AWK_SUM = 'BEGIN {FS = "[:,]"} $1 == "DA" {n++; if ($3 > 0) hit++} END {print "{\\"lines\\": " n ", \\"lines_hit\\": " hit "}"}'


class Program:
    """One program on one part: its command, and how to get the counts out of what it prints."""

    def __init__(self, name, command, counts=None, exits=(0,)):
        self.name, self.command, self.counts, self.exits = name, [str(c) for c in command], counts, exits
        self.rounds = []

    def run(self, scratch):
        """Runs once, notes wall seconds, CPU seconds and peak memory in MiB, and answers what was printed."""
        with (scratch / "stdout").open("wb") as out, (scratch / "stderr").open("wb") as err:
            start = time.perf_counter()
            process = subprocess.Popen(self.command, stdout=out, stderr=err)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in self.exits:
            tail = (scratch / "stderr").read_text(errors="replace")[-400:]
            raise SystemExit(f"{self.name} ended with {process.returncode}: {tail}")
        self.rounds.append((wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))

    def check(self, scratch, oracle):
        """Compares every count that the program gives with the true one; answers whether it gives any."""
        if self.counts is None:
            return False
        for key, value in self.counts((scratch / "stdout").read_text()).items():
            if value != oracle[key]:
                raise SystemExit(f"{self.name} counts {value} {key}; there are {oracle[key]}")
        return True

    def best(self, column):
        return min(row[column] for row in self.rounds)


def inspected(text):
    """Shipworthy's counts, summed over the files."""
    counts = {}

    def add(key, value):
        counts[key] = counts.get(key, 0) + value

    for item in map(json.loads, text.splitlines()):
        add("files", int(item["state"] == "ok"))
        if tests := item.get("tests"):
            for key, name in (("tests", "total"), ("failures", "failed"), ("errors", "errors"), ("skipped", "skipped")):
                add(key, tests[name])
        # Istanbul reports have statements; the generator puts one on each line.
        coverage = item.get("coverage", {})
        if lines := coverage.get("statements", coverage.get("lines")):
            add("lines", lines["total"])
            add("lines_hit", lines["covered"])
        if branches := coverage.get("branches"):
            add("branches", branches["total"])
            add("branches_hit", branches["covered"])
        if findings := item.get("findings"):
            add("results", findings["read"])
            add("suppressed", findings["suppressed"])
        for page in item.get("pages", []):
            add("violations", sum(page["violations"].values()))
    return counts


def programs(part, path, args, scratch):
    """Everything that reads this part and is installed; Shipworthy comes first."""
    found = [Program("shipworthy inspect", [args.binary, "inspect", "--format", "json", path], inspected)]
    if not args.no_gate:
        gate = [args.binary, "gate", path, "--out", scratch / "report"]
        found.append(Program("shipworthy gate, all reports", gate, exits=(0, 1, 3)))

    def tool(name):
        return shutil.which(name, path=os.pathsep.join([*args.path, os.environ["PATH"]]))

    if part.startswith("junit"):
        for peer in PYTHON_PEERS:
            module = peer.replace("-", "_")
            have = subprocess.run([args.python, "-c", f"import {module}"], capture_output=True, check=False)
            if have.returncode == 0:
                found.append(Program(peer, [args.python, HERE / "peers.py", peer, path], json.loads))
    if part in ("lcov", "jacoco") and (grcov := tool("grcov")):
        out = ["-t", "covdir", "-o", scratch / "covdir.json"]
        found.append(Program("grcov", [grcov, path, "--branch", "--threads", os.cpu_count(), *out]))
    if part == "lcov" and (awk := tool("awk")):
        found.append(Program("awk that only sums", [awk, AWK_SUM, path], json.loads))
    if part == "lcov" and args.slow and (lcov := tool("lcov")):
        found.append(Program("lcov --summary", [lcov, "--summary", path]))
    if part == "sarif-one" and (sarif_fmt := tool("sarif-fmt")):
        found.append(Program("sarif-fmt", [sarif_fmt, "-m", "plain", "-c", "never", "-i", path]))
    sarif = Path(args.python).parent / "sarif"
    if part.startswith("sarif") and sarif.exists() and (args.slow or not tool("sarif-fmt") or part == "sarif-many"):
        found.append(Program("sarif-tools summary", [sarif, "summary", path]))
    found.append(Program("cat", ["sh", "-c", 'find "$1" -type f -exec cat {} + >/dev/null', "sh", path]))
    return found


def generate(args, parts):
    """Makes the parts that are missing or of another scale."""
    oracle = args.data / "oracle.json"
    known = json.loads(oracle.read_text()) if oracle.exists() else {}
    stale = [p for p in parts if known.get(p, {}).get("scale") != args.scale]
    if stale:
        for part in stale:
            shutil.rmtree(args.data / FILES[part], ignore_errors=True)
        command = [sys.executable, HERE / "generate.py", "--out", args.data, "--scale", args.scale, "--only", ",".join(stale)]
        subprocess.run([str(c) for c in command], check=True, stdout=sys.stderr)
    return json.loads(oracle.read_text())


def measure(part, args, oracle):
    """Rounds over all programs; prints the rows of the part."""
    path = args.data / FILES[part]
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        all_ = programs(part, path, args, scratch)
        checked = {p.name: False for p in all_}
        for _ in range(args.runs):
            for program in all_:
                program.run(scratch)
                checked[program.name] = program.check(scratch, oracle[part])
    ours, megabytes = all_[0].best(0), oracle[part]["bytes"] / 1e6
    for p in all_:
        wall, cpu, memory = p.best(0), p.best(1), p.best(2)
        ratio = f"{wall / ours:.1f}" if wall < 10 * ours else f"{wall / ours:.0f}"
        cells = (part, p.name, f"{wall:.3f}", f"{cpu:.3f}", f"{megabytes / cpu:,.0f}", f"{memory:,.0f}", ratio,
                 "yes" if checked[p.name] else "")
        print("| " + " | ".join(cells) + " |", flush=True)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--scale", type=float, default=0.1)
    args.add_argument("--runs", type=int, default=5)
    args.add_argument("--parts", default="junit-one,junit-many,lcov,sarif-one", help=" ".join(FILES))
    args.add_argument("--data", type=Path, help="where the artifacts are kept, outside of the repository")
    args.add_argument("--binary", type=Path, help="measure this one instead of building")
    args.add_argument("--python", default=sys.executable, help="interpreter that has the Python peers")
    args.add_argument("--path", action="append", default=[], help="further folder with peers")
    args.add_argument("--no-gate", action="store_true", help="without `shipworthy gate`: reading alone")
    args.add_argument("--slow", action="store_true", help="with the peers that take seconds at scale 0.1")
    args = args.parse_args()
    parts = args.parts.split(",")
    args.data = args.data or Path(tempfile.gettempdir()) / f"shipworthy-bench-{args.scale}"
    if not args.binary:
        subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=HERE.parent, check=True)
        args.binary = HERE.parent / "target/release/shipworthy"
    oracle = generate(args, parts)
    print(f"Scale {args.scale}, fastest of {args.runs} interleaved rounds, {os.cpu_count()} cores.\n")
    print("| input | program | wall s | CPU s | MB per CPU s | peak MiB | wall, Shipworthy = 1 | counts checked |")
    print("|---|---|---|---|---|---|---|---|")
    for part in parts:
        measure(part, args, oracle)


if __name__ == "__main__":
    main()
