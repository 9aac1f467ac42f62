"""What the action promises, held against a real runner engine."""

import concurrent.futures
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
import unittest
import urllib.parse

from runner import BINARY, ROOT, Repository

SAVE = """
      - if: ${{ always() }}
        env: { OUT: "${{ toJSON(steps.gate.outputs) }}" }
        run: printf '%s' "$OUT" >"$RESULTS/gate.json"
"""


def gate(options="", needs="", condition="!cancelled()"):
    """A job that runs the gate and hands its answer on."""
    return f"""
  gate:
    {needs and f"needs: {needs}"}
    if: ${{{{ {condition} }}}}
    runs-on: ubuntu-latest
    outputs:
      decision: ${{{{ steps.gate.outputs.decision }}}}
      exit-code: ${{{{ steps.gate.outputs.exit-code }}}}
    steps:
      - uses: actions/checkout@v7
      - id: gate
        uses: OWNER/shipworthy@v1
        with:
          binary: ${{{{ vars.BINARY }}}}
{options}{SAVE}"""


DEPLOY = """
  deploy:
    needs: gate
    if: ${{ !cancelled() && needs.gate.result == 'success' && needs.gate.outputs.decision == 'deploy' }}
    runs-on: ubuntu-latest
    steps:
      - run: echo shipped
"""


def options(**values):
    return "".join(f"          {k.replace('_', '-')}: {json.dumps(v)}\n" for k, v in values.items())


def long(test):
    """Marks a test that takes minutes, so that it starts first."""
    test.long = True
    return test


class Case(unittest.TestCase):
    def setUp(self):
        self.repository = Repository()
        self.addCleanup(self.repository.close)

    def gate(self, with_="", case=None, on="push", deploy=True, before="", **run):
        if case:
            self.repository.demo(case)
        needs = "[tests]" if before else ""
        self.repository.workflow(f"on: {on}\njobs:{before}{gate(with_, needs)}{DEPLOY if deploy else ''}")
        return self.repository.run(**run)

    def check(self, run, gate, deploy, **outputs):
        self.assertEqual((run.job("gate"), run.job("deploy")), (gate, deploy), run)
        saved = run.saved("gate")
        for name, value in outputs.items():
            self.assertEqual(saved[name.replace("_", "-")], value, f"{name}: {run}")
        return saved


