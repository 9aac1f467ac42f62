"""What the action promises, held against a real runner engine."""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import unittest

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

    def test_an_earlier_report_is_no_report_of_this_run(self):
        self.repository.file("shipworthy-report/report.md", "## Deploy")
        run = self.gate(options(policy="no-such.yml"), case="green", deploy=False)
        self.assertEqual(run.saved("gate")["report-md"], "")

    def test_a_program_that_says_nothing_does_not_deploy(self):
        silent = self.repository.folder / "silent"
        silent.write_text("#!/bin/sh\nif [ \"$1\" = --version ]; then echo shipworthy 0.1.0; fi\n")
        silent.chmod(0o755)
        run = self.gate(case="green", variables={"BINARY": silent})
        self.check(run, "failure", "skipped", decision="remediate", verdict="inconclusive", exit_code="70")

    def test_a_baseline_is_compared_with(self):
        self.repository.demo("green")
        out = self.repository.repo / "before"
        subprocess.run([BINARY, "gate", "artifacts", "--out", str(out)], cwd=self.repository.repo, check=True, capture_output=True)
        run = self.gate(options(baseline="before/report.json"))
        self.check(run, "success", "success", decision="deploy")
        run = self.gate(options(baseline="before/report.json", first_run="true"))
        self.check(run, "failure", "skipped", decision="remediate", exit_code="2")


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
            "categories", "report-dir", "report-html", "report-md", "report-json", "report-digest", "installed-from", "tool-version",
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


if __name__ == "__main__":
    unittest.main(verbosity=1)
