"""Seeds that no fixture is: texts.py TARGET FOLDER."""

import pathlib
import subprocess
import sys
import tempfile

target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
if target == "report":
    for case in ("fixtures/tests/junit/hand-94-suite-tests-5-cases-2", "fixtures/load/k6/k6-no-samples"):
        with tempfile.TemporaryDirectory() as out:
            command = ["cargo", "run", "--quiet", "--locked", "--", "gate", case, "--out", out, "--formats", "json"]
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            (folder / f"{pathlib.Path(case).name}.json").write_bytes((pathlib.Path(out) / "report.json").read_bytes())
elif target == "diff":
    diff = "diff --git a/a.py b/b.py\nrename from a.py\nrename to b.py\n--- a/a.py\n+++ b/b.py\n@@ -1,2 +1,3 @@\n a\n+b\n-c\n"
    (folder / "one.diff").write_text(diff)
else:
    hostile = ["::error::x", "<b>&\"'`|@team #1 a@b.c", "[a](javascript:x)", "```\n~~~", "\u001b[31m\u202e", "##[add-mask]x %0A"]
    for number, text in enumerate(hostile):
        (folder / f"{number}.txt").write_text(text)