class Gate(Case):
    def test_green_deploys(self):
        run = self.gate(case="green")
        saved = self.check(run, "success", "success", decision="deploy", verdict="deploy", score="100", exit_code="0",
                           blocking_count="0", failed_count="0", overridden="false", installed_from="binary")
        self.assertEqual(len(saved["report-digest"]), 64)
        self.assertEqual(json.loads(saved["categories"])["unit_tests"]["state"], "pass")
        self.assertEqual(len(run.summaries), 1)
        self.assertIn("Deploy — 100 / 100", run.summaries[0])
        self.assertEqual(run.annotations(), [])

    def test_red_does_not_deploy_and_says_why(self):
        run = self.gate(case="red")
        saved = self.check(run, "failure", "skipped", decision="remediate", verdict="remediate", exit_code="1")
        self.assertGreater(int(saved["blocking-count"]), 0)
        self.assertIn("Remediate", run.summaries[0])
        for level in ("error", "warning"):
            self.assertLessEqual(len(run.commands(level)), 10)
        self.assertGreater(len(run.commands("error")), 0)
        self.assertTrue(all(e["kvPairs"]["title"] for e in run.commands("error")))

    def test_fail_on_steers_the_step_and_never_the_decision(self):
        for fail_on, case, policy, job, code in [
            ("error", "red", "", "success", "1"),
            ("error", "green", "no-such.yml", "failure", "2"),
            ("never", "green", "no-such.yml", "success", "2"),
            ("never", "red", "", "success", "1"),
            ("sometimes", "green", "", "failure", "2"),
        ]:
            with self.subTest(fail_on=fail_on, case=case, policy=policy):
                self.setUp()
                run = self.gate(options(fail_on=fail_on, policy=policy), case=case)
                self.check(run, job, "skipped", decision="remediate", exit_code=code)

    def test_missing_evidence_is_inconclusive(self):
        (self.repository.repo / "artifacts").mkdir()
        run = self.gate()
        self.check(run, "failure", "skipped", decision="remediate", verdict="inconclusive", exit_code="3")

    def test_one_missing_report_is_inconclusive_once_it_is_pinned(self):
        self.repository.demo("green")
        shutil.rmtree(self.repository.repo / "artifacts/e2e")
        run = self.gate(options(policy="preset:seven-stage"))
        self.check(run, "failure", "skipped", decision="remediate", verdict="inconclusive", exit_code="3")
        run = self.gate(options(policy="preset:seven-stage", fail_on="error"))
        self.check(run, "success", "skipped", decision="remediate", verdict="inconclusive", exit_code="3")

    def test_a_job_that_crashed_and_left_nothing_is_no_silent_pass(self):
        crashed = """
  tests:
    runs-on: ubuntu-latest
    steps: [{ run: exit 1 }]
"""
        run = self.gate(options(jobs_result="${{ toJSON(needs) }}"), case="green", before=crashed)
        self.assertEqual(run.job("tests"), "failure")
        self.check(run, "failure", "skipped", decision="remediate", verdict="inconclusive", exit_code="3")
        self.assertIn("left no evidence", run.summaries[0])

    def test_a_red_shard_reaches_the_gate(self):
        shards = """
  tests:
    strategy: { fail-fast: false, matrix: { shard: [1, 2] } }
    runs-on: ubuntu-latest
    steps:
      - env: { SHARD: "${{ matrix.shard }}" }
        run: |
          mkdir -p results
          failure=''; count=0
          if [ "$SHARD" = 2 ]; then failure='<failure message="no"/>'; count=1; fi
          printf '<testsuite name="s" tests="1" failures="%s"><testcase classname="c" name="shard %s">%s</testcase></testsuite>' "$count" "$SHARD" "$failure" >results/junit.xml
          [ "$SHARD" = 1 ]
      - if: ${{ !cancelled() }}
        uses: actions/upload-artifact@v7
        with: { name: "tests-${{ matrix.shard }}", path: results }
"""
        download = """
      - uses: actions/download-artifact@v8
        with: { pattern: tests-*, path: artifacts }
"""
        job = gate(options(jobs_result="${{ toJSON(needs) }}"), "[tests]").replace("      - id: gate", download.lstrip("\n") + "      - id: gate")
        self.repository.workflow(f"on: push\njobs:{shards}{job}{DEPLOY}")
        run = self.repository.run()
        self.assertEqual(run.job("tests"), "failure", run)
        # Both shards wrote a file of the same name, and both count.
        self.check(run, "failure", "skipped", decision="remediate", verdict="remediate", exit_code="1", failed_count="1")
        self.assertIn("shard 2", run.text)

    def test_several_artifacts_one_a_line(self):
        self.repository.demo("green")
        run = self.gate(options(artifacts="\n  artifacts/unit-*/**  \n\nartifacts/lint\r\n"))
        self.check(run, "success", "success", decision="deploy")
        run = self.gate(options(artifacts=" \n"))
        self.check(run, "failure", "skipped", decision="remediate", exit_code="2")

    def test_a_value_is_never_an_option(self):
        run = self.gate(options(artifacts="--advisory", policy="--help", output="--out"), case="red")
        saved = self.check(run, "failure", "skipped", decision="remediate")
        self.assertIn(saved["exit-code"], ("2", "3"))

    def test_output_and_summary_and_annotations_are_the_users(self):
        run = self.gate(options(output="out/gate", summary="false", annotations="1", formats="md,html"), case="red")
        saved = self.check(run, "failure", "skipped", report_dir="out/gate", report_md="out/gate/report.md")
        self.assertEqual(run.summaries, [])
        self.assertLessEqual(len(run.commands("warning")), 1)
        self.assertEqual(saved["report-json"], "out/gate/report.json")

    def silent(self):
        """A program that ends well and does nothing."""
        program = self.repository.folder / "silent"
        program.write_text('#!/bin/sh\nif [ "$1" = --version ]; then echo shipworthy 0.1.0; fi\n')
        program.chmod(0o755)
        return {"BINARY": program}

    def test_an_earlier_report_is_no_report_of_this_run(self):
        self.repository.file("shipworthy-report/report.md", "## Deploy")
        gone = """
      - if: ${{ always() }}
        run: test ! -e shipworthy-report/report.md && echo it is gone
"""
        self.repository.workflow(f"on: push\njobs:{gate()}{gone}")
        self.assertIn("it is gone\n", [line.get("msg") for line in self.repository.run(variables=self.silent()).lines])

    def test_a_program_that_says_nothing_does_not_deploy(self):
        run = self.gate(case="green", variables=self.silent())
        self.check(run, "failure", "skipped", decision="remediate", verdict="inconclusive", exit_code="70")

    def test_a_baseline_is_compared_with(self):
        self.repository.demo("green")
        out = self.repository.repo / "before"
        subprocess.run([BINARY, "gate", "artifacts", "--out", str(out)], cwd=self.repository.repo, check=True, capture_output=True)
        run = self.gate(options(baseline="before/report.json"))
        self.check(run, "success", "success", decision="deploy")
        run = self.gate(options(baseline="before/report.json", first_run="true"))
        self.check(run, "failure", "skipped", decision="remediate", exit_code="2")

    def test_earlier_runs_and_source_stand_in_the_report(self):
        self.repository.demo("red")
        out = self.repository.repo / "before"
        subprocess.run([BINARY, "gate", "artifacts", "--out", str(out)], cwd=self.repository.repo, capture_output=True)
        for path in ("billing-service/billing/api.py", "customer-portal/portal/checkout.py"):
            self.repository.file(f"code/{path}", "pass  # a line of source\n" * 400)
        keep = """
      - if: ${{ always() }}
        run: cp shipworthy-report/report.json "$RESULTS/report.json"
"""
        with_ = options(history="before", sources="code", source_url="https://git.example/blob/{path}#L{line}", fail_on="never")
        self.repository.workflow(f"on: push\njobs:{gate(with_)}{keep}{DEPLOY}")
        run = self.repository.run()
        self.check(run, "success", "skipped", decision="remediate")
        report = run.saved("report")
        self.assertEqual([point["verdict"] for point in report["history"]], ["remediate"])
        self.assertEqual(report["source_url"], "https://git.example/blob/{path}#L{line}")
        shown = [file["path"] for file in report["coverage"]["files"] if file.get("excerpts")]
        self.assertIn("billing-service/billing/api.py", shown)


