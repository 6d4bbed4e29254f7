"""Matrix products, as torch runs them: y (m x n) = x (m x k) times the transpose of w (n x k)."""
import torch

from kernels_quant import quantise
from operands import copies


class Gemm:
    """dtype bfloat16 and float16: torch.nn.functional.linear (cuBLAS). fp8_static: torch._scaled_mm of operands that are
    fp8 already, one scale a matrix. fp8: the same with the activations quantised first, as for a dynamic checkpoint."""

    def __init__(self, bench, point):
        self.bench, self.dtype = bench, point["dtype"]
        m, n, k = point["m"], point["n"], point["k"]
        given = {"bfloat16": torch.bfloat16, "fp8": torch.bfloat16, "float16": torch.float16,
                 "fp8_static": torch.float8_e4m3fn}[self.dtype]
        weights = torch.float8_e4m3fn if self.dtype.startswith("fp8") else given
        self.sizes = {"x": ((m, k), given), "w": ((n, k), weights)}
        result_bytes = 2 * m * n + (m * k if self.dtype == "fp8" else 0)
        self.copies = copies(bench.pools, self.sizes, result_bytes)
        self.one = torch.ones((), dtype=torch.float32, device=bench.device)
        self.library = {"fp8": "torch._scaled_mm+quantise", "fp8_static": "torch._scaled_mm"}.get(self.dtype, "torch.linear")

    def make(self, i: int):
        given = self.bench.pools.arena(i).take(self.sizes)
        x, w = given["x"], given["w"]
        if not self.dtype.startswith("fp8"):
            return lambda: torch.nn.functional.linear(x, w)

        def product(x, scale):
            return torch._scaled_mm(x, w.t(), scale_a=scale, scale_b=self.one, out_dtype=torch.bfloat16, use_fast_accum=True)
        if self.dtype == "fp8_static":
            return lambda: product(x, self.one)
        return lambda: product(*quantise(self.bench, x))
