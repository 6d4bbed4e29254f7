"""The designed grid of kernels: its columns, that it is the same everywhere, and that it covers what it should."""
import csv
import gzip
import hashlib
import io
import os
import random
import unittest

from common import KERNELS, TREE, dry_run

import columns
import grid
import routing

HEADERS = {  # as the reference data has them, then what is measured besides
    "gemm": "dtype,m,n,k,us,library,repeats,spread,residency",
    "ctx_attn": "attn_dtype,kv_dtype,hd,nh,nkv,b,isl,us,library,repeats,spread,residency",
    "gen_attn": "attn_dtype,kv_dtype,hd,nh,nkv,b,kv_len,us,library,repeats,spread,residency",
    "moe": "dtype,dist,h,i,topk,e,tp,ep,tok,us,library,repeats,spread,residency",
    "quant": "op,quant_dtype,m,k,us,library,repeats,spread,residency",
    "elementwise": "op,dtype,m,k,us,library,repeats,spread,residency",
    "comm": "sys,op,dtype,gpus,elems,us,impl,repeats,spread,residency",
}
REFERENCE = {"gemm": "h100_sxm_gemm", "ctx_attn": "h100_sxm_ctx_attn", "gen_attn": "h100_sxm_gen_attn",
             "moe": "h100_sxm_moe", "quant": "h100_sxm_quant", "comm": "comm_a100"}
# Of the points of seed 1, all kinds: who changes the grid on purpose writes the new one here.
DIGEST = "43e6eb401d44dfbb0c869ea7f5a9dbd08500578862df24ad06740ae715d5b111"


def points(kind: str, seed: int = 1) -> list[dict]:
    return grid.points(kind, seed)


class Columns(unittest.TestCase):
    def test_headers(self):
        for kind in KERNELS:
            self.assertEqual(dry_run(kind).splitlines()[0], HEADERS[kind])

    def test_they_begin_as_those_of_the_reference_data_do(self):
        folder = os.environ.get("WORDLINE_REFERENCE", TREE.parent / "shared" / "reference")
        found = [(kind, file) for kind, start in REFERENCE.items()
                 for file in sorted((TREE / folder / "kernels").glob(f"{start}*.csv.gz"))]
        if not found:
            self.skipTest("the reference data is not there")
        for kind, file in found:
            with gzip.open(file, "rt") as text:
                header = text.readline().strip().split(",")
            self.assertEqual(header, columns.COLUMNS[kind][:len(header)], file.name)

    def test_the_grid_gives_each_column_that_says_what_is_measured(self):
        for kind in KERNELS:
            for point in points(kind):
                self.assertEqual(list(point), columns.inputs(kind))


class Same(unittest.TestCase):
    def test_in_another_process_with_other_hashes(self):
        for kind in KERNELS:
            self.assertEqual(dry_run(kind, PYTHONHASHSEED="1"), dry_run(kind, PYTHONHASHSEED="2"))

    def test_on_every_machine(self):
        text = repr([points(kind) for kind in KERNELS])
        self.assertEqual(hashlib.sha256(text.encode()).hexdigest(), DIGEST)

    def test_another_seed_is_another_grid(self):
        for kind in KERNELS:
            self.assertNotEqual(points(kind, 1), points(kind, 2))

    def test_no_point_twice(self):
        for kind in KERNELS:
            found = [tuple(point.values()) for point in points(kind)]
            self.assertEqual(len(found), len(set(found)), kind)

    def test_every_point_warm_and_cold(self):
        for kind in KERNELS:
            rows = list(csv.DictReader(io.StringIO(dry_run(kind))))
            wanted = [(*(str(v) for v in point.values()), r) for point in points(kind)
                      for r in (("warm",) if kind == "comm" else ("warm", "cold"))]
            self.assertEqual([(*(row[c] for c in columns.inputs(kind)), row["residency"]) for row in rows], wanted)