class Events(Case):
    FORK = {
        "action": "opened",
        "number": 7,
        "pull_request": {
            "number": 7,
            "head": {"ref": "feature`id`", "sha": "a" * 40, "repo": {"full_name": "stranger/shop", "fork": True}},
            "base": {"ref": "main", "sha": "b" * 40, "repo": {"full_name": "nektos/act"}},
        },
    }

    def test_a_pull_request_of_a_fork_is_judged_without_a_token(self):
        run = self.gate(options(token=""), case="red", on="pull_request", event="pull_request", payload=self.FORK)
        self.check(run, "failure", "skipped", decision="remediate", exit_code="1")
        self.assertEqual(len(run.summaries), 1)

    def test_the_merge_queue_is_judged(self):
        payload = {"action": "checks_requested", "merge_group": {"head_sha": "a" * 40, "head_ref": "refs/heads/gh-readonly-queue/main/pr-7", "base_ref": "refs/heads/main"}}
        run = self.gate(case="green", on="merge_group", event="merge_group", payload=payload)
        self.check(run, "success", "success", decision="deploy")


class Force(Case):
    HOSTILE = "it's \"on fire\" $(id) `id`\n::error::pwned\n##[add-mask]x\ndecision=deploy\r\n${{ github.token }} | @everyone %0A::set-output name=decision::deploy"
    ON = "{ workflow_dispatch: { inputs: { force: { type: boolean, default: false }, reason: { type: string, default: '' } } } }"
    WITH = "          force: ${{ inputs.force }}\n          reason: ${{ inputs.reason }}\n"

    def dispatch(self, **inputs):
        return self.gate(self.WITH, case="red", on=self.ON, event="workflow_dispatch", inputs=inputs)

    def test_not_forced(self):
        self.check(self.dispatch(force="false"), "failure", "skipped", decision="remediate", overridden="false")

    def test_forced_with_a_hostile_reason_that_stays_text(self):
        self.repository.demo("red")
        self.repository.workflow(f"on: {self.ON}\njobs:{gate(self.WITH)}{DEPLOY}")
        payload = {"inputs": {"force": "true", "reason": self.HOSTILE}}
        run = self.repository.run(event="workflow_dispatch", payload=payload)
        self.check(run, "success", "success", decision="deploy", verdict="remediate", exit_code="0", overridden="true")
        self.assertNotIn("uid=", run.text)
        self.assertEqual([e for e in run.annotations() if e.get("arg", "").startswith("pwned")], [])
        self.assertEqual(run.commands("add-mask"), [])
        self.assertIn("on fire", run.summaries[0])
        self.assertNotIn("@everyone", run.summaries[0].replace("@&#", "").replace("@\u200b", ""))

    def test_forced_without_a_reason_does_not_deploy(self):
        self.check(self.dispatch(force="true"), "failure", "skipped", decision="remediate", exit_code="4")

    def test_a_force_that_is_neither_true_nor_false_does_not_deploy(self):
        run = self.gate(options(force="yes", reason="r"), case="red")
        self.check(run, "failure", "skipped", decision="remediate", exit_code="2")


class Hostile(Case):
    NAMES = [
        "a\ndecision=deploy",
        "::error::pwned",
        "\n::set-output name=decision::deploy",
        "x ##[add-mask]remediate ##[set-output name=decision]deploy",
        "${{ github.token }} $(id) `id`",
        "a | b | c @org/team #1 <img src=x onerror=alert(1)>",
        "\u001b[31mred\u001b[0m \u202eevil",
        "decision<<EOF\ndeploy\nEOF",
    ]

    def test_names_in_artifacts_change_no_output(self):
        from xml.sax.saxutils import quoteattr

        def attribute(text):
            text = "".join(c for c in text if c in "\n\t" or ord(c) >= 32)
            return quoteattr(text, {"\n": "&#10;"})

        cases = "".join(f"<testcase classname={attribute(n)} name={attribute(n)} file={attribute(n)}><failure message={attribute(n)}>{'x'}</failure></testcase>" for n in self.NAMES)
        self.repository.file("artifacts/unit/junit.xml", f'<testsuite name="s" tests="{len(self.NAMES)}" failures="{len(self.NAMES)}">{cases}</testsuite>')
        run = self.gate()
        saved = self.check(run, "failure", "skipped", decision="remediate", verdict="remediate", exit_code="1", failed_count=str(len(self.NAMES)))
        self.assertEqual(set(saved), {
            "decision", "verdict", "score", "score-low", "score-high", "exit-code", "blocking-count", "failed-count", "overridden",
            "categories", "report-dir", "report-html", "report-md", "report-json", "report-digest", "installed-from", "program", "tool-version",
        })
        self.assertEqual(run.commands("add-mask"), [])
        self.assertNotIn("uid=", run.text)
        # What the program prints is read line by line, and the old form of commands anywhere in a line.
        printed = [line["msg"] for line in run.lines if line.get("raw_output")]
        for line in printed:
            self.assertNotIn("##[", line)
            self.assertFalse(line.lstrip().startswith("::"), line)
            self.assertNotIn("\u001b", line)
            self.assertNotIn("\u202e", line)
        # Each is one of the program's own. (The engine cuts at the last `::` of a line, GitHub at the first.)
        self.assertTrue(all(e["raw"].startswith("::error title=Unit tests") or "file=" in e["raw"] for e in run.annotations()))


