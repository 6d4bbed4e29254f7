"""check.py takes good CSVs, and tells file, line and column of each kind of fault."""
import sys
import tempfile
import unittest
from pathlib import Path

from common import KERNELS, MEASURE, dry_run, measured, ran

import check

GEMM = """dtype,m,n,k,us,library,repeats,spread,residency
bfloat16,16,4096,4096,9.1,torch.linear,7,0.0021,warm
bfloat16,16,4096,4096,14.2,torch.linear,7,0.0034,cold
fp8,16,4096,4096,8.8,torch._scaled_mm,7,0.0100,warm
fp8,16,4096,4096,11.5,torch._scaled_mm,7,0.0120,cold
"""
FAULTS = [  # what is changed in GEMM, into what; the line and the words that must be told
    ("dtype,m,n", "dtype,n,m", '1: column 2: found "n", wanted "m"'),
    ("library", "libary", '1: column 6: found "libary", wanted "library"; nearest: "library"'),
    (",residency\n", "\n", "1: found 8 columns, wanted 9: dtype,m,n,k,us,library,repeats,spread,residency"),
    (",9.1,", ",0,", '2: us: found "0", wanted a number above 0'),
    (",9.1,", ",-3,", '2: us: found "-3", wanted a number above 0'),
    (",9.1,", ",nan,", '2: us: found "nan", wanted a number above 0'),
    (",9.1,", ",inf,", '2: us: found "inf", wanted a number above 0'),
    (",9.1,", ",,", '2: us: found "", wanted a number above 0'),
    (",0.0021,", ",-0.1,", '2: spread: found "-0.1", wanted a number not below 0'),
    (",7,0.0021,", ",2,0.0021,", '2: repeats: found "2", wanted a whole number, 3 or more'),
    ("bfloat16,16,4096,4096,9.1", "bfloat16,0,4096,4096,9.1", '2: m: found "0", wanted a whole number, 1 or more'),
    ("bfloat16,16,4096,4096,9.1", "bfloat16,16.5,4096,4096,9.1", '2: m: found "16.5", wanted a whole number, 1 or more'),
    ("bfloat16,16,4096,4096,9.1", "bfloat61,16,4096,4096,9.1",
     '2: dtype: found "bfloat61", wanted one of bfloat16, float16, fp8, fp8_static; nearest: "bfloat16"'),
    ("0.0021,warm", "0.0021,hot", '2: residency: found "hot", wanted one of warm, cold'),
    ("torch.linear,7,0.0021", ",7,0.0021", "2: library: found nothing, wanted a name"),
    ("0.0034,cold", "0.0034,warm", "3: the same as line 2: bfloat16,16,4096,4096,torch.linear,warm"),
    ("bfloat16,16,4096,4096,14.2,torch.linear,7,0.0034,cold\n", "", "2: found only warm for bfloat16,16,4096,4096,torch.linear"),
    ("0.0021,warm", "0.0021,warm,1", "2: found 10 values, wanted 9"),
    ("0.0021", "0.9", "5: spread: above 0.2 in 1 of 4 rows, wanted at most 5% of them"),
    (GEMM[GEMM.index("\n") + 1:], "", "1: found no row"),
]
DRAM_FAULTS = [
    (",3012.4,", ",,", '2: gbps: found "", wanted a number above 0'),
    (",,,651.3", ",,100,651.3", '5: gbps: found "100", wanted nothing here'),
    ("1804.4,,803.1", ",,803.1", '6: load_gbps: found "", wanted a number above 0'),
    ("strided,read", "stridden,read", '3: pattern: found "stridden"'),
    ("half_reads", "reads", '4: direction: found "reads"'),
]


class Check(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def written(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def told(self, name: str, text: str, dry=False, noisy=0.2, noisy_share=0.05) -> list[str]:
        found = check.check(self.written(name, text), dry, noisy, noisy_share)
        return [line.replace(f"{self.folder}/", "") for line in found]

    def test_takes_what_is_good(self):
        self.assertEqual(self.told("gemm.csv", GEMM), [])
        for kind in ("dram", *KERNELS):
            self.assertEqual(self.told(f"{kind}.csv", measured(kind)), [], kind)

    def test_takes_dry_runs_only_as_such(self):
        for kind in KERNELS:
            self.assertEqual(self.told(f"{kind}.csv", dry_run(kind), dry=True), [], kind)
            self.assertIn(f"{kind}.csv:2: ", self.told(f"{kind}.csv", dry_run(kind))[0])
            self.assertIn(f"{kind}.csv:2: ", self.told(f"{kind}.csv", measured(kind), dry=True)[0])

    def test_tells_each_fault(self):
        dram = measured("dram")
        for name, text, faults in (("gemm.csv", GEMM, FAULTS), ("dram.csv", dram, DRAM_FAULTS)):
            for found, into, words in faults:
                self.assertIn(found, text)
                told = self.told(name, text.replace(found, into, 1))
                self.assertTrue(told and told[0].startswith(f"{name}:{words}"), (found, into, told))

    def test_noise_may_be_allowed(self):
        noisy = GEMM.replace("0.0021", "0.9")
        self.assertEqual(self.told("gemm.csv", noisy, noisy_share=0.25), [])
        self.assertEqual(self.told("gemm.csv", noisy, noisy=0.95), [])

    def test_a_name_that_is_no_kind(self):
        told, = self.told("gem.csv", GEMM)
        self.assertRegex(told, 'gem.csv:1: found the name "gem", wanted one of .*; nearest: "gemm"')

    def test_many_faults_are_not_all_told(self):
        told = self.told("gemm.csv", measured("gemm").replace(",12.5,", ",0,"))
        self.assertEqual(len(told), 21)
        self.assertRegex(told[-1], r"and \d+ more")

    def test_exit_codes(self):
        for text, words, code, out in ((GEMM, [], 0, "1 checked: all in order\n"), (GEMM, ["--dry-run"], 3, ":2: us: found"),
                                       (GEMM.replace("0.0021", "0.9"), ["--noisy-share=0.3"], 0, "all in order")):
            done = ran(sys.executable, MEASURE / "check.py", *words, self.written("gemm.csv", text))
            self.assertEqual(done.returncode, code, done.stdout)
            self.assertIn(out, done.stdout)
        done = ran(sys.executable, MEASURE / "check.py", self.folder / "moe.csv")
        self.assertEqual(done.returncode, 3)
        self.assertIn("No such file", done.stdout)


if __name__ == "__main__":
    unittest.main()
