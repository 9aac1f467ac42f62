#!/usr/bin/env python3
"""Writes artifacts in the shapes that real tools write, of any size, for measuring.

    bench/generate.py --out DIR [--scale 1.0] [--seed 1] [--only junit-one,lcov]

At scale 1 there are 300 MB of JUnit in one file and the same suites again in 2,000 files, 100 MB each of LCOV,
Cobertura and JaCoCo, 50 MB of Istanbul JSON, 150 MB of SARIF in one file and 500 small ones, and 500 axe results.
The same seed and scale give the same bytes. DIR/oracle.json holds the true counts of every part, so that a
measurement can be checked in the same run: a fast wrong answer is worth nothing.
"""

import argparse
import json
import random
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

WORDS = (
    "account order invoice payment customer session token cache index query filter parser report module route "
    "handler service client server stream buffer chunk policy rule scope limit retry timeout worker queue batch "
    "schema column table record field value mapper adapter factory builder provider registry resolver context "
    "request response header cookie locale currency discount shipment address profile avatar upload download "
    "archive backup restore migrate"
).split()
VERBS = (
    "returns creates rejects updates deletes merges parses renders loads saves validates encodes decodes retries "
    "cancels resolves computes rounds sorts groups splits joins"
).split()
CONDITIONS = (
    "when empty", "when missing", "with unicode \u00e9\u4e2d", "after timeout", "for admin <root>", "if a && b",
    "on retry", 'with "quotes"', "twice", "in parallel", "for null input", "past the limit",
)
EXCEPTIONS = (
    "java.lang.AssertionError", "org.opentest4j.AssertionFailedError", "java.lang.NullPointerException",
    "java.util.concurrent.TimeoutException", "java.lang.IllegalStateException", "java.net.ConnectException",
)
PACKAGES = ("com.acme.shop", "com.acme.billing", "org.example.core", "io.widgets.api", "net.corp.platform")
IMPACTS = ("minor", "moderate", "serious", "critical")


class Maker:
    """Where the parts go, and the random numbers that each of them draws from a stream of its own."""

    def __init__(self, out, scale, seed):
        self.out, self.scale, self.seed = out, scale, seed

    def rng(self, part, number=0):
        return random.Random(f"{self.seed}:{part}:{number}")

    def count(self, at_scale_one):
        return max(1, round(at_scale_one * self.scale))

    def write(self, name, content):
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return len(content)


def camel(r, words):
    return "".join(r.choice(WORDS).capitalize() for _ in range(words))


def sentence(r, words):
    return " ".join(r.choice(WORDS) for _ in range(words))


# JUnit -------------------------------------------------------------------------------------------------------------

def stack_trace(r, cls, message, exception):
    lines = [f"{exception}: {message}", f'\tat {cls}.run({cls.rsplit(".", 1)[1]}.java:{r.randint(20, 900)})']
    for _ in range(r.randint(15, 40)):
        c = camel(r, 2)
        frame = f"{r.choice(PACKAGES)}.{r.choice(WORDS)}.{c}.{r.choice(VERBS)}{camel(r, 1)}"
        lines.append(f"\tat {frame}({c}.java:{r.randint(10, 2000)})")
    lines.append("\tat java.base/jdk.internal.reflect.NativeMethodAccessorImpl.invoke0(Native Method)")
    if r.random() < 0.3:
        lines.append(f"Caused by: {r.choice(EXCEPTIONS)}: expected:<{r.randint(0, 99)}> & more")
        lines.append(f"\t... {r.randint(10, 70)} more")
    return "\n".join(lines)


def log_lines(r):
    """Log lines to draw from. Some hold markup, as real logs do: nobody may trust `</testsuite>` in CDATA."""
    pool = []
    for i in range(4000):
        time = f"2024-06-01 12:{r.randint(0, 59):02}:{r.randint(0, 59):02}.{r.randint(0, 999):03}"
        level = r.choice(("INFO ", "DEBUG", "WARN ", "TRACE"))
        kind = r.random()
        if kind < 0.02:
            text = f'payload=<order id="{i}"><item sku="A{i}"/></order>'
        elif kind < 0.025:
            text = f'wrote <testcase name="inner{i}"/> </testsuite> <testsuite name="x">'
        elif kind < 0.1:
            text = f"sql: SELECT * FROM {r.choice(WORDS)} WHERE id < {i} AND state <> 'x' && 1=1"
        else:
            text = sentence(r, r.randint(4, 18))
        source = f"{r.choice(PACKAGES)}.{camel(r, 2)}"
        pool.append(f"{time} {level} [{r.choice(WORDS)}-{r.randint(1, 32)}] {source} - {text}")
    return pool


