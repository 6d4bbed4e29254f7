#!/usr/bin/env python3
"""Holds the tree to its rules, printing file:line: what is wrong. Exit 1 where anything is.

- A room includes only the rooms that its wordline_room line in src/wordline/CMakeLists.txt uses, and what those use.
- Heavy headers stay in the one source each that may include them; headers take json_fwd.hpp only.
- Headers have #pragma once; a file's namespace is its folder's; no file is over 400 lines without a reason at its top
  ("Longer than 400 lines: ...").
"""
import re
import sys
from pathlib import Path

LIMIT = 400
REASON = re.compile(r"Longer than 400 lines: \w")
INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')
NAMESPACE = re.compile(r"^namespace (wordline\b[\w:]*) \{")
HEAVY = {  # header, and which files may include it
    "toml++/": re.compile(r"src/wordline/core/document\w*\.cpp"),
    "CLI/": re.compile(r"cli/args\.cpp"),
    "nlohmann/json.hpp": re.compile(r".*\.cpp"),
    "Eigen/": re.compile(r"src/wordline/fab/.*\.cpp"),
}
CODE = (".h", ".cpp")
TEXT = CODE + (".py", ".js", ".css", ".html", ".cmake", ".txt", ".sh")


def rooms_of(cmake: Path) -> dict[str, set[str]]:
    """Each room with all the rooms it may include: itself, those it uses, and theirs."""
    allowed: dict[str, set[str]] = {}
    for name, uses in re.findall(r"^wordline_room\((\w+)(?:\s+USES\s+([\w\s]+))?\)", cmake.read_text(), re.M):
        allowed[name] = {name}.union(*(allowed.get(used, {used}) for used in uses.split()))
    return allowed


def namespace_wanted(path: Path) -> str | None:
    """The namespace of a file by its folder; None where anything goes."""
    if path.parts[:2] == ("src", "wordline"):
        return f"wordline::{path.parts[2]}"
    return "wordline::cli" if path.parts[0] == "cli" else None


def check_includes(path: Path, lines: list[str], allowed: dict[str, set[str]]):
    room = path.parts[2] if path.parts[:2] == ("src", "wordline") else None
    if room is not None and room not in allowed:
        yield 1, f'the folder "{room}" has no wordline_room line in src/wordline/CMakeLists.txt'
        return
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        header = found[1]
        other = header.split("/")[1] if header.startswith("wordline/") else None
        if room and other and other not in allowed[room]:
            yield number, f'room "{room}" includes "{header}" but uses only {", ".join(sorted(allowed[room]))}'
        for heavy, where in HEAVY.items():
            if header.startswith(heavy) and not where.fullmatch(path.as_posix()):
                yield number, f"{header} may be included only by {where.pattern}"


def check_code(path: Path, lines: list[str], allowed: dict[str, set[str]]):
    if path.suffix == ".h" and "#pragma once" not in lines:
        yield 1, "a header without #pragma once"
    wanted = namespace_wanted(path)
    if wanted is None:
        return
    opened = [(n, m[1]) for n, line in enumerate(lines, 1) for m in NAMESPACE.finditer(line)]
    if not any(name == wanted or name.startswith(wanted + "::") for _, name in opened):
        yield 1, f"nothing in namespace {wanted}, which is the folder's"
    may_declare = allowed.get(wanted.split("::")[1], set(allowed))  # forward declarations of what a room uses
    for number, name in opened:
        if name.startswith("wordline::") and name.split("::")[1] not in {*may_declare, wanted.split("::")[1]}:
            yield number, f"namespace {name} in the folder of {wanted}"


def check(root: Path) -> list[str]:
    allowed = rooms_of(root / "src/wordline/CMakeLists.txt")
    complaints = []
    folders = [root / name for name in ("src", "cli", "tests", "tools", "web", "bindings", "bench")]
    for file in sorted(f for folder in folders if folder.is_dir() for f in folder.rglob("*") if f.suffix in TEXT):
        path = file.relative_to(root)
        lines = file.read_text(encoding="utf-8").splitlines()
        found = []
        if len(lines) > LIMIT and not any(REASON.search(line) for line in lines[:10]):
            found.append((LIMIT + 1, f"{len(lines)} lines; over {LIMIT} needs a reason at the file's top"))
        if path.suffix in CODE:
            found += [*check_includes(path, lines, allowed), *check_code(path, lines, allowed)]
        complaints += [f"{path.as_posix()}:{number}: {words}" for number, words in sorted(found)]
    return complaints


if __name__ == "__main__":
    problems = check(Path(sys.argv[1]))
    print("\n".join(problems) if problems else "layers: all in order")
    sys.exit(1 if problems else 0)
