"""How one kernel is timed: the same call many times in a CUDA graph, replayed several times; the median of the replays.

Warm: every call of the graph works on the same operands, which stay in L2 where they fit it. Cold: the graph first reads a
buffer of several times L2 from end to end, then each call works on operands of its own, which nothing has touched since; the
time of the flush, measured by a graph that holds nothing else, is taken off.

The GPU is asked through a small interface (GraphsOfTorch below), so that all of this is tested without one.
"""
import statistics

TARGET_SECONDS = 1.5e-3  # of one replay: long beside what starting a graph costs
MOST_CALLS = 100         # in one graph
REPEATS = 7


class Timing:
    """Microseconds of one call (median of `repeats` replays) and the interquartile range over the median."""

    def __init__(self, seconds: list[float]):
        self.us = statistics.median(seconds) * 1e6
        low, _, high = statistics.quantiles(seconds, n=4, method="inclusive")
        self.repeats = len(seconds)
        self.spread = (high - low) * 1e6 / self.us if self.us > 0 else float("inf")


class Timer:
    """`gpu` has graph(calls) -> a function that replays them and returns seconds, flush (a call), and once(call) -> seconds."""

    def __init__(self, gpu, repeats: int = REPEATS):
        self.gpu, self.repeats = gpu, repeats
        self.flush_replay = gpu.graph([gpu.flush])
        self.flush_replay()

    def calls_for(self, call, most: int) -> int:
        """How many calls make a replay of TARGET_SECONDS. The first two runs load, choose and compile kernels."""
        self.gpu.once(call), self.gpu.once(call)
        return max(1, min(most, MOST_CALLS, round(TARGET_SECONDS / max(self.gpu.once(call), 1e-6))))

    def warm(self, make) -> Timing:
        """`make(i)` gives the call on the i-th copy of its operands."""
        call = make(0)
        calls = self.calls_for(call, MOST_CALLS)
        replay = self.gpu.graph([call] * calls)
        replay()
        return Timing([replay() / calls for _ in range(self.repeats)])

    def cold(self, make, copies: int) -> Timing:
        """`copies`: how many copies of the operands there is room for, at least 1."""
        calls = self.calls_for(make(0), copies)
        replay = self.gpu.graph([self.gpu.flush] + [make(i) for i in range(calls)])
        replay()
        seconds = []
        for _ in range(self.repeats):  # side by side, so that a change of clocks meets both
            flush = self.flush_replay()
            seconds.append((replay() - flush) / calls)
        return Timing(seconds)


class GraphsOfTorch:
    """The interface that Timer wants, on the current CUDA device. All work of the process goes to one stream of its own,
    since the default stream can't be captured; all graphs share one memory pool, for only the latest and the flush run."""

    def __init__(self, torch):
        self.torch = torch
        torch.cuda.set_stream(torch.cuda.Stream())
        l2 = torch.cuda.get_device_properties(0).L2_cache_size
        self.flushed = torch.zeros(4 * l2 // 4, dtype=torch.float32, device="cuda")  # 4 x L2
        self.sum = torch.zeros((), dtype=torch.float32, device="cuda")
        self.start, self.stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        self.pool = torch.cuda.graph_pool_handle()

    def flush(self):
        self.torch.sum(self.flushed, dim=0, out=self.sum)

    def once(self, call) -> float:
        self.start.record()
        call()
        self.stop.record()
        self.stop.synchronize()
        return self.start.elapsed_time(self.stop) * 1e-3

    def graph(self, calls):
        """Captured by hand: torch.cuda.graph() collects garbage each time, which takes longer than what is measured."""
        same = all(call is calls[0] for call in calls)
        kept = []  # results of calls on different operands: no two of them may lie in the same place
        graph = self.torch.cuda.CUDAGraph()
        self.torch.cuda.synchronize()
        graph.capture_begin(pool=self.pool, capture_error_mode="thread_local")
        try:
            for call in calls:
                result = call()
                if not same:
                    kept.append(result)
        finally:
            graph.capture_end()
        return lambda: self.once(graph.replay)
