"""tools/measure/run from end to end, with stand-ins for nvidia-smi, nvcc and PyTorch: what it leaves, and what it never does."""
import json
import os
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

from common import DRAM, MEASURE, measured, ran

SMI = """#!/usr/bin/env bash
echo "$*" >>"$CALLS"
case "$*" in
  *--loop-ms*) printf '1980, 2619, 400.5, 50\\n1830, 2619, 650.5, 60\\n1755, 26'; exec sleep 60 ;;
  '--query-gpu=name'*) for i in $(seq "${GPUS:-1}"); do echo 'NVIDIA Test GPU (80 GB)'; done ;;
  *-i\\ 9*) echo 'No devices were found'; exit 6 ;;
  *=name,*) [ -z "${OLD_DRIVER:-}" ] && echo "NVIDIA Test GPU (80 GB)$(printf ', %s' $(seq 2 18))" ;;
  *=name*) echo 'NVIDIA Test GPU (80 GB)' ;;
  *driver_version*) echo 580.1 ;;
  *) exit 2 ;;
esac
"""
NVCC = """#!/usr/bin/env bash
[ "$1" = --version ] && { echo 'Cuda compilation tools, release 13.0, V13.0.88'; exit; }
while [ "$1" != -o ]; do shift; done
cp "$STANDINS/dram" "$2"
"""
DRAM_PROGRAM = """#!/usr/bin/env bash
echo "dram $*" >>"$CALLS"
if [ "$1" = --describe ]; then echo '{"name": "NVIDIA Test GPU"}'; exit; fi
if [ "$BROKEN" = dram ]; then head -c 300 "$STANDINS/dram.csv"; exit 1; fi
cat "$STANDINS/dram.csv"
"""
PYTHON = """#!/usr/bin/env bash
# kernels.py is played, the rest is real
case $1 in */kernels.py) ;; *) exec "$REAL_PYTHON" "$@" ;; esac
echo "kernels $*" >>"$CALLS"
[ "$BROKEN" = "$2" ] && { head -c 300 "$STANDINS/$2.csv" >"$4"; echo '{}' >"${4%.csv}.json"; exit 0; }
cp "$STANDINS/$2.csv" "$4"
echo "{\\"kind\\": \\"$2\\", \\"rows\\": 7}" >"${4%.csv}.json"
"""
ONE_GPU = ["dram.csv", "elementwise.csv", "gemm.csv", "ctx_attn.csv", "gen_attn.csv", "moe.csv", "quant.csv"]


