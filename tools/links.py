#!/usr/bin/env python3
"""Every relative link of every Markdown file leads somewhere; each page under docs/ is linked from docs/README.md."""
import re
import sys
from pathlib import Path

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def check(root: Path) -> list[str]:
    problems, reached = [], set()
    pages = [p for p in root.rglob("*.md") if not p.relative_to(root).parts[0].startswith(("build", "out", "."))]
    for page in pages:
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            for target in LINK.findall(line):
                if "://" in target:
                    continue
                found = (page.parent / target).resolve()
                if not found.exists():
                    problems.append(f"{page.relative_to(root)}:{number}: {target} is not there")
                elif page == root / "docs/README.md":
                    reached.add(found)
    unlinked = set((root / "docs").rglob("*.md")) - reached - {root / "docs/README.md"}
    return problems + [f"{page.relative_to(root)}:1: not linked from docs/README.md" for page in sorted(unlinked)]


if __name__ == "__main__":
    complaints = check(Path(sys.argv[1]).resolve())
    print("\n".join(complaints) or "links: all lead somewhere")
    sys.exit(1 if complaints else 0)
