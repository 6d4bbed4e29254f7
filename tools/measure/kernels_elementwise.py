"""Norms, rotary embedding, activation, addition, copy, over m tokens of width k, in bfloat16.

What torch has as one kernel (layer_norm, add, copy) is torch's own; the rest is fused by torch.compile, as engines do.
"""
import torch

from operands import copies

HEAD = 128  # size of a head that rope turns
TINY = 1e-6


def rms_norm(x, weight):
    wide = x.float()
    return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + TINY)).to(x.dtype) * weight


def add_rms_norm(x, residual, weight):
    total = x + residual
    return rms_norm(total, weight), total


def rope(x, cos, sin):
    """x: (m, heads, HEAD); cos and sin: (m, 1, HEAD / 2). The halves of a head are turned, as in Llama."""
    low, high = x.float().chunk(2, dim=-1)
    return torch.cat((low * cos - high * sin, high * cos + low * sin), dim=-1).to(x.dtype)


def silu_mul(gate_up):
    gate, up = gate_up.chunk(2, dim=-1)
    return torch.nn.functional.silu(gate) * up


COMPILED = {"rms_norm": rms_norm, "add_rms_norm": add_rms_norm, "rope": rope, "silu_mul": silu_mul}


def operands(op: str, m: int, k: int) -> dict:
    """name -> (shape, dtype), in the order of the operation's parameters. k of silu_mul: the width of its result."""
    matrix, vector = ((m, k), torch.bfloat16), ((k,), torch.bfloat16)
    angles = ((m, 1, HEAD // 2), torch.float32)
    return {
        "rms_norm": {"x": matrix, "weight": vector},
        "add_rms_norm": {"x": matrix, "residual": matrix, "weight": vector},
        "layer_norm": {"x": matrix, "weight": vector, "bias": vector},
        "rope": {"x": ((m, max(k // HEAD, 1), HEAD), torch.bfloat16), "cos": angles, "sin": angles},
        "silu_mul": {"gate_up": ((m, 2 * k), torch.bfloat16)},
        "add": {"x": matrix, "y": matrix},
        "copy": {"x": matrix},
    }[op]


class Elementwise:
    def __init__(self, bench, point):
        m, k = point["m"], point["k"]
        self.bench, self.op, self.k = bench, point["op"], k
        self.library = "torch.compile" if self.op in COMPILED else "torch"
        self.sizes = operands(self.op, m, k)
        self.copies = copies(bench.pools, self.sizes, 4 * m * k)

    def work(self):
        if self.op in COMPILED:
            example = operands(self.op, 4096, 4096)
            return self.bench.compiled(COMPILED[self.op], lambda: self.bench.pools.arena(0).take(example).values())
        return {
            "layer_norm": lambda x, weight, bias: torch.nn.functional.layer_norm(x, (self.k,), weight, bias, TINY),
            "add": torch.add,
            "copy": torch.clone,
        }[self.op]

    def make(self, i: int):
        given = tuple(self.bench.pools.arena(i).take(self.sizes).values())
        work = self.work()
        return lambda: work(*given)