def surefire_properties():
    jars = ":".join(f"/home/ci/.m2/repository/org/lib{i}/1.{i}.0/lib{i}-1.{i}.0.jar" for i in range(80))
    pairs = [("java.runtime.name", "OpenJDK Runtime Environment"), ("java.class.path", jars)]
    pairs += [(f"fork.property.{i}", f"value of property {i} for the surefire fork") for i in range(48)]
    rows = "".join(f"    <property name={quoteattr(k)} value={quoteattr(v)}/>\n" for k, v in pairs)
    return f"  <properties>\n{rows}  </properties>\n"


class JunitSuite:
    """One suite in the dialect of Surefire (60 %), pytest (25 %) or jest-junit (15 %)."""

    PROPERTIES = surefire_properties()

    def __init__(self, r, number, logs):
        self.r, self.number, self.logs = r, number, logs
        self.dialect = r.choices(("surefire", "pytest", "jest"), (60, 25, 15))[0]
        self.cls = f"{r.choice(PACKAGES)}.{r.choice(WORDS)}.{camel(r, 2)}{number}Test"
        self.counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
        self.seconds = 0.0
        self.cases = [self.case(i) for i in range(max(1, int(r.gauss(250, 60))))]

    def case(self, i):
        r, dialect = self.r, self.dialect
        self.counts["tests"] += 1
        time = r.expovariate(8)
        self.seconds += time
        if dialect == "surefire":
            name = f"{r.choice(VERBS)}{camel(r, 2)}"
            if r.random() < 0.2:
                name += f"(String, int)[{i}] {r.choice(CONDITIONS)}"
            start = f'  <testcase name={quoteattr(name)} classname="{self.cls}" time="{time:.3f}"'
        elif dialect == "pytest":
            name = f"test_{r.choice(VERBS)}_{r.choice(WORDS)}[{r.choice(CONDITIONS)}-{i}]"
            cls = f"tests.{r.choice(WORDS)}.test_{self.number}"
            start = f'<testcase classname="{cls}" name={quoteattr(name)} time="{time:.3f}"'
        else:
            name = quoteattr(f"{camel(r, 2)} {r.choice(VERBS)} {r.choice(WORDS)} {r.choice(CONDITIONS)} #{i}")
            file = f"src/{r.choice(WORDS)}/{self.number}.test.ts"
            start = f'    <testcase classname={name} name={name} time="{time:.3f}" file="{file}"'
        inner = self.outcome()
        end = "  </testcase>\n" if dialect == "surefire" else "</testcase>\n"
        if inner:
            return start + (">\n" if dialect == "surefire" else ">") + inner + end
        return start + (">\n    </testcase>\n" if dialect == "jest" else "/>\n")

    def outcome(self):
        r, dialect, draw = self.r, self.dialect, self.r.random()
        bad, inner = draw < 0.013, ""
        if bad:
            tag = "failure" if draw < 0.010 else "error"
            self.counts[tag + "s"] += 1
            exception = r.choice(EXCEPTIONS)
            message = f'expected: <{r.randint(0, 999)}> but was: <{r.randint(0, 999)}> for "{r.choice(WORDS)}" & more'
            trace = stack_trace(r, self.cls, message, exception)
            if dialect == "surefire":
                type_ = f'message={quoteattr(message)} type="{exception}"'
                inner = f"    <{tag} {type_}><![CDATA[{trace}]]></{tag}>\n"
            else:
                inner = f"<{tag} message={quoteattr(message)}>{escape(trace)}</{tag}>"
        elif draw < 0.033:
            self.counts["skipped"] += 1
            inner = '    <skipped message="disabled on CI"/>\n' if dialect == "surefire" else "<skipped/>"
        if dialect != "jest" and (bad or r.random() < 0.24):
            log = "\n".join(r.choices(self.logs, k=r.randint(2, 23))) + "\n"
            if dialect == "surefire":
                inner += f"    <system-out><![CDATA[{log}]]></system-out>\n"
            else:
                inner += f"<system-out>{escape(log)}</system-out>"
        return inner

    def xml(self):
        c, body = self.counts, "".join(self.cases)
        counts = f'tests="{c["tests"]}" errors="{c["errors"]}" skipped="{c["skipped"]}" failures="{c["failures"]}"'
        name = "pytest" if self.dialect == "pytest" else self.cls
        if self.dialect == "surefire":
            body = self.PROPERTIES + body
        return f'<testsuite name="{name}" time="{self.seconds:.3f}" {counts}>\n{body}</testsuite>\n'