class Run(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.standins = Path(folder.name)
        for name, text in (("nvidia-smi", SMI), ("nvcc", NVCC), ("dram", DRAM_PROGRAM), ("python", PYTHON)):
            (cls.standins / name).write_text(text)
            (cls.standins / name).chmod(0o755)
        (cls.standins / "dram.csv").write_text(DRAM)
        for kind in ("gemm", "ctx_attn", "gen_attn", "moe", "quant", "elementwise", "comm"):
            first = measured(kind).splitlines(keepends=True)[:41]  # a header, 20 points warm and cold
            (cls.standins / f"{kind}.csv").write_text("".join(first))

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = Path(folder.name)
        shutil.copytree(MEASURE, self.tree / "tools/measure")
        self.out = self.tree / "tests/validation/measured/nvidia-test-gpu-80-gb"
        self.calls = self.tree / "calls"

    def run_it(self, *words: str, **environment: str):
        self.calls.write_text("")
        path = f"{self.standins}:{os.environ['PATH']}"
        done = ran(self.tree / "tools/measure/run", *words, env={
            "PATH": path, "STANDINS": str(self.standins), "CALLS": str(self.calls), "PYTHON": str(self.standins / "python"),
            "REAL_PYTHON": sys.executable, "BROKEN": "", **environment})
        return done.returncode, done.stderr

    def there(self) -> list[str]:
        return sorted(path.name for path in self.out.glob("*")) + sorted(path.name for path in self.out.glob(".*"))

    def kernels_run(self) -> list[str]:
        return [line.split()[2] for line in self.calls.read_text().splitlines() if line.startswith("kernels ")]

    def test_measures_all_then_nothing_again(self):
        code, told = self.run_it()
        self.assertEqual(code, 0, told)
        self.assertEqual(self.there(), sorted(ONE_GPU + ["manifest.json"]))
        self.assertEqual((self.out / "gemm.csv").read_text(), (self.standins / "gemm.csv").read_text())
        code, told = self.run_it()
        self.assertEqual((code, self.kernels_run()), (0, []), told)
        self.assertIn("gemm: there already", told)
        self.assertNotIn("dram", self.calls.read_text())

    def test_the_manifest_says_on_what_and_how(self):
        self.assertEqual(self.run_it("--only", "dram,quant")[0], 0)
        self.assertEqual(self.there(), ["dram.csv", "manifest.json", "quant.csv"])
        files = json.loads((self.out / "manifest.json").read_text())["files"]
        self.assertEqual(sorted(files), ["dram.csv", "quant.csv"])
        self.assertEqual(files["dram.csv"]["nvcc"], "13.0")
        self.assertEqual(files["dram.csv"]["device"]["name"], "NVIDIA Test GPU")
        gpu = files["quant.csv"]["gpu_after"]
        self.assertEqual((gpu["name"], gpu["driver_version"], gpu["persistence_mode"]), ("NVIDIA Test GPU (80 GB)", "2", "18"))
        self.assertEqual(files["quant.csv"]["meanwhile"]["watts"], {"least": 400.5, "median": 525.5, "most": 650.5})
        self.assertRegex(files["quant.csv"]["measured"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_an_old_driver_is_asked_one_by_one(self):
        self.assertEqual(self.run_it("--only", "quant", OLD_DRIVER="1")[0], 0)
        files = json.loads((self.out / "manifest.json").read_text())["files"]
        self.assertEqual(files["quant.csv"]["gpu_after"], {"name": "NVIDIA Test GPU (80 GB)", "driver_version": "580.1"})

    def test_the_time_is_shared_out(self):
        self.assertEqual(self.run_it("--seconds", "1000")[0], 0)
        lines = [line.split() for line in self.calls.read_text().splitlines() if " --seconds " in line]
        seconds = {line[2] if line[0] == "kernels" else "dram": int(line[line.index("--seconds") + 1]) for line in lines}
        self.assertEqual(len(seconds), 7)
        # dram has 21 of 100 parts of the time, and 8 s less for its start; gemm then 30 of 79 of what is left
        self.assertAlmostEqual(seconds["dram"], 1000 * 21 / 100 - 8, delta=1)
        self.assertAlmostEqual(seconds["gemm"], 1000 * 30 / 79 - 8, delta=15)
        self.assertLessEqual(max(seconds.values()), 1000)

    def test_what_is_broken_is_not_taken_and_the_rest_is(self):
        for broken in ("gemm", "dram"):
            with self.subTest(broken):
                shutil.rmtree(self.out, ignore_errors=True)
                code, told = self.run_it("--only", "dram,gemm,moe", BROKEN=broken)
                self.assertEqual(code, 1)
                self.assertRegex(told.splitlines()[-1], f"not in order .*: {broken}$")
                self.assertEqual(self.there(), sorted({"dram.csv", "gemm.csv", "moe.csv", "manifest.json"} - {f"{broken}.csv"}))
                self.assertNotIn(f"{broken}.csv", json.loads((self.out / "manifest.json").read_text())["files"])
                code, told = self.run_it("--only", "dram,gemm,moe")  # mended: only that is measured
                self.assertEqual((code, self.kernels_run()), (0, [broken] if broken == "gemm" else []), told)
                self.assertEqual(self.there(), ["dram.csv", "gemm.csv", "manifest.json", "moe.csv"])

    def test_collectives_where_there_are_several_gpus(self):
        self.assertEqual(self.run_it("--only", "comm", GPUS="2")[0], 0)
        self.assertEqual(self.there(), ["comm.csv", "manifest.json"])
        shutil.rmtree(self.out)
        self.assertEqual(self.run_it(GPUS="4")[0], 0)
        self.assertIn("comm.csv", self.there())

    def test_words_it_does_not_know(self):
        for words, told in ((["--fast"], "found --fast"), (["--seconds"], "found nothing after --seconds"),
                            (["--only", "gem"], "found gem after --only"), (["--seconds", "soon"], "found soon")):
            code, error = self.run_it(*words)
            self.assertEqual(code, 2)
            self.assertIn(told, error)
        self.assertFalse(self.out.exists())

    def test_a_gpu_that_is_not_there(self):
        code, told = self.run_it("--gpu", "9")
        self.assertEqual(code, 1)
        self.assertIn("nvidia-smi knows no GPU 9: No devices were found", told)
        self.assertFalse((self.tree / "tests").exists())


if __name__ == "__main__":
    unittest.main()
