"""The kernels' arithmetic on a processor, where PyTorch 2.3 or above is installed (elsewhere skipped): what is timed is what
the names say. The grouped and scaled products, and attention, which processors lack, are played by plain loops."""
import contextlib
import sys
import types
import unittest

import common  # noqa: F401  (finds tools/measure)

try:
    import torch
    import torch.nn.attention
except ImportError:
    print("PyTorch 2.3 or above is not installed: the kernels' arithmetic is not checked")
    sys.exit(77)

import operands
import routing
from kernels_attention import Attention
from kernels_elementwise import Elementwise, rms_norm, rope
from kernels_gemm import Gemm
from kernels_moe import Moe
from kernels_quant import Quant, quantise


def grouped(x, w, offs, *_):
    parts, start = [], 0
    for expert, end in enumerate(offs.tolist()):
        parts.append(x[start:end].float() @ w[expert].float())
        start = end
    assert start == x.shape[0]
    return torch.cat(parts).to(torch.bfloat16)


def scaled_grouped(x, w, row_scales, column_scales, offs, out_dtype):
    assert row_scales.shape == (x.shape[0],) and column_scales.shape == (w.shape[0], w.shape[2])
    return (grouped(x, w, offs).float() * row_scales[:, None]).to(out_dtype)


def scaled(x, w, scale_a, scale_b, out_dtype, use_fast_accum):
    assert scale_a.numel() == scale_b.numel() == 1 and scale_a.dtype == torch.float32
    return ((x.float() * scale_a) @ (w.float() * scale_b)).to(out_dtype)


def attention(q, k, v, is_causal, enable_gqa):
    assert enable_gqa == (q.shape[1] != k.shape[1])
    k, v = (x.float().repeat_interleave(q.shape[1] // x.shape[1], 1) for x in (k, v))
    scores = q.float() @ k.transpose(2, 3) / q.shape[3] ** 0.5
    if is_causal:
        scores = scores.masked_fill(torch.ones(scores.shape[2:]).triu(1).bool(), float("-inf"))
    return (scores.softmax(-1) @ v).to(q.dtype)


class Kernels(unittest.TestCase):
    def setUp(self):
        for owner, name, stand_in in ((torch, "_grouped_mm", grouped), (torch, "_scaled_grouped_mm", scaled_grouped),
                                      (torch, "_scaled_mm", scaled),
                                      (torch.nn.functional, "scaled_dot_product_attention", attention),
                                      (torch.nn.attention, "sdpa_kernel", lambda allowed: contextlib.nullcontext())):
            before = getattr(owner, name, None)
            setattr(owner, name, stand_in)
            self.addCleanup(setattr, owner, name, before)
        self.bench = types.SimpleNamespace(torch=torch, device="cpu", seed=1, attention="torch.sdpa",
                                           pools=operands.Pools(torch, 1 << 22, device="cpu"),
                                           compiled=lambda function, example: function)

    def given(self, kernel, i: int) -> dict:
        return {name: x.float() for name, x in self.bench.pools.arena(i).take(kernel.sizes).items()}

    def close(self, found, wanted, share=0.02):
        self.assertEqual(found.shape, wanted.shape)
        self.assertLess(float((found.float() - wanted.float()).abs().max()), share * float(wanted.abs().max()))

    def test_gemm(self):
        for dtype, share in (("bfloat16", 0.02), ("fp8_static", 0.02), ("fp8", 0.1)):
            kernel = Gemm(self.bench, dict(dtype=dtype, m=5, n=32, k=48))
            x, w = self.given(kernel, 2).values()
            self.close(kernel.make(2)(), x @ w.t(), share)

    def test_quantisation(self):
        x = self.bench.pools.arena(0).take({"x": ((7, 128), torch.bfloat16)})["x"]
        narrow, scale = quantise(self.bench, x)
        self.assertEqual(float(narrow.float().abs().max()), 448)
        self.close(narrow.float() * scale, x, 0.07)  # three bits of mantissa
        for op in ("compute_scale", "scale_matrix"):
            self.assertEqual(Quant(self.bench, dict(op=op, m=7, k=128)).make(1)().numel(), 1 if op == "compute_scale" else 896)

    def test_moe(self):
        for dtype, share in (("bfloat16", 0.03), ("fp8", 0.15)):
            for ep in (1, 2):
                kernel = Moe(self.bench, dict(dtype=dtype, dist="power_law_1.2", h=64, i=32, topk=3, e=8, tp=1, ep=ep, tok=10))
                x, gate_up, down = self.given(kernel, 1).values()
                loads, tokens = routing.routed("power_law_1.2", 10, 3, 8, ep, 1)
                experts = [e for e, load in enumerate(loads) for _ in range(load)]
                wanted = torch.zeros(10, 64)
                for expert, token in zip(experts, tokens):
                    gate, up = (gate_up[expert] @ x[token]).chunk(2)
                    wanted[token] += down[expert] @ (torch.nn.functional.silu(gate) * up) / 3
                self.close(kernel.make(1)(), wanted, share)

    def test_attention(self):
        for nkv, point in ((2, dict(isl=17)), (8, dict(kv_len=17))):
            kernel = Attention(self.bench, dict(attn_dtype="bfloat16", kv_dtype="bfloat16", hd=64, nh=8, nkv=nkv, b=3, **point))
            q, k, v = (x.transpose(1, 2) for x in self.given(kernel, 1).values())
            self.assertEqual(kernel.library, "torch.sdpa")
            self.close(kernel.make(1)(), attention(q, k, v, "isl" in point, nkv != 8))
        with self.assertRaisesRegex(operands.DoesNotFit, "torch.sdpa: only 16 bits"):
            Attention(self.bench, dict(attn_dtype="bfloat16", kv_dtype="fp8", hd=64, nh=8, nkv=8, b=3, kv_len=16))

    def test_elementwise(self):
        for op, shapes in (("rms_norm", 1), ("add_rms_norm", 2), ("layer_norm", 1), ("silu_mul", 1), ("add", 1), ("copy", 1)):
            result = Elementwise(self.bench, dict(op=op, m=7, k=256)).make(3)()
            results = result if isinstance(result, tuple) else (result,)
            self.assertEqual([x.shape for x in results], [(7, 256)] * shapes, op)
        x = torch.tensor([[3.0, 4.0]])
        self.close(rms_norm(x, torch.ones(2)), x / 12.5 ** 0.5)
        turned = rope(torch.tensor([[[1.0, 0.0]]]), torch.tensor([[[0.6]]]), torch.tensor([[[0.8]]]))
        self.close(turned, torch.tensor([[[0.6, 0.8]]]))


if __name__ == "__main__":
    unittest.main()