def junit(make, parts):
    """The same suites in one file and in many."""
    suites, total, size = make.count(2000), {}, 0
    logs = log_lines(make.rng("logs"))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    one = (make.out / "junit-one.xml").open("wb") if "junit-one" in parts else None
    if one:
        one.write(f"{head}<testsuites>\n".encode())
    for i in range(suites):
        suite = JunitSuite(make.rng("junit", i), i, logs)
        xml = suite.xml()
        if one:
            one.write(xml.encode())
        if "junit-many" in parts:
            root = xml if suite.dialect == "surefire" else f"<testsuites>\n{xml}</testsuites>\n"
            name = f"junit-many/module-{i % 40:02}/target/surefire-reports/TEST-{i:05}.xml"
            size += make.write(name, (head + root).encode())
        for key, value in suite.counts.items():
            total[key] = total.get(key, 0) + value
    if one:
        one.write(b"</testsuites>\n")
        yield "junit-one", {"files": 1, "bytes": one.tell(), **total}
        one.close()
    if "junit-many" in parts:
        yield "junit-many", {"files": suites, "bytes": size, **total}


# Coverage ----------------------------------------------------------------------------------------------------------

def source_file(r, number):
    """Path, lines as (number, hits, arms taken of two, or None) and functions as (name, first, end)."""
    path = f"src/main/java/com/acme/{r.choice(WORDS)}/{r.choice(WORDS)}/{camel(r, 2)}{number}.java"
    covered, lines, at = r.random() < 0.8, [], r.randint(5, 30)
    for _ in range(max(5, int(r.gauss(185, 60)))):
        at += r.choices((1, 2, 3, 7), (70, 15, 10, 5))[0]
        hits = 0
        if covered and r.random() < 0.82:
            hits = r.choices((1, r.randint(2, 99), r.randint(100, 2_000_000)), (50, 40, 10))[0]
        lines.append((at, hits, (r.randint(0, 2) if hits else 0) if r.random() < 0.11 else None))
    functions = []
    for start in range(0, len(lines), 13):
        functions.append((f"{r.choice(VERBS)}{camel(r, 2)}", start, min(len(lines), start + 13)))
    return path, lines, functions


def lcov_record(_number, path, lines, functions):
    symbol = "_ZN4acme4shop{}ERKNSt7__cxx1112basic_stringE"
    rows = ["TN:", f"SF:/home/ci/shop/{path}"]
    rows += [f"FN:{lines[start][0]},{symbol.format(name)}{start}" for name, start, _ in functions]
    rows += [f"FNDA:{lines[start][1]},{symbol.format(name)}{start}" for name, start, _ in functions]
    rows += [f"FNF:{len(functions)}", f"FNH:{sum(lines[start][1] > 0 for _, start, _ in functions)}"]
    arms = [(at, hits, taken) for at, hits, taken in lines if taken is not None]
    for at, hits, taken in arms:
        rows += [f'BRDA:{at},0,{arm},{int(arm < taken) if hits else "-"}' for arm in range(2)]
    rows += [f"BRF:{2 * len(arms)}", f"BRH:{sum(taken for _, _, taken in arms)}"]
    rows += [f"DA:{at},{hits}" for at, hits, _ in lines]
    rows += [f"LF:{len(lines)}", f"LH:{sum(hits > 0 for _, hits, _ in lines)}", "end_of_record\n"]
    return "\n".join(rows).encode()


def cobertura_package(number, path, lines, functions):
    cls = path[14:-5].replace("/", ".")
    rate = sum(hits > 0 for _, hits, _ in lines) / len(lines)

    def row(line):
        at, hits, taken = line
        if taken is None:
            return f'            <line number="{at}" hits="{hits}" branch="false"/>\n'
        share = f"{taken * 50}% ({taken}/2)"
        return f'            <line number="{at}" hits="{hits}" branch="true" condition-coverage="{share}"/>\n'

    out = [f'    <package name="{cls}.p{number}" line-rate="{rate:.4f}" branch-rate="0.5" complexity="0">\n']
    out.append(f'      <classes>\n        <class name="{cls}" filename="{path}" line-rate="{rate:.4f}">\n')
    out.append("          <methods>\n")
    for name, start, _ in functions:
        out.append(f'          <method name="{name}" signature="(Ljava/lang/String;)V{start}" line-rate="1.0"><lines>\n')
        out.append(row(lines[start]) + "          </lines></method>\n")
    out.append("          </methods>\n          <lines>\n")
    out += map(row, lines)
    out.append("          </lines>\n        </class>\n      </classes>\n    </package>\n")
    return "".join(out).encode()