class Api:
    """As much of GitHub's API as a comment needs, on this machine alone."""

    def __init__(self, comments=(), pulls=(), refuse=None, by_commit=True):
        self.comments, self.pulls, self.refuse, self.by_commit = list(comments), list(pulls), refuse or {}, by_commit
        self.requests = []
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, code, body):
                content = json.dumps(body).encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                url = urllib.parse.urlparse(self.path)
                query = dict(urllib.parse.parse_qsl(url.query))
                api.requests.append((self.command, url.path, body, self.headers["Authorization"]))
                code = api.refuse.get(self.command)
                if callable(code):
                    code = code(body)
                if code:
                    return self.answer(code, {"message": "refused"})
                if self.command == "GET" and url.path.endswith("/comments"):
                    size, page = int(query["per_page"]), int(query["page"])
                    return self.answer(200, api.comments[(page - 1) * size:page * size])
                if "/commits/" in url.path:
                    return self.answer(200, api.pulls if api.by_commit else [])
                if url.path.endswith("/pulls"):
                    api.head = query["head"]
                    return self.answer(200, api.pulls)
                if self.command == "POST":
                    comment = {"id": 900 + len(api.comments), "user": {"login": "github-actions[bot]"}, **body}
                    api.comments.append(comment)
                    return self.answer(201, comment)
                number = int(url.path.rsplit("/", 1)[1])
                comment = next(c for c in api.comments if c["id"] == number)
                comment.update(body)
                return self.answer(200, comment)

            do_GET = do_POST = do_PATCH = handle_any

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def writes(self):
        return [r for r in self.requests if r[0] != "GET"]


class Comment(Case):
    REPORT = "## ❌ Remediate — 82 / 100\n\n**Two tests fail.**\n\n---\n\n<sub>exit 1 · commit {}</sub>\n"

    def comment(self, api, report=None, on="pull_request", payload=None, decision="remediate", **with_):
        self.addCleanup(api.close)
        if report is not None:
            self.repository.file("shipworthy-report/report.md", report)
        with_ = {"token": "t0ken", "decision": decision, **with_}
        self.repository.workflow(f"""on: {on}
jobs:
  comment:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - id: comment
        uses: OWNER/shipworthy/comment@v1
        with:
{options(**with_)}
      - if: ${{{{ always() }}}}
        env: {{ OUT: "${{{{ toJSON(steps.comment.outputs) }}}}" }}
        run: printf '%s' "$OUT" >"$RESULTS/comment.json"
""")
        run = self.repository.run(event=on, payload=Events.FORK if payload is None else payload, env={"GITHUB_API_URL": api.url})
        self.api = api
        return run

    def check(self, run, result, job="success"):
        self.assertEqual(run.job("comment"), job, run)
        saved = run.saved("comment")
        self.assertEqual(saved.get("result"), result, run)
        return saved

    def test_created_then_unchanged_then_updated(self):
        api = Api()
        saved = self.check(self.comment(api, self.REPORT.format("a")), "created")
        self.assertEqual((saved["comment-id"], saved["pull-request"]), ("900", "7"))
        self.assertTrue(api.comments[0]["body"].startswith("<!-- shipworthy-comment header=shipworthy digest="))
        self.assertIn("**Two tests fail.**", api.comments[0]["body"])
        self.assertEqual({r[3] for r in api.requests}, {"Bearer t0ken"})

        again = Api(api.comments)
        self.check(self.comment(again, self.REPORT.format("b")), "unchanged")
        self.assertEqual(again.writes(), [])

        always = Api(api.comments)
        self.check(self.comment(always, self.REPORT.format("b"), mode="always"), "updated")

        changed = Api(api.comments)
        self.check(self.comment(changed, "## ✅ Deploy — 100 / 100\n", decision="deploy"), "updated")
        self.assertEqual(len(changed.comments), 1)
        self.assertIn("Deploy", changed.comments[0]["body"])

    def test_another_header_is_another_comment(self):
        api = Api()
        self.comment(api, self.REPORT)
        second = Api(api.comments)
        self.check(self.comment(second, self.REPORT, header="ship"), "created")
        self.assertEqual(len(second.comments), 2)

    def test_the_comment_is_found_among_hundreds_and_never_taken_from_another_author(self):
        marker = f"<!-- shipworthy-comment header=shipworthy digest={'0' * 64} -->"
        others = [{"id": n, "user": {"login": "someone"}, "body": marker if n == 3 else None} for n in range(250)]
        for other in others:
            other["body"] = other["body"] or "hello"
        api = Api([*others, {"id": 777, "user": {"login": "github-actions[bot]"}, "body": marker}])
        saved = self.check(self.comment(api, self.REPORT), "updated")
        self.assertEqual(saved["comment-id"], "777")
        self.assertEqual(len([r for r in api.requests if r[0] == "GET"]), 3)

    def test_no_right_to_write_is_a_notice_and_no_failure(self):
        run = self.comment(Api(refuse={"POST": 403}), self.REPORT)
        self.check(run, "refused")
        self.assertIn("HTTP 403", run.commands("notice")[0]["arg"])
        self.check(self.comment(Api(refuse={"GET": 403}), self.REPORT), "refused")
        self.check(self.comment(Api(refuse={"PATCH": 500, "POST": 500}), self.REPORT), "refused")
        self.check(self.comment(Api(), self.REPORT, token=""), "refused")

    def test_a_server_that_is_not_there_is_no_failure(self):
        api = Api()
        api.server.server_close()
        api.close = lambda: None
        run = self.comment(api, self.REPORT)
        self.check(run, "refused")
        self.assertIn("HTTP 000", run.commands("notice")[0]["arg"])

    def test_a_long_report_is_cut_between_blocks(self):
        long = "## Head\n\n" + "".join(f"<details>\n<summary>{n}</summary>\n\n```\n{'x' * 900}\n\n```\n\n</details>\n\n" for n in range(100))
        api = Api()
        self.check(self.comment(api, long), "created")
        body = api.comments[0]["body"]
        self.assertLess(len(body), 60_500)
        self.assertEqual(body.count("<details>"), body.count("</details>"))
        self.assertGreater(body.count("<details>"), 50)
        self.assertIn("the rest is in the full report", body)

        # A host with a smaller limit gets less, and one that takes nothing gets nothing.
        small = Api(refuse={"POST": lambda body: 422 if len(body["body"]) > 10_000 else None})
        self.check(self.comment(small, long), "created")
        self.assertLess(len(small.comments[0]["body"]), 10_000)
        run = self.comment(Api(refuse={"POST": 422}), long)
        self.check(run, "refused")
        self.assertIn("too long", run.commands("notice")[0]["arg"])

    def test_modes(self):
        self.check(self.comment(Api(), self.REPORT, mode="off"), "skipped")
        self.check(self.comment(Api(), self.REPORT, mode="on-remediate", decision="deploy"), "skipped")
        api = Api()
        self.check(self.comment(api, self.REPORT, mode="on-remediate"), "created")
        self.check(self.comment(Api(api.comments), "## Deploy", mode="on-remediate", decision="deploy"), "updated")
        self.check(self.comment(Api(), self.REPORT, mode="loud"), "", job="failure")

    def test_a_gate_without_a_report_is_told(self):
        api = Api()
        self.check(self.comment(api, decision="deploy", mode="on-remediate"), "created")
        self.assertIn("No report", api.comments[0]["body"])

    def test_a_push_has_no_pull_request(self):
        api = Api()
        self.check(self.comment(api, self.REPORT, on="push", payload={}), "skipped")
        self.assertEqual(api.requests, [])

    RUN = {"action": "completed", "workflow_run": {
        "id": 5, "event": "pull_request", "conclusion": "failure", "head_sha": "a" * 40, "head_branch": "feature/`id`&x",
        "head_repository": {"full_name": "stranger/shop", "owner": {"login": "stranger"}}, "pull_requests": []}}

    def test_after_a_forks_run_the_pull_request_is_found_by_its_head(self):
        pulls = [{"number": 3, "state": "open", "head": {"sha": "c" * 40}}, {"number": 9, "state": "open", "head": {"sha": "a" * 40}}]
        for by_commit in (True, False):
            api = Api(pulls=pulls, by_commit=by_commit)
            saved = self.check(self.comment(api, self.REPORT, on="workflow_run", payload=self.RUN), "created")
            self.assertEqual(saved["pull-request"], "9")
        self.assertEqual(api.head, "stranger:feature/`id`&x")
        moved = Api(pulls=[{"number": 9, "state": "open", "head": {"sha": "d" * 40}}])
        self.check(self.comment(moved, self.REPORT, on="workflow_run", payload=self.RUN), "skipped")
        self.assertEqual(moved.writes(), [])


