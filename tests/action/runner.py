"""A repository with the action in it, and the runner engine that runs a workflow there."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ["SHIPWORTHY_BINARY"]
# What a build from source compiles once and keeps: the program's dependencies.
BUILDS = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "action"
SOURCES = ("src", "templates", "benches", "schemas")
ACTION = "OWNER/shipworthy@v1"
STUBS = {
    "actions/checkout@v7": "checkout",
    "actions/upload-artifact@v7": "upload-artifact",
    "actions/download-artifact@v8": "download-artifact",
    "actions/cache/restore@v5": "cache",
    "actions/cache/save@v5": "cache",
    "actions/upload-pages-artifact@v5": "upload-pages-artifact",
    "actions/deploy-pages@v5": "deploy-pages",
}


class Run:
    """What a run left behind."""

    def __init__(self, code, lines, folder):
        self.code = code
        self.lines = lines
        self.folder = folder
        self.jobs = {}
        for line in lines:
            if "jobResult" in line:
                self.jobs.setdefault(line["jobID"], []).append(line["jobResult"])

    def job(self, name):
        """`success`, `failure`, or `skipped` where it never came to a result."""
        results = self.jobs.get(name, ["skipped"])
        return "failure" if "failure" in results else results[0]

    def saved(self, name):
        """A JSON document that a step of the workflow saved in $RESULTS."""
        return json.loads((self.folder / "results" / f"{name}.json").read_text())

    def commands(self, name):
        return [line for line in self.lines if line.get("command") == name]

    def annotations(self):
        return [line for name in ("error", "warning") for line in self.commands(name)]

    @property
    def summaries(self):
        """A composite's summary is told for the inner step and for the outer one."""
        return list(dict.fromkeys(line["content"] for line in self.commands("summary")))

    @property
    def text(self):
        return "".join(line.get("msg", "") for line in self.lines)

    def __str__(self):
        """The log, for a test that fails."""
        skip = ("LocalRepositoryCache", "  ⚙", "⭐", "Cleaning")
        return "\n".join(line.get("msg", "").rstrip() for line in self.lines if not line.get("msg", "").startswith(skip))


