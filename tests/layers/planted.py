"""The layer check catches each kind of fault: a small tree with one planted fault a file, and what must be said."""
import subprocess
import sys
import tempfile
from pathlib import Path

CLEAN = '#pragma once\n#include "wordline/core/a.h"\nnamespace wordline::dram {}\n'
TREE = {  # path: (text, line and words that must be told; None for a clean file)
    "src/wordline/core/a.h": ("#pragma once\nnamespace wordline::core {}\n", None),
    "src/wordline/dram/clean.h": (CLEAN, None),
    "src/wordline/chip/through.cpp": (CLEAN.replace("dram", "chip").replace("core/a.h", "dram/a.h"), None),
    "src/wordline/core/up.cpp": ('#include "wordline/dram/a.h"\nnamespace wordline::core {}\n',
                                 '1: room "core" includes "wordline/dram/a.h"'),
    "src/wordline/dram/side.cpp": ('\n#include <wordline/chip/b.h>\nnamespace wordline::dram {}\n',
                                   '2: room "dram" includes "wordline/chip/b.h"'),
    "src/wordline/lone/x.cpp": ("namespace wordline::lone {}\n", '1: the folder "lone" has no wordline_room line'),
    "src/wordline/dram/guard.h": ("namespace wordline::dram {}\n", "1: a header without #pragma once"),
    "src/wordline/dram/wrong.cpp": ("namespace wordline::dram {}\nnamespace wordline::chip {}\n",
                                    "2: namespace wordline::chip in the folder"),
    "src/wordline/dram/forward.h": (CLEAN + "namespace wordline::core {\nclass Clock;\n}\n", None),
    "src/wordline/dram/bare.cpp": ("int x;\n", "1: nothing in namespace wordline::dram"),
    "src/wordline/dram/heavy.h": (CLEAN + "#include <nlohmann/json.hpp>\n", "4: nlohmann/json.hpp may be included"),
    "src/wordline/dram/toml.cpp": ("#include <toml++/toml.h>\nnamespace wordline::dram {}\n", "1: toml++/toml.h may be"),
    "cli/dram.cpp": ("#include <CLI/CLI.hpp>\nnamespace wordline::cli {}\n", "1: CLI/CLI.hpp may be included only by"),
    "tests/long.cpp": ("\n" * 401, "401: 401 lines; over 400 needs a reason"),
    "tests/long_with_reason.cpp": ("// Longer than 400 lines: a table.\n" + "\n" * 401, None),
}
ROOMS = "wordline_room(core)\nwordline_room(dram   USES core)\nwordline_room(chip   USES dram)\n"

with tempfile.TemporaryDirectory() as folder:
    root = Path(folder)
    for path, (text, _) in TREE.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "src/wordline/CMakeLists.txt").write_text(ROOMS)
    ran = subprocess.run([sys.executable, sys.argv[1], folder], capture_output=True, text=True)
    told = ran.stdout.splitlines()

failures = [] if ran.returncode == 1 else [f"exit code {ran.returncode}, wanted 1: {ran.stderr}"]
for path, (_, words) in TREE.items():
    about = [line for line in told if line.startswith(path + ":")]
    if words is None and about:
        failures.append(f"a clean file was blamed: {about}")
    elif words is not None and not (len(about) == 1 and about[0].startswith(f"{path}:{words}")):
        failures.append(f"{path}: wanted one line with {words!r}, was told {about}")
print("\n".join(failures) if failures else f"{len(TREE)} planted files judged rightly")
sys.exit(1 if failures else 0)