def jacoco_package(number, path, lines, functions):
    package, base = path[14:-5].rsplit("/", 1)
    package = f"{package}/p{number}"

    def counter(kind, covered, total):
        return f'<counter type="{kind}" missed="{total - covered}" covered="{covered}"/>'

    out = [f'<package name="{package}"><class name="{package}/{base}" sourcefilename="{base}.java">']
    for name, start, end in functions:
        part = lines[start:end]
        hit = sum(hits > 0 for _, hits, _ in part)
        out.append(f'<method name="{name}" desc="(Ljava/lang/String;I)V{start}" line="{lines[start][0]}">')
        out.append(counter("LINE", hit, len(part)) + counter("METHOD", int(hit > 0), 1) + "</method>")
    arms = [taken for _, _, taken in lines if taken is not None]
    total = counter("BRANCH", sum(arms), 2 * len(arms))
    total += counter("LINE", sum(hits > 0 for _, hits, _ in lines), len(lines))
    out.append(f'{total}</class><sourcefile name="{base}.java">')
    for at, hits, taken in lines:
        instructions = 'mi="0" ci="4"' if hits else 'mi="4" ci="0"'
        branches = 'mb="0" cb="0"' if taken is None else f'mb="{2 - taken}" cb="{taken}"'
        out.append(f'<line nr="{at}" {instructions} {branches}/>')
    out.append(f"{total}</sourcefile>{total}</package>")
    return "".join(out).encode()


def istanbul_entry(number, path, lines, functions):
    path = "/home/ci/shop/" + path.replace(".java", ".ts")

    def span(line, column, end):
        return {"start": {"line": line, "column": column}, "end": {"line": line, "column": end}}

    branches = [(at, taken) for at, _, taken in lines if taken is not None]
    entry = {
        "path": path,
        "statementMap": {k: span(at, 4, 20 + at % 60) for k, (at, _, _) in enumerate(lines)},
        "fnMap": {
            k: {"name": name, "decl": span(lines[s][0], 9, 30), "loc": span(lines[s][0], 40, 99), "line": lines[s][0]}
            for k, (name, s, _) in enumerate(functions)
        },
        "branchMap": {
            k: {"loc": span(at, 4, 40), "type": "if", "locations": [span(at, 4, 40), span(at, 41, 60)], "line": at}
            for k, (at, _) in enumerate(branches)
        },
        "s": {k: hits for k, (_, hits, _) in enumerate(lines)},
        "f": {k: lines[s][1] for k, (_, s, _) in enumerate(functions)},
        "b": {k: [int(arm < taken) for arm in range(2)] for k, (_, taken) in enumerate(branches)},
    }
    comma = "," if number else ""
    return f"{comma}{json.dumps(path)}: {json.dumps(entry, separators=(',', ':'))}\n".encode()


COVERAGE = {
    "lcov": ("lcov.info", 100, lcov_record, "", ""),
    "cobertura": (
        "cobertura.xml", 100, cobertura_package,
        '<?xml version="1.0"?>\n<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">\n'
        '<coverage line-rate="0.65" branch-rate="0.5" version="7.5" timestamp="1717200000" complexity="0">\n'
        "  <sources>\n    <source>/home/ci/shop</source>\n  </sources>\n  <packages>\n",
        "  </packages>\n</coverage>\n",
    ),
    "jacoco": (
        "jacoco.xml", 100, jacoco_package,
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN"'
        ' "report.dtd"><report name="shop"><sessioninfo id="ci-1" start="1717200000000" dump="1717200100000"/>',
        "</report>",
    ),
    "istanbul": ("coverage-final.json", 50, istanbul_entry, "{", "}\n"),
}