class Install(Case):
    TARGET = "x86_64-unknown-linux-musl"
    VERSION = "0.1.0"

    def serve(self, program=None, sums=None):
        """A server with one archive, and the table that knows it."""
        folder = self.repository.folder / "server"
        folder.mkdir(exist_ok=True)
        program = program or self.stub("served")
        self.archive = f"shipworthy-{self.VERSION}-{self.TARGET}.tar.gz"
        with tarfile.open(folder / self.archive, "w:gz") as tar:
            tar.add(program, "shipworthy")
        digest = hashlib.sha256((folder / self.archive).read_bytes()).hexdigest()
        self.table(digest if sums is None else sums)
        api = self
        self.hits = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args):
                super().__init__(*args, directory=str(folder))

            def log_message(self, *_):
                api.hits.append(self.path)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def table(self, digest):
        row = f"{digest}  shipworthy-{self.VERSION}-{self.TARGET}.tar.gz\n" if digest else ""
        with open(self.repository.action / "action/checksums.txt", "a") as table:
            table.write(row)

    def stub(self, mark):
        """The real program under a mark that the log shows."""
        program = self.repository.folder / f"program-{mark}"
        program.write_text(f"#!/bin/sh\n[ \"$1\" = --version ] || echo ran: {mark}\nexec '{BINARY}' \"$@\"\n")
        program.chmod(0o755)
        return program

    def cargo(self, works=True):
        """A cargo that builds at once; the test of the build itself takes the real one, and some minutes."""
        folder = self.repository.folder / "bin"
        folder.mkdir()
        cargo = folder / "cargo"
        built = self.stub("built")
        cargo.write_text(f"""#!/usr/bin/env bash
set -eu
echo "cargo in $PWD: $*" >>"$RESULTS/cargo"
[ "$1 $2 $3 $4" = "build --locked --release --target-dir" ] && [ -f Cargo.toml ] && [ -z "${{RUSTFLAGS:-}}" ]
mkdir -p "$5/release"
cp '{built}' "$5/release/shipworthy"
""" if works else "#!/bin/sh\necho does not compile; exit 101\n")
        cargo.chmod(0o755)
        return str(folder)

    def install(self, case="green", env=None, path=None, **with_):
        if not (self.repository.repo / "artifacts").exists():
            self.repository.demo(case)
        with_ = {"verify-attestation": "never", **with_}
        job = gate(options(**with_)).replace("          binary: ${{ vars.BINARY }}\n", "")
        self.repository.workflow(f"on: push\njobs:{job}{DEPLOY}")
        return self.repository.run(env=env, path=path)

    def test_a_download_with_the_right_checksum_runs_and_stays_in_the_cache(self):
        url = self.serve()
        run = self.install(base_url=url)
        self.check(run, "success", "success", decision="deploy", installed_from="download")
        self.assertIn("ran: served", run.text)
        run = self.install(base_url=url)
        self.check(run, "success", "success", installed_from="cache")
        self.assertEqual(len(self.hits), 1)
        # What lies in the cache is verified as well.
        cached = self.repository.tools / "shipworthy" / self.VERSION / self.archive
        cached.write_bytes(cached.read_bytes() + b"x")
        run = self.install(base_url=url)
        self.check(run, "failure", "skipped", decision="remediate", exit_code="2")
        self.assertNotIn("ran:", run.text)

    def test_a_wrong_checksum_never_runs_and_never_falls_back(self):
        for mode in ("auto", "download"):
            with self.subTest(mode):
                self.setUp()
                url = self.serve(sums="0" * 64)
                run = self.install(base_url=url, install=mode, path=self.cargo())
                saved = self.check(run, "failure", "skipped", decision="remediate", verdict="inconclusive", exit_code="2")
                self.assertNotIn("installed-from", {k for k, v in saved.items() if v})
                self.assertIn("it is not run", run.text)
                self.assertNotIn("ran:", run.text)
                self.assertFalse((run.folder / "results/cargo").exists())
                self.assertEqual(list(self.repository.tools.rglob("*.gz")), [])

    def test_without_a_row_nothing_is_downloaded(self):
        url = self.serve(sums="")
        run = self.install(base_url=url, path=self.cargo(), env={"RUSTFLAGS": "-D warnings"})
        self.check(run, "success", "success", decision="deploy", installed_from="build")
        self.assertIn("ran: built", run.text)
        self.assertEqual(self.hits, [])
        run = self.install(base_url=url, install="download")
        self.check(run, "failure", "skipped", decision="remediate", exit_code="2")
        self.assertEqual(self.hits, [])

    def test_a_server_that_is_down_leads_to_a_build(self):
        self.table("1" * 64)
        run = self.install(base_url="http://127.0.0.1:9", path=self.cargo())
        self.check(run, "success", "success", installed_from="build")
        run = self.install(base_url="http://127.0.0.1:9", install="download")
        self.check(run, "failure", "skipped", exit_code="2")

    @long
    def test_the_program_is_built_from_the_actions_own_source(self):
        self.repository.sources()
        self.repository.file(".cargo/config.toml", "[build]\ntarget-dir = 'elsewhere'\nrustflags = ['--no-such-flag']\n")
        run = self.install(install="build", env={"RUSTFLAGS": "--no-such-flag", **self.repository.quick_build()})
        self.check(run, "success", "success", decision="deploy", installed_from="build")
        self.assertFalse((self.repository.repo / "elsewhere").exists())

    def test_a_build_that_fails_does_not_deploy(self):
        run = self.install(install="build", path=self.cargo(works=False))
        self.check(run, "failure", "skipped", decision="remediate", exit_code="2")
        run = self.install(install="build", version="9.9.9")
        self.check(run, "failure", "skipped", decision="remediate", exit_code="2")

    def test_plain_http_is_for_this_machine_alone(self):
        self.table("1" * 64)
        run = self.install(base_url="http://downloads.example/x")
        self.check(run, "failure", "skipped", decision="remediate", exit_code="2")
        self.assertIn("https://", run.text)

    def test_a_given_program_has_to_be_this_one(self):
        run = self.install(binary=str(self.stub("given")), install="binary")
        self.check(run, "success", "success", installed_from="binary")
        for value, version in (("/bin/true", ""), ("/no/such", ""), (BINARY, "9.9.9"), ("", "")):
            with self.subTest(value=value, version=version):
                run = self.install(binary=value, install="binary", version=version)
                self.check(run, "failure", "skipped", decision="remediate", exit_code="2")

    def test_provenance_is_asked_for_where_it_can_be(self):
        url = self.serve()
        folder = self.repository.folder / "bin"
        folder.mkdir()
        gh = folder / "gh"
        says = "#!/bin/sh\n[ \"$3\" = --help ] && exit 0\necho \"$*\" >>\"$RESULTS/gh\"\n[ \"$GH_TOKEN\" = t0ken ] && exit {}\n"
        for code, job in ((0, "success"), (1, "failure")):
            gh.write_text(says.format(code))
            gh.chmod(0o755)
            run = self.install(base_url=url, path=str(folder), token="t0ken", **{"verify-attestation": "auto"})
            self.assertEqual(run.job("gate"), job, run)
        self.assertIn("--repo OWNER/shipworthy --signer-workflow OWNER/shipworthy/.github/workflows/release.yml", (run.folder / "results/gh").read_text())
        run = self.install(base_url=url, token="", **{"verify-attestation": "required"})
        self.check(run, "failure", "skipped", decision="remediate", exit_code="2")

    def test_the_program_alone(self):
        url = self.serve()
        self.repository.workflow(f"""on: push
jobs:
  alone:
    runs-on: ubuntu-latest
    steps:
      - id: program
        uses: OWNER/shipworthy/install@v1
        with: {{ base-url: "{url}", verify-attestation: never }}
      - env: {{ PROGRAM: "${{{{ steps.program.outputs.path }}}}" }}
        run: '"$PROGRAM" --version'
""")
        run = self.repository.run()
        self.assertEqual(run.job("alone"), "success", run)
        self.assertIn("shipworthy 0.1.0", run.text)


