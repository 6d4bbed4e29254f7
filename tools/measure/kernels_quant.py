"""Quantisation to fp8 with one scale a matrix: finding the scale (torch's own reduction), and scaling (torch.compile)."""
import torch

from operands import copies

LARGEST = 448.0  # of float8_e4m3fn


def compute_scale(x):
    """The scale (float32, no dimension) that brings the largest magnitude of x to LARGEST."""
    return torch.linalg.vector_norm(x, float("inf"), dtype=torch.float32) / LARGEST


def scale_matrix(x, scale):
    return (x.float() / scale).clamp(-LARGEST, LARGEST).to(torch.float8_e4m3fn)


def compiled_scale_matrix(bench):
    return bench.compiled(scale_matrix, lambda: (bench.example(4096, 4096), compute_scale(bench.example(4096, 4096))))


def quantise(bench, x):
    """(x in fp8, its scale)."""
    scale = compute_scale(x)
    return compiled_scale_matrix(bench)(x, scale), scale


class Quant:
    def __init__(self, bench, point):
        m, k = point["m"], point["k"]
        self.bench, self.op = bench, point["op"]
        self.library = "torch" if self.op == "compute_scale" else "torch.compile"
        self.sizes = {"x": ((m, k), torch.bfloat16)}
        self.copies = copies(bench.pools, self.sizes, m * k)
        self.scale = torch.ones((), dtype=torch.float32, device=bench.device)

    def make(self, i: int):
        x = self.bench.pools.arena(i).take(self.sizes)["x"]
        if self.op == "compute_scale":
            return lambda: compute_scale(x)
        work = compiled_scale_matrix(self.bench)
        return lambda: work(x, self.scale)