def coverage(make, part):
    name, megabytes, entry, head, tail = COVERAGE[part]
    true = {"files": 1, "sources": 0, "lines": 0, "lines_hit": 0, "branches": 0, "branches_hit": 0}
    with (make.out / name).open("wb") as out:
        out.write(head.encode())
        while out.tell() < megabytes * 1_000_000 * make.scale:
            path, lines, functions = source_file(make.rng("coverage", true["sources"]), true["sources"])
            out.write(entry(true["sources"], path, lines, functions))
            arms = [taken for _, _, taken in lines if taken is not None]
            true["sources"] += 1
            true["lines"] += len(lines)
            true["lines_hit"] += sum(hits > 0 for _, hits, _ in lines)
            true["branches"] += 2 * len(arms)
            true["branches_hit"] += sum(arms)
        out.write(tail.encode())
        yield part, {"bytes": out.tell(), **true}


# SARIF -------------------------------------------------------------------------------------------------------------

def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def sarif_rule(r, number, help_words):
    text = sentence(r, help_words)
    name = f"java/{r.choice(WORDS)}-{r.choice(WORDS)}-{number}"
    return {
        "id": name,
        "shortDescription": {"text": f"{camel(r, 2)} in {r.choice(WORDS)}"},
        "fullDescription": {"text": sentence(r, 25)},
        "defaultConfiguration": {"enabled": True, "level": r.choice(("error", "warning", "note"))},
        "help": {"text": f"# {name}\n{text}", "markdown": f'# {name}\n```java\nfoo("a\\b");\n```\n{text}'},
        "properties": {
            "tags": ["security", f"external/cwe/cwe-{r.randint(10, 999):03}"], "kind": "path-problem",
            "precision": "high", "security-severity": f"{r.uniform(1, 10):.1f}",
        },
    }


def sarif_location(r, paths):
    index, line = r.randrange(len(paths)), r.randint(1, 2000)
    region = {"startLine": line, "startColumn": r.randint(1, 60), "endColumn": r.randint(61, 120)}
    artifact = {"uri": paths[index], "uriBaseId": "%SRCROOT%", "index": index}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def sarif_result(r, rules, paths, with_flows):
    index = r.randrange(len(rules))
    text = f'This {sentence(r, r.randint(8, 40))} depends on a [user-provided "value"](1) \u2192 {camel(r, 2)}.'
    prints = {"primaryLocationLineHash": f"{r.getrandbits(64):016x}:1", "primaryLocationStartColumnFingerprint": "4"}
    result = {
        "ruleId": rules[index], "ruleIndex": index, "rule": {"id": rules[index], "index": index},
        "message": {"text": text}, "locations": [sarif_location(r, paths)], "partialFingerprints": prints,
    }
    if r.random() < 0.06:
        result["suppressions"] = [{"kind": "inSource"}]
    if with_flows:
        def step():
            return {"location": {**sarif_location(r, paths), "message": {"text": f"{r.choice(VERBS)}(...)"}}}
        flows = [[step() for _ in range(r.randint(3, 18))] for _ in range(r.randint(1, 4))]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]} for steps in flows]
        result["relatedLocations"] = [{**sarif_location(r, paths), "id": 1}]
    return result


def sarif_tool(r, name, rules, files, help_words):
    rules = [sarif_rule(r, k, help_words) for k in range(rules)]
    paths = [f"src/main/java/com/acme/{r.choice(WORDS)}/{camel(r, 2)}{k}.java" for k in range(files)]
    return [rule["id"] for rule in rules], paths, {"driver": {"name": name, "semanticVersion": "2.17.3", "rules": rules}}


def sarif_one(make):
    r, results, suppressed = make.rng("sarif"), 0, 0
    rules, paths, tool = sarif_tool(r, "CodeQL", make.count(320), make.count(6000), 420)
    artifacts = [{"location": {"uri": p, "uriBaseId": "%SRCROOT%", "index": k}} for k, p in enumerate(paths)]
    with (make.out / "sarif-one.sarif").open("wb") as out:
        out.write(b'{"version":"2.1.0","runs":[{"tool":' + compact(tool) + b',"artifacts":' + compact(artifacts))
        out.write(b',"results":[')
        while out.tell() < 150_000_000 * make.scale:
            result = sarif_result(r, rules, paths, r.random() < 0.8)
            out.write((b"," if results else b"") + compact(result))
            results += 1
            suppressed += "suppressions" in result
        out.write(b'],"columnKind":"utf16CodeUnits"}]}')
        yield "sarif-one", {"files": 1, "bytes": out.tell(), "results": results, "suppressed": suppressed}


