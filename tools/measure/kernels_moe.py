"""A layer of experts after its router: gather tokens, gate and up product, silu and product, down product, weighted sum.

The products are torch's grouped ones (torch._grouped_mm; fp8: torch._scaled_grouped_mm with a scale a row, activations
quantised on the way). Routing (top-k, sorting) is not in the time. tp cuts i, ep cuts e; the time is the busiest chip's,
without communication.
"""
import torch

import routing
from kernels_elementwise import silu_mul
from operands import DoesNotFit, copies

LARGEST = 448.0  # of float8_e4m3fn


def quantise_rows(x):
    """x in fp8 and the scale of each row."""
    wide = x.float()
    scale = wide.abs().amax(-1, keepdim=True).clamp(min=1e-12) / LARGEST
    return (wide / scale).to(torch.float8_e4m3fn), scale.squeeze(-1)


def weighted_sum(y, places, weights):
    """y: (rows, h); places and weights: (tok, topk). Row `places` of y, times its weight, summed over topk."""
    return (y[places].float() * weights[:, :, None]).sum(1).to(y.dtype)


class Moe:
    def __init__(self, bench, point):
        self.bench, self.fp8 = bench, point["dtype"] == "fp8"
        name = "_scaled_grouped_mm" if self.fp8 else "_grouped_mm"
        if not hasattr(torch, name):
            raise DoesNotFit(f"torch {torch.__version__} has no torch.{name}")
        self.library = f"torch.{name}"
        h, tok, topk, e, ep = (point[key] for key in ("h", "tok", "topk", "e", "ep"))
        i, local = point["i"] // point["tp"], e // ep
        loads, tokens = routing.routed(point["dist"], tok, topk, e, ep, bench.seed)
        weights = torch.float8_e4m3fn if self.fp8 else torch.bfloat16
        self.sizes = {"x": ((tok, h), torch.bfloat16), "gate_up": ((local, 2 * i, h), weights), "down": ((local, h, i), weights)}
        rows = len(tokens)
        self.copies = copies(bench.pools, self.sizes, 2 * (rows * (2 * h + 3 * i) + tok * h) + (rows * (h + i) if self.fp8 else 0))
        self.tokens = self.on_gpu(tokens, torch.int64)
        self.ends = self.on_gpu([sum(loads[:n + 1]) for n in range(local)], torch.int32)
        self.scales = [torch.ones((local, n), dtype=torch.float32, device=bench.device) for n in (2 * i, h)]
        places = [[] for _ in range(tok)]  # for each token, the rows that are its own
        for row, token in enumerate(tokens):
            places[token].append(row)
        own = [rows_of + [0] * (topk - len(rows_of)) for rows_of in places]
        self.places = self.on_gpu(own, torch.int64)
        self.weights = self.on_gpu([[1 / topk] * len(r) + [0.0] * (topk - len(r)) for r in places], torch.float32)

    def on_gpu(self, values, dtype):
        return torch.tensor(values, dtype=dtype, device=self.bench.device)

    def example(self, columns: int = 4096):
        return self.bench.example(4096, columns)

    def product(self, x, w, scale):
        """x: (rows, k), the rows of one expert after those of another; w: (experts, n, k) -> (rows, n)."""
        if not self.fp8:
            return torch._grouped_mm(x, w.transpose(1, 2), offs=self.ends)
        narrow, row_scales = self.bench.compiled(quantise_rows, lambda: (self.example(),))(x)
        return torch._scaled_grouped_mm(narrow, w.transpose(1, 2), row_scales, scale, offs=self.ends, out_dtype=torch.bfloat16)

    def make(self, i: int):
        given = self.bench.pools.arena(i).take(self.sizes)
        x, gate_up, down = given["x"], given["gate_up"], given["down"]
        activation = self.bench.compiled(silu_mul, lambda: (self.example(8192),))

        def example_of_sum():
            places = torch.arange(4096, device=x.device).view(-1, 2)
            return self.example(), places, torch.ones(places.shape, device=x.device)
        combine = self.bench.compiled(weighted_sum, example_of_sum)

        def call():
            inner = activation(self.product(x[self.tokens], gate_up, self.scales[0]))
            return combine(self.product(inner, down, self.scales[1]), self.places, self.weights)
        return call