class Coverage(unittest.TestCase):
    def bins(self, values, base: int, count: int):
        """Of `count` bins, each `base` times as wide as the one before, which hold none of the values?"""
        held = {i for value in values for i in range(count) if base**i <= value < base**(i + 1)}
        return sorted(set(range(count)) - held)

    def test_gemm_from_small_to_large_in_every_tenth_of_the_order(self):
        found = points("gemm")
        tenth = len(found) // 10
        for start in range(0, 10 * tenth, tenth):
            part = found[start:start + tenth]
            self.assertEqual(self.bins([p["m"] for p in part], 8, 5), [])
            for size in "nk":
                self.assertEqual(self.bins([p[size] / 16 for p in part], 8, 4), [], size)

    def test_gemm_has_each_layer_each_dtype_and_what_is_awkward(self):
        found = points("gemm")
        self.assertEqual({p["dtype"] for p in found}, {"bfloat16", "float16", "fp8", "fp8_static"})
        shapes = {(p["n"], p["k"]) for p in found}
        for tp in grid.TP:
            self.assertEqual(set(grid.layers(tp)) - shapes, set())
        self.assertIn((6144, 4096), shapes)   # Llama-3.1-8B: queries, keys and values
        self.assertIn((28672, 8192), set(grid.layers(2)))  # Llama-3.1-70B on two: gate and up
        self.assertTrue({1, 127, 128, 129, 1023, 1025} <= {p["m"] for p in found})
        self.assertGreaterEqual(sum(p["k"] % 2 for p in found), 10)
        self.assertGreaterEqual(sum(p["n"] % 8 != 0 for p in found), 10)
        self.assertFalse([p for p in found if p["dtype"].startswith("fp8") and (p["n"] % 16 or p["k"] % 16)])

    def test_sizes_stay_within_a_call_of_milliseconds_and_gigabytes(self):
        for p in points("gemm"):
            self.assertLessEqual(2 * p["m"] * p["n"] * p["k"], 2**42)
        for p in points("gen_attn"):
            self.assertLessEqual(4 * p["b"] * p["kv_len"] * p["nkv"] * p["hd"], 2**32)
        for p in points("ctx_attn"):
            self.assertLessEqual(2 * p["b"] * p["isl"]**2 * p["nh"] * p["hd"], 2**42)
        for p in points("moe"):
            self.assertLessEqual(6 * p["h"] * (p["i"] // p["tp"]) * (p["e"] // p["ep"]), 2**32)

    def test_attention(self):
        for kind, length, longest in (("ctx_attn", "isl", 5), ("gen_attn", "kv_len", 5)):
            found = points(kind)
            self.assertEqual({(p["attn_dtype"], p["kv_dtype"]) for p in found},
                             {("bfloat16", "bfloat16"), ("bfloat16", "fp8"), ("fp8", "fp8")})
            self.assertEqual({(p["nh"], p["nkv"], p["hd"]) for p in found}, set(grid.heads()))
            self.assertEqual(self.bins([p[length] for p in found], 8, longest), [], kind)
            self.assertEqual(self.bins([p["b"] for p in found], 4, 4), [], kind)
            self.assertTrue(all(p["nh"] % p["nkv"] == 0 for p in found))

    def test_moe_has_each_model_both_distributions_and_few_and_many_tokens(self):
        found = points("moe")
        self.assertEqual({(p["h"], p["i"], p["topk"], p["e"]) for p in found}, set(grid.MOES.values()))
        self.assertEqual({p["dist"] for p in found}, {"balanced", "power_law_1.2"})
        self.assertEqual(self.bins([p["tok"] for p in found], 8, 5), [])
        self.assertTrue(all(p["e"] % p["ep"] == 0 and p["i"] % p["tp"] == 0 for p in found))

    def test_rest(self):
        self.assertEqual({p["op"] for p in points("quant")}, {"compute_scale", "scale_matrix"})
        self.assertEqual({p["op"] for p in points("elementwise")}, set(grid.ELEMENTWISE))
        self.assertEqual({(p["op"], p["dtype"], p["gpus"]) for p in points("comm")},
                         {(o, d, g) for o in ("all_reduce", "all_gather", "reduce_scatter", "alltoall")
                          for d in ("half", "int8") for g in (2, 4, 8)})
        for kind in ("quant", "elementwise"):
            self.assertEqual(self.bins([p["m"] for p in points(kind)], 8, 5), [], kind)

    def test_strata_have_one_point_in_each_slice_of_each_dimension(self):
        found = grid.strata(random.Random(3), 50, 3)
        for dimension in range(3):
            self.assertEqual(sorted(int(point[dimension] * 50) for point in found), list(range(50)))


class Routing(unittest.TestCase):
    def test_each_token_meets_topk_experts_and_none_twice(self):
        for dist in ("balanced", "power_law_1.2"):
            for tok, topk, e in ((1, 8, 128), (3, 2, 8), (100, 8, 256), (1000, 1, 16)):
                loads, tokens = routing.routed(dist, tok, topk, e, 1, 1)
                self.assertEqual([tokens.count(t) for t in range(tok)], [topk] * tok)
                at = 0
                for load in loads:
                    self.assertEqual(len(set(tokens[at:at + load])), load)
                    at += load

    def test_balanced_is_even_over_experts_and_chips(self):
        self.assertEqual(routing.loads("balanced", 64, 8, 128, random.Random(1)), [4] * 128)
        self.assertEqual(routing.routed("balanced", 1, 8, 128, 8, 1)[0].count(1), 1)  # one of 8 experts on each of 8 chips

    def test_a_power_law_is_not(self):
        loads = sorted(routing.loads("power_law_1.2", 1000, 8, 128, random.Random(1)))
        self.assertGreater(sum(loads[-13:]), sum(loads) / 3)  # the busiest tenth
        self.assertEqual(sum(loads), 8000)

    def test_the_busiest_chip_is_taken(self):
        loads, tokens = routing.routed("power_law_1.2", 500, 8, 128, 8, 1)
        self.assertEqual((len(loads), sum(loads)), (16, len(tokens)))
        self.assertGreaterEqual(len(tokens), 500)  # at least an eighth of all 4000


if __name__ == "__main__":
    unittest.main()