class Repository:
    """A temporary git repository of somebody who uses the action."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="shipworthy-action-"))
        self.repo = self.folder / "repo"
        self.action = self.folder / "action"
        # Where the engine has its tool cache.
        self.tools = self.folder / "cache/tool_cache"
        self.tools.mkdir(parents=True)
        for name in ("results", "store", "home"):
            (self.folder / name).mkdir()
        (self.folder / "empty").touch()
        (self.repo / ".github/workflows").mkdir(parents=True)
        self.action.mkdir()
        for name in ("action.yml", "Cargo.toml"):
            shutil.copy(ROOT / name, self.action / name)
        for name in ("action", "comment", "install", "site", ".github"):
            shutil.copytree(ROOT / name, self.action / name)

    def close(self):
        shutil.rmtree(self.folder)

    def release(self):
        """Puts the program into the tool cache as a release would: an archive that the table of checksums knows."""
        version = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE).group(1)
        folder = self.tools / "shipworthy" / version
        folder.mkdir(parents=True)
        archive = folder / f"shipworthy-{version}-x86_64-unknown-linux-musl.tar.gz"
        program = self.folder / "shipworthy"
        program.write_text(f"#!/bin/sh\nexec '{BINARY}' \"$@\"\n")
        program.chmod(0o755)
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(program, "shipworthy")
        with open(self.action / "action/checksums.txt", "a") as table:
            table.write(f"{hashlib.sha256(archive.read_bytes()).hexdigest()}  {archive.name}\n")

    def sources(self):
        """Lays the program's own sources beside the action, as a checkout of its repository has them."""
        shutil.copy(ROOT / "Cargo.lock", self.action / "Cargo.lock")
        tracked = ["git", "ls-files", "-z", "--", *SOURCES]
        for name in subprocess.run(tracked, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
            if name:
                (self.action / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.action / name)

    def quick_build(self):
        """Settings of a release build that takes seconds: nothing is optimised, and dependencies are compiled once.

        The program itself is compiled every time, for it lies elsewhere every time; what earlier runs left of it goes.
        """
        for left in BUILDS.glob("**/*shipworthy-*"):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
        profile = {"LTO": "off", "OPT_LEVEL": "0", "CODEGEN_UNITS": "16", "STRIP": "none"}
        settings = {f"CARGO_PROFILE_RELEASE_{key}": value for key, value in profile.items()}
        return {"CARGO_BUILD_BUILD_DIR": str(BUILDS.resolve()), **settings}

    def example(self, name):
        """An example workflow as it stands in the documents, with stages that leave what the demo's left."""
        shutil.copy(ROOT / "docs/workflows" / name, self.repo / ".github/workflows" / name)
        for case in ("green", "red"):
            self.demo(case, f"demo/{case}")
        stages = {
            "quality": "lint", "security": "security", "integration": "integration", "e2e": "e2e",
            "performance": "lighthouse", "accessibility": "axe", "unit": "unit-${1:-customer}", "deploy": "",
        }
        for stage, source in stages.items():
            text = f'#!/bin/sh\nset -eu\ncp -r "demo/$CASE/{source}" results\n[ "$CASE" = green ]\n'
            if stage == "deploy":
                text = "#!/bin/sh\necho shipped\n"
            self.file(f"ci/{stage}.sh", text).chmod(0o755)
        self.release()

    def file(self, path, text):
        path = self.repo / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def demo(self, case, to="artifacts"):
        shutil.copytree(ROOT / "fixtures/demo" / case, self.repo / to)

    def workflow(self, text):
        self.file(".github/workflows/w.yml", text)

    def run(self, event="push", payload=None, variables=None, env=None, inputs=None, secrets=None, workflow="w.yml", path=None):
        """Runs the workflow for an event, and reads what the engine tells."""
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
        for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--allow-empty", "--message", "x"]):
            subprocess.run([*git, *command], cwd=self.repo, check=True, capture_output=True)
        cache = self.folder / "cache"
        empty = str(self.folder / "empty")
        command = ["act", event, "--workflows", f".github/workflows/{workflow}", "--json", "--no-cache-server"]
        for label in ("ubuntu-latest", "macos-latest", "windows-latest"):
            command += ["--platform", f"{label}=-self-hosted"]
        command += ["--action-cache-path", str(cache), "--env-file", empty, "--secret-file", empty, "--var-file", empty]
        command += ["--local-repository", f"{ACTION}={self.action}"]
        for name, stub in STUBS.items():
            repository, ref = "/".join(name.split("@")[0].split("/")[:2]), name.split("@")[1]
            parts = name.split("@")[0].split("/")
            folder = ROOT / "tests/action/stubs" / stub
            if len(parts) > 2:
                folder = self.folder / "stubs" / parts[1]
                shutil.copytree(ROOT / "tests/action/stubs" / stub, folder / parts[2], dirs_exist_ok=True)
            command += ["--local-repository", f"{repository}@{ref}={folder}"]
        variables = {"BINARY": BINARY, **(variables or {})}
        env = {
            "RESULTS": str(self.folder / "results"),
            "ACTION_SOURCE": str(self.action),
            "STORE": str(self.folder / "store"),
            "NO_COLOR": "1",
            **(env or {}),
        }
        for flag, values in (("--var", variables), ("--env", env), ("--input", inputs or {}), ("--secret", secrets or {})):
            for key, value in values.items():
                command += [flag, f"{key}={value}"]
        if payload is not None:
            event_file = self.folder / "event.json"
            event_file.write_text(json.dumps(payload))
            command += ["--eventpath", str(event_file)]
        # Nothing of this machine's own pipeline reaches the workflow.
        host = {"PATH": (path + os.pathsep if path else "") + os.environ["PATH"], "HOME": str(self.folder / "home"), "LANG": "C.UTF-8"}
        for name in ("CARGO_HOME", "RUSTUP_HOME"):
            host[name] = os.environ.get(name, os.path.expanduser(f"~/.{name.split('_')[0].lower()}"))
        done = subprocess.run(command, cwd=self.repo, env=host, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900)
        lines = []
        for line in (done.stdout + done.stderr).splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                lines.append({"msg": line + "\n"})
        # A failed job leaves its workspace behind; the tool cache is meant to stay.
        for left in cache.glob("*"):
            if left != self.tools:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        return Run(done.returncode, lines, self.folder)
