#!/usr/bin/env python3
"""Runs one of the Python peers on files and prints what it counted as JSON.

    bench/peers.py lxml|junitparser|test-results-parser PATH...

Each reads as little as it can and makes no report, so that the comparison is in the peer's favour. The start of the
interpreter is part of the time, as it is for everybody who calls it.
"""

import json
import sys
from pathlib import Path


def lxml(files):
    """`iterparse` alone, with the memory given back: the least that a Python script can do."""
    from lxml import etree

    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for file in files:
        for _, case in etree.iterparse(file, tag="testcase", huge_tree=True):
            counts["tests"] += 1
            for child in case:
                if child.tag in ("failure", "error"):
                    counts[child.tag + "s"] += 1
                elif child.tag == "skipped":
                    counts["skipped"] += 1
            case.clear()
            while case.getprevious() is not None:
                del case.getparent()[0]
    return counts


def junitparser(files):
    from junitparser import JUnitXml

    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for file in files:
        xml = JUnitXml.fromfile(file)
        for key in counts:
            counts[key] += getattr(xml, key)
    return counts


def test_results_parser(files):
    """Without skips: version 0.6.1 counts a case with `<skipped/>` as passed (with `<skipped></skipped>` it does not)."""
    from test_results_parser import parse_junit_xml

    counts = dict.fromkeys(("tests", "failures", "errors"), 0)
    names = {"failure": "failures", "error": "errors"}
    for file in files:
        for run in parse_junit_xml(Path(file).read_bytes()).testruns:
            counts["tests"] += 1
            if name := names.get(str(run.outcome)):
                counts[name] += 1
    return counts


PEERS = {"lxml": lxml, "junitparser": junitparser, "test-results-parser": test_results_parser}

if __name__ == "__main__":
    name, *paths = sys.argv[1:]
    listed = [f for p in map(Path, paths) for f in (sorted(p.rglob("*.xml")) if p.is_dir() else [p])]
    print(json.dumps(PEERS[name]([str(f) for f in listed])))
