"""Warm and cold times, on a GPU that is simulated: a cache that knows which operands it holds, and known costs."""
import unittest
from types import SimpleNamespace

import common  # noqa: F401  (finds tools/measure)

import operands
import timing

HIT, MISS, FLUSH, START, LAUNCH = 2e-6, 5e-6, 90e-6, 3e-6, 20e-6


class SimulatedGpu:
    """A call on operands that are in the cache takes HIT, else MISS; the flush empties the cache. A graph costs START once,
    a call outside of one LAUNCH. Every third replay is a bit slower, as clocks change."""

    def __init__(self, hit=HIT, miss=MISS):
        self.hit, self.miss = hit, miss
        self.cache, self.replays, self.graphs = set(), 0, []

    def flush(self):
        self.cache.clear()
        return FLUSH

    def make(self, i: int):
        def call():
            seconds = self.hit if i in self.cache else self.miss
            self.cache.add(i)
            return seconds
        return call

    def once(self, call) -> float:
        return LAUNCH + call()

    def graph(self, calls):
        self.graphs.append(calls)

        def replay() -> float:
            self.replays += 1
            return START + sum(call() for call in calls) * (1.01 if self.replays % 3 == 0 else 1)
        return replay


class Timer(unittest.TestCase):
    def test_warm_finds_its_operands_in_the_cache(self):
        gpu = SimulatedGpu()
        found = timing.Timer(gpu).warm(gpu.make)
        self.assertAlmostEqual(found.us, 2, delta=0.02 * 2 + START / 50 * 1e6)
        self.assertTrue(all(call is gpu.graphs[-1][0] for call in gpu.graphs[-1]))

    def test_cold_never_does_and_the_flush_is_not_in_it(self):
        gpu = SimulatedGpu()
        found = timing.Timer(gpu).cold(gpu.make, copies=1000)
        self.assertAlmostEqual(found.us, 5, delta=0.06)
        flush, *calls = gpu.graphs[-1]
        self.assertEqual(flush, gpu.flush)
        self.assertEqual(len(set(calls)), len(calls))  # each on operands of its own

    def test_cold_takes_no_more_copies_than_fit(self):
        gpu = SimulatedGpu()
        found = timing.Timer(gpu).cold(gpu.make, copies=3)
        self.assertEqual(len(gpu.graphs[-1]), 1 + 3)
        self.assertAlmostEqual(found.us, 5, delta=1.5)  # the flush of a slower replay is over three calls only

    def test_a_long_call_is_not_repeated_in_a_graph(self):
        gpu = SimulatedGpu(hit=4e-3, miss=5e-3)
        timer = timing.Timer(gpu)
        self.assertAlmostEqual(timer.warm(gpu.make).us, 4000, delta=50)
        self.assertEqual(len(gpu.graphs[-1]), 1)
        self.assertAlmostEqual(timer.cold(gpu.make, copies=9).us, 5000, delta=60)

    def test_repeats_and_spread(self):
        gpu = SimulatedGpu()
        found = timing.Timer(gpu, repeats=9).warm(gpu.make)
        self.assertEqual(found.repeats, 9)
        steady = timing.Timing([1e-6] * 7)
        self.assertEqual((steady.us, steady.spread), (1.0, 0.0))
        self.assertAlmostEqual(timing.Timing([1e-6, 2e-6, 3e-6, 4e-6, 5e-6]).spread, 2 / 3)


class Dtype:
    def __init__(self, itemsize: int):
        self.itemsize = itemsize


class Operands(unittest.TestCase):
    half, byte = Dtype(2), Dtype(1)

    def setUp(self):
        class Tensor(list):
            def numel(self):
                return len(self)

            def __getitem__(self, place):
                return Tensor(list.__getitem__(self, place))

            def view(self, shape):
                return SimpleNamespace(shape=shape, numbers=list(self))

        self.pools = SimpleNamespace(most_bytes=8192)
        self.pools.pool = lambda dtype: Tensor(range(8192 // dtype.itemsize))

    def test_no_two_operands_of_no_two_copies_overlap(self):
        sizes = {"x": ((3, 50), self.half), "w": ((40, 7), self.half), "s": ((5,), self.half)}
        many = operands.copies(self.pools, sizes)
        self.assertEqual(many, 8192 // (512 + 1024 + 512))
        taken = []
        for i in range(many):
            given = operands.Arena(self.pools, i).take(sizes)
            self.assertEqual({name: tensor.shape for name, tensor in given.items()}, {n: s for n, (s, _) in sizes.items()})
            taken += [number for tensor in given.values() for number in tensor.numbers]
        self.assertEqual(len(taken), len(set(taken)))
        with self.assertRaises(operands.DoesNotFit):
            operands.Arena(self.pools, many).take(sizes)

    def test_the_type_that_runs_out_first_decides_and_so_may_the_results(self):
        sizes = {"x": ((1024,), self.half), "w": ((1024,), self.byte)}
        self.assertEqual(operands.copies(self.pools, sizes), 4)
        self.assertEqual(operands.copies(self.pools, sizes, other_bytes=4096), 2)
        self.assertEqual(operands.copies(self.pools, {"x": ((8192,), self.half)}), 0)


if __name__ == "__main__":
    unittest.main()