def sarif_many(make):
    true = {"files": make.count(500), "bytes": 0, "results": 0, "suppressed": 0}
    for i in range(true["files"]):
        r = make.rng("sarif-many", i)
        name = r.choice(("Trivy", "ESLint", "Semgrep OSS", "checkov", "gosec", "PMD"))
        rules, paths, tool = sarif_tool(r, name, r.randint(5, 25), r.randint(3, 40), 42)
        results = [sarif_result(r, rules, paths, False) for _ in range(r.choice((0, 0, 5, 12, 20, 30, 60, 150)))]
        log = {"version": "2.1.0", "runs": [{"tool": tool, "results": results}]}
        text = json.dumps(log, indent=r.choice((2, None, 4)))
        true["bytes"] += make.write(f"sarif-many/scan-{i:04}.sarif", text.encode())
        true["results"] += len(results)
        true["suppressed"] += sum("suppressions" in result for result in results)
    yield "sarif-many", true


# axe ---------------------------------------------------------------------------------------------------------------

def axe_rule(r, number, failing, nodes):
    def node():
        html = f'<a class="{r.choice(WORDS)}" href="/{r.choice(WORDS)}?id={r.randint(1, 9999)}">{camel(r, 2)}</a>'
        check = {
            "id": r.choice(WORDS), "impact": r.choice(IMPACTS), "message": sentence(r, 15),
            "data": {"fgColor": "#777777", "contrastRatio": 4.47}, "relatedNodes": [{"html": html, "target": ["a"]}],
        }
        target = [f"#main > div:nth-child({r.randint(1, 99)}) > .{r.choice(WORDS)} > a"]
        return {"any": [check], "all": [], "none": [], "impact": check["impact"], "html": html, "target": target}

    return {
        "id": f"{r.choice(WORDS)}-{r.choice(WORDS)}-{number}", "impact": r.choice(IMPACTS) if failing else None,
        "tags": ["cat.color", "wcag2aa"], "description": sentence(r, 14), "help": sentence(r, 8),
        "nodes": [node() for _ in range(nodes)],
    }


def axe(make):
    true = {"files": make.count(500), "bytes": 0, "violations": 0}
    for i in range(true["files"]):
        r = make.rng("axe", i)
        violations = [axe_rule(r, k, True, r.randint(1, 9)) for k in range(r.choice((0, 0, 1, 2, 4, 9)))]
        page = {
            "testEngine": {"name": "axe-core", "version": "4.9.1"}, "testRunner": {"name": "axe"},
            "timestamp": "2024-06-01T12:00:00.000Z", "url": f"https://shop.example.org/{r.choice(WORDS)}/{i}",
            "inapplicable": [axe_rule(r, k, False, 0) for k in range(45)],
            "passes": [axe_rule(r, k, False, r.randint(1, 9)) for k in range(r.randint(20, 45))],
            "incomplete": [axe_rule(r, k, True, 2) for k in range(r.randint(0, 3))],
            "violations": violations,
        }
        text = json.dumps(page, indent=r.choice((2, None)))
        true["bytes"] += make.write(f"axe/page-{i:04}.json", text.encode())
        true["violations"] += len(violations)
    yield "axe", true


PARTS = ("junit-one", "junit-many", *COVERAGE, "sarif-one", "sarif-many", "axe")


def generate(make, parts):
    """Makes the parts and yields each with its true counts."""
    if not parts.isdisjoint({"junit-one", "junit-many"}):
        yield from junit(make, parts)
    for part in COVERAGE:
        if part in parts:
            yield from coverage(make, part)
    for part, writer in (("sarif-one", sarif_one), ("sarif-many", sarif_many), ("axe", axe)):
        if part in parts:
            yield from writer(make)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--out", required=True, type=Path)
    args.add_argument("--scale", type=float, default=1.0)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas: " + " ".join(PARTS))
    args = args.parse_args()
    parts = set(args.only.split(","))
    if unknown := parts.difference(PARTS):
        raise SystemExit(f"no such part: {', '.join(sorted(unknown))}")
    args.out.mkdir(parents=True, exist_ok=True)
    oracle = args.out / "oracle.json"
    known = json.loads(oracle.read_text()) if oracle.exists() else {}
    for part, true in generate(Maker(args.out, args.scale, args.seed), parts):
        known[part] = {"scale": args.scale, "seed": args.seed, **true}
        oracle.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
        print(part, json.dumps(true), flush=True)


if __name__ == "__main__":
    main()
