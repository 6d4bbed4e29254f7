#!/usr/bin/env python3
"""Runs one text test: commands, and what they must print. Usage: run.py FILE.test PROGRAM TREE

    # A comment. `# needs: reference` skips the test where the reference data is not beside the tree.
    $ wordline list chips          run by bash in an empty folder, $HERE being the test's own folder, $TREE the tree
    h100-sxm                       a line of standard output
    /[0-9]+ chips/                 a line that the regular expression matches whole
    bandwidth ... GB/s             `...` in a line: any text; alone on a line: any lines, or none
    ! error: no such chip          a line of standard error
    = 3                            the exit code, 0 where nothing is said
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77


class Step:
    def __init__(self, command: str, line: int):
        self.command, self.line = command, line
        self.out: list[str] = []
        self.err: list[str] = []
        self.code = 0


def steps_of(text: str) -> list[Step]:
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#") or (not line and not steps):
            continue
        if line.startswith("$ "):
            steps.append(Step(line[2:], number))
        elif line.startswith("! ") or line == "!":
            steps[-1].err.append(line[2:])
        elif re.fullmatch(r"= \d+", line):
            steps[-1].code = int(line[2:])
        else:
            steps[-1].out.append(line)
    for step in steps:  # empty lines between two commands are for the eye
        while step.out and not step.out[-1]:
            step.out.pop()
    return steps


def pattern(wanted: list[str]) -> re.Pattern:
    parts = []
    for line in wanted:
        if line == "...":
            parts.append(r"(?:[^\n]*\n)*")
        elif len(line) > 2 and line[0] == line[-1] == "/":
            parts.append(f"(?:{line[1:-1]})\n")
        else:
            parts.append("[^\n]*".join(map(re.escape, line.split("..."))) + "\n")
    return re.compile("".join(parts))


def compare(name: str, wanted: list[str], got: str) -> list[str]:
    got = got if not got or got.endswith("\n") else got + "\n"
    lines = got.splitlines()
    while lines and not lines[-1]:
        lines.pop()
    if pattern(wanted).fullmatch("".join(line + "\n" for line in lines)):
        return []
    return list(difflib.unified_diff(wanted, lines, f"wanted {name}", f"got {name}", lineterm="", n=99))


def reference(tree: Path) -> Path | None:
    folder = Path(os.environ.get("WORDLINE_REFERENCE", tree.parent / "shared" / "reference"))
    return folder if folder.is_dir() else None


def main(test: Path, program: Path, tree: Path) -> int:
    text = test.read_text(encoding="utf-8")
    data = reference(tree)
    if "# needs: reference" in text and data is None:
        print("skipped: the reference data is not beside the tree")
        return SKIPPED
    environment = {k: v for k, v in os.environ.items() if k != "WORDLINE_CATALOG"}
    environment |= {"PATH": f"{program.parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "HERE": str(test.parent),
                    "TREE": str(tree), "REFERENCE": str(data), "WORDLINE_CACHE": str(program.parent.parent / "test-cache")}
    complaints: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for step in steps_of(text):
            ran = subprocess.run(["bash", "-c", step.command], cwd=folder, env=environment, capture_output=True,
                                 text=True, stdin=subprocess.DEVNULL)
            wrong = compare("output", step.out, ran.stdout)
            if step.err:  # words are compared only where the test names some
                wrong += compare("words", step.err, ran.stderr)
            if ran.returncode != step.code:
                wrong += [f"exit code {ran.returncode}, wanted {step.code}", *ran.stderr.splitlines()]
            if wrong:
                complaints += [f"{test}:{step.line}: $ {step.command}", *wrong]
    print("\n".join(complaints) or "as wanted")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(*(Path(word).resolve() for word in sys.argv[1:4])))