class Examples(Case):
    """The workflows of the documents, as they stand there."""

    def example(self, name, case="green", event="push", **run):
        self.repository.example(name)
        env = {"CASE": case, **run.pop("env", {})}
        return self.repository.run(event=event, workflow=name, env=env, **run)

    def jobs(self, run, **results):
        self.assertEqual({job: run.job(job.replace("_", "-")) for job in results}, results, run)

    def test_pipeline(self):
        run = self.example("pipeline.yml")
        self.jobs(run, quality="success", unit="success", gate="success", deploy="success", remediate="skipped")
        self.assertIn("shipped", run.text)
        self.assertTrue((self.repository.folder / "store/gate-report-1/report.html").is_file())

    def test_pipeline_that_is_red(self):
        run = self.example("pipeline.yml", "red")
        self.jobs(run, unit="failure", gate="failure", deploy="skipped", remediate="success")
        self.assertIn("Remediate", run.summaries[0])
        self.assertIn("exit 1: remediate", run.text)

    def test_pipeline_of_a_pull_request_does_not_deploy(self):
        run = self.example("pipeline.yml", event="pull_request", payload=Events.FORK)
        self.jobs(run, gate="success", deploy="skipped")

    def test_shards(self):
        run = self.example("shards.yml")
        self.jobs(run, e2e="success", gate="success")
        self.assertEqual(len(list((self.repository.folder / "store").glob("e2e-*"))), 4)

    def test_pages_publishes_a_red_report_too(self):
        for case, result in (("green", "success"), ("red", "failure")):
            self.setUp()
            run = self.example("pages.yml", case)
            self.jobs(run, gate=result, publish="success")
            published = self.repository.folder / "store/github-pages"
            self.assertIn("Deploy" if case == "green" else "Remediate", (published / "index.html").read_text())
            self.assertEqual(len(list(published.glob("at-*/*/report.html"))), 1)

    def test_force(self):
        run = self.example("force.yml", "red", "workflow_dispatch", inputs={"force": "false"})
        self.jobs(run, gate="failure", deploy="skipped", deploy_by_force="skipped")
        self.setUp()
        run = self.example("force.yml", "red", "workflow_dispatch", inputs={"force": "true", "reason": "nobody can pay in the shop any more"})
        self.jobs(run, gate="success", deploy="skipped", deploy_by_force="success")
        self.setUp()
        run = self.example("force.yml", "green", "workflow_dispatch", inputs={"force": "true", "reason": "nobody can pay in the shop any more"})
        self.jobs(run, gate="success", deploy="success", deploy_by_force="skipped")

    def test_merge_queue(self):
        run = self.example("merge-queue.yml", event="merge_group", payload={"merge_group": {"head_sha": "a" * 40}})
        self.jobs(run, tests="success", gate="success")

    def test_nightly_without_and_with_a_baseline(self):
        run = self.example("nightly.yml", event="schedule")
        self.jobs(run, gate="success")
        cache = self.repository.folder / "store/cache"
        cache.mkdir()
        subprocess.run([BINARY, "gate", "demo/green/unit-customer", "--out", str(cache)], cwd=self.repository.repo, check=True, capture_output=True)
        shutil.rmtree(self.repository.folder / "store/tests")
        run = self.repository.run(event="schedule", workflow="nightly.yml", env={"CASE": "green"})
        self.jobs(run, gate="success")
        self.assertIn("ompared with the baseline", run.summaries[0])

    def test_comment_and_the_comment_for_forks(self):
        api = Api()
        self.addCleanup(api.close)
        run = self.example("comment.yml", "red", "pull_request", payload=Events.FORK, env={"GITHUB_API_URL": api.url}, secrets={"GITHUB_TOKEN": "t0ken"})
        self.jobs(run, tests="failure", gate="failure")
        self.assertIn("Remediate", api.comments[0]["body"])

        shutil.copy(ROOT / "docs/workflows/comment-forks.yml", self.repository.repo / ".github/workflows")
        forks = Api(pulls=[{"number": 9, "state": "open", "head": {"sha": "a" * 40}}])
        self.addCleanup(forks.close)
        # What the fork says in Markdown is not what is posted.
        (self.repository.folder / "store/gate-report/report.md").write_text("## Deploy @everyone")
        run = self.repository.run(event="workflow_run", workflow="comment-forks.yml", payload=Comment.RUN, env={"GITHUB_API_URL": forks.url}, secrets={"GITHUB_TOKEN": "t0ken"})
        self.jobs(run, comment="success")
        self.assertIn("Remediate", forks.comments[0]["body"])
        self.assertNotIn("everyone", forks.comments[0]["body"])

    def test_reusable(self):
        run = self.example("reusable.yml")
        self.jobs(run, tests="success", deploy="success")
        self.assertTrue((self.repository.folder / "store/gate-report-1/report.json").is_file())


