"""The loads of tools/measure/power.py and how its samples become watts, without a GPU."""
import contextlib
import csv
import io
import sys
import unittest
from pathlib import Path
from unittest import mock

import common  # noqa: F401  finds tools/measure
import power
import power_loads


class Loads(unittest.TestCase):
    def test_each_has_a_name_of_its_own_and_something_to_do(self):
        loads = power_loads.planned()
        self.assertEqual(len({load.name for load in loads}), len(loads))
        for load in loads:
            self.assertNotEqual(load.idle, callable(load.make), load.name)
            self.assertGreater(load.calls, 0)

    def test_amounts_of_a_product_are_its_shape(self):
        load = {load.name: load for load in power_loads.planned()}["gemm_m64"]
        self.assertEqual(load.flops, 2 * 64 * 8192 * 8192 * 32)
        self.assertEqual(load.bytes, 32 * 2 * (8192 * 8192 + 2 * 64 * 8192))

    def test_they_are_those_that_were_measured(self):
        file = Path(__file__).parents[1] / "validation/measured/nvidia-h100-80gb-hbm3/power.csv"
        with open(file, newline="", encoding="utf-8") as table:
            rows = list(csv.DictReader(table))
        self.assertEqual(list(rows[0]), power_loads.COLUMNS)
        self.assertEqual([row["load"] for row in rows], [load.name for load in power_loads.planned()])


class Samples(unittest.TestCase):
    @staticmethod
    def meter(watts):
        """100 samples a second of a counter that moves every 100 ms."""
        meter = power.Meter.__new__(power.Meter)
        meter.samples = [(i / 100, watts * (i // 10) / 10, watts, 1980, 2619, 40, 4 * (i == 50)) for i in range(300)]
        return meter

    def test_the_counter_is_read_where_it_moves(self):
        found = self.meter(250).between(0.33, 2.71)
        self.assertAlmostEqual(found["watts"], 250, 6)
        self.assertAlmostEqual(found["watts_instant"], 250, 6)
        self.assertEqual(found["throttle"], "0x4")

    def test_too_few_samples_are_refused(self):
        with self.assertRaisesRegex(RuntimeError, "wanted 3"):
            self.meter(250).between(1.0, 1.01)


class Command(unittest.TestCase):
    def run_with(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with mock.patch.object(sys, "argv", ["power.py", *arguments]), contextlib.redirect_stdout(out), \
                contextlib.redirect_stderr(err):
            return power.main(), out.getvalue(), err.getvalue()

    def test_dry_run_lists_what_was_asked_for(self):
        code, out, _ = self.run_with("--dry-run", "--only", "l2,copy")
        self.assertEqual(code, 0)
        self.assertEqual([line.split("\t")[0] for line in out.splitlines()], ["copy", "l2"])

    def test_unknown_loads_and_no_place_for_results_are_usage_errors(self):
        for arguments in (["--dry-run", "--only", "l3"], [], ["--out", "x.csv", "--seconds", "0.5"]):
            code, out, err = self.run_with(*arguments)
            self.assertEqual((code, out), (2, ""))
            self.assertIn("wanted", err)


if __name__ == "__main__":
    unittest.main()