class Elsewhere(Case):
    def test_evidence_of_another_run_in_another_folder_is_judged_as_what_it_is(self):
        self.repository.file("artifacts/lcov.info", "SF:/app/src/a.ts\nDA:1,1\nend_of_record\n")
        self.repository.file("change.diff", "--- a/src/a.ts\n+++ b/src/a.ts\n@@ -0,0 +1 @@\n+x\n")
        self.repository.file("shipworthy.yml", """version: 1
categories:
  coverage: { weight: 100%, criteria: { changed: { measure: coverage.line, target: 80%, scope: changed, path: src/** } } }
""")
        step = """
      - if: ${{ always() }}
        run: cp shipworthy-report/report.json "$RESULTS/report.json"
"""
        with_ = options(base_path="/app", commit="c" * 40, branch="release/1", diff="change.diff")
        self.repository.workflow(f"on: push\njobs:{gate(with_)}{step}{DEPLOY}")
        run = self.repository.run()
        self.check(run, "success", "success", decision="deploy")
        report = run.saved("report")
        self.assertEqual((report["subject"]["commit"], report["subject"]["branch"]), ("c" * 40, "release/1"))
        self.assertEqual(report["coverage"]["files"][0]["path"], "src/a.ts")


class Lints(unittest.TestCase):
    WORKFLOWS = sorted([*(ROOT / ".github/workflows").glob("*.yml"), *(ROOT / "docs/workflows").glob("*.yml")])
    ACTIONS = sorted(p for p in ROOT.glob("**/action.yml") if "node_modules" not in p.parts)

    def lint(self, *command):
        done = subprocess.run([str(c) for c in command], cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_workflow(self):
        self.assertGreater(len(self.WORKFLOWS), 8)
        self.lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *self.WORKFLOWS)
        self.lint("actionlint", *self.WORKFLOWS)

    def test_every_action(self):
        self.lint("check-jsonschema", "--builtin-schema", "vendor.github-actions", *self.ACTIONS)

    def test_every_script(self):
        self.lint("shellcheck", "--external-sources", *ROOT.glob("action/*.sh"), *ROOT.glob("comment/*.sh"), ROOT / "tests/action/run")

    def test_security(self):
        actions = [a for a in self.ACTIONS if "tests" not in a.parts]
        self.lint("zizmor", "--offline", "--no-progress", "--config", ".github/zizmor.yml", *self.WORKFLOWS, *actions)

    def test_examples_use_the_action_as_it_is(self):
        """The linter checks inputs and outputs of an action of the repository, so that is what the examples name."""
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            subprocess.run(["git", "init", "--quiet", folder], check=True)
            for name in ("action.yml", "comment", "install"):
                (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
            shutil.copytree(ROOT / ".github", folder / ".github")
            for example in (ROOT / "docs/workflows").glob("*.yml"):
                text = re.sub(r"OWNER/shipworthy(\S*)@v1", r".\1", example.read_text()).replace("uses: .\n", "uses: ./\n")
                self.assertNotIn("OWNER", text)
                (folder / ".github/workflows" / f"example-{example.name}").write_text(text)
            done = subprocess.run(["actionlint"], cwd=folder, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_no_expression_in_a_script(self):
        for action in self.ACTIONS:
            for script in re.findall(r"^ *run: *(.*(?:\n(?: {8,}.*|$))*)", action.read_text(), re.MULTILINE):
                self.assertNotIn("${{", script, action)
        for action in self.ACTIONS:
            if "tests" not in action.parts:
                self.assertNotRegex(action.read_text(), r"\buses:")

    def test_every_input_reaches_its_script_and_every_one_is_told(self):
        text = (ROOT / "action.yml").read_text()
        document = (ROOT / "docs/action.md").read_text()
        scripts = "".join(p.read_text() for p in (ROOT / "action").glob("*.sh"))
        inputs, outputs = text.split("\noutputs:\n")
        for name in re.findall(r"^  ([a-z-]+):$", inputs, re.MULTILINE):
            variable = f"SHIPWORTHY_ACTION_{name.upper().replace('-', '_')}"
            self.assertIn(f"{variable}: ${{{{ inputs.{name} }}}}", outputs)
            self.assertIn(variable, scripts)
            self.assertIn(f"| `{name}` |", document)
        for name in re.findall(r"^  ([a-z-]+):$", outputs.split("\nruns:")[0], re.MULTILINE):
            self.assertIn(f"| `{name}` |", document)


class SideBySide(unittest.TextTestRunner):
    """Runs several tests at a time: each has a repository of its own, and most of its time is waiting for the engine."""

    AT_A_TIME = 2 * (os.cpu_count() or 1)

    @classmethod
    def cases(cls, suite):
        for test in suite:
            yield from cls.cases(test) if isinstance(test, unittest.TestSuite) else [test]

    @staticmethod
    def alone(case):
        result = unittest.TestResult()
        case.run(result)
        return result

    def run(self, test):
        cases = sorted(self.cases(test), key=lambda case: not hasattr(getattr(case, case._testMethodName, None), "long"))

        def all_of_them(result):
            with concurrent.futures.ThreadPoolExecutor(self.AT_A_TIME) as pool:
                for done in concurrent.futures.as_completed([pool.submit(self.alone, case) for case in cases]):
                    one = done.result()
                    result.testsRun += one.testsRun
                    for kind in ("failures", "errors", "skipped", "unexpectedSuccesses"):
                        getattr(result, kind).extend(getattr(one, kind))
                    self.stream.write("." if one.wasSuccessful() else "F")
                    self.stream.flush()

        return super().run(all_of_them)


if __name__ == "__main__":
    unittest.main(testRunner=SideBySide)
