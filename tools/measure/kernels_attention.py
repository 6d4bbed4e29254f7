"""Attention of new prompts (causal) and of one new token a sequence, with the best library that is installed.

Each library is a function (bench, point shapes) -> a call, or raises DoesNotFit for what it can't do. Layouts: q is
(batch, tokens, heads, head size), k and v (batch, KV length, KV heads, head size).
"""
import importlib

import torch
import torch.nn.attention

from operands import DoesNotFit, copies

DTYPES = {"bfloat16": torch.bfloat16, "fp8": torch.float8_e4m3fn}


def installed(name: str):
    try:
        return importlib.import_module(name)
    except (ImportError, OSError):
        return None


def flash_attn_3(q, k, v, decode: bool):
    """flash-attention 3, for Hopper; fp8 only throughout."""
    if q.dtype != k.dtype:
        raise DoesNotFit("flash_attn_interface: query and KV cache in different types")
    library = installed("flash_attn_interface")
    if decode:
        lengths = torch.full((k.shape[0],), k.shape[1], dtype=torch.int32, device=k.device)
        return lambda: library.flash_attn_with_kvcache(q, k, v, cache_seqlens=lengths, causal=True)
    return lambda: library.flash_attn_func(q, k, v, causal=True)


def flash_attn_2(q, k, v, decode: bool):
    if q.dtype != torch.bfloat16 or k.dtype != torch.bfloat16:
        raise DoesNotFit("flash_attn: only 16 bits")
    library = installed("flash_attn")
    if decode:
        lengths = torch.full((k.shape[0],), k.shape[1], dtype=torch.int32, device=k.device)
        return lambda: library.flash_attn_with_kvcache(q, k, v, cache_seqlens=lengths, causal=True)
    return lambda: library.flash_attn_func(q, k, v, causal=True)


PAGE = 16  # tokens a page, as vLLM's default
PLANNED = {}  # flashinfer's scratch memory, and its plan for the last shape: one plan serves all copies of the operands


def planned(shape, device, make):
    """make(scratch memory) -> a planned wrapper, made anew only where the shape is not the last one's."""
    if "scratch" not in PLANNED:
        PLANNED["scratch"] = torch.empty(256 << 20, dtype=torch.uint8, device=device)
    if PLANNED.get("shape") != shape:
        PLANNED["wrapper"], PLANNED["shape"] = make(PLANNED["scratch"]), shape
    return PLANNED["wrapper"]


def flashinfer(q, k, v, decode: bool):
    """Decode on pages of 16 tokens, which lie in order; prompts as ragged batches. KV may be fp8 while q is not."""
    library = installed("flashinfer")
    batch, tokens, nh, hd = q.shape
    length, nkv = k.shape[1], k.shape[2]
    shape = (decode, q.shape, k.shape, q.dtype, k.dtype)

    def starts(each: int):
        return torch.arange(batch + 1, dtype=torch.int32, device=q.device) * each

    if decode:
        if length % PAGE:
            raise DoesNotFit(f"flashinfer: KV length is no multiple of {PAGE}")
        pages = length // PAGE

        def plan(scratch):
            wrapper = library.BatchDecodeWithPagedKVCacheWrapper(scratch, "NHD", use_tensor_cores=nh // nkv >= 4)
            order = torch.arange(batch * pages, dtype=torch.int32, device=q.device)
            last = torch.full((batch,), PAGE, dtype=torch.int32, device=q.device)
            wrapper.plan(starts(pages), order, last, nh, nkv, hd, PAGE, q_data_type=q.dtype, kv_data_type=k.dtype)
            return wrapper
        wrapper = planned(shape, q.device, plan)
        cache = tuple(x.view(batch * pages, PAGE, nkv, hd) for x in (k, v))
        one_token = q.view(batch, nh, hd)
        return lambda: wrapper.run(one_token, cache)
    if q.dtype != k.dtype:
        raise DoesNotFit("flashinfer: prompts with query and KV in different types")

    def plan(scratch):
        wrapper = library.BatchPrefillWithRaggedKVCacheWrapper(scratch, "NHD")
        wrapper.plan(starts(tokens), starts(tokens), nh, nkv, hd, causal=True, q_data_type=q.dtype)
        return wrapper
    wrapper = planned(shape, q.device, plan)
    flat = [x.reshape(-1, *x.shape[2:]) for x in (q, k, v)]
    return lambda: wrapper.run(*flat)


def torch_sdpa(q, k, v, decode: bool):
    if q.dtype != torch.bfloat16 or k.dtype != torch.bfloat16:
        raise DoesNotFit("torch.sdpa: only 16 bits")
    q, k, v = (x.transpose(1, 2) for x in (q, k, v))  # torch wants heads before tokens
    shared = q.shape[1] != k.shape[1]
    backends = torch.nn.attention.SDPBackend
    allowed = [backends.FLASH_ATTENTION, backends.CUDNN_ATTENTION]  # never the one that writes all scores to memory

    def call():
        with torch.nn.attention.sdpa_kernel(allowed):
            return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=not decode, enable_gqa=shared)
    return call


LIBRARIES = {"flash_attn_interface": flash_attn_3, "flash_attn": flash_attn_2, "flashinfer": flashinfer,
             "torch.sdpa": torch_sdpa}


class Attention:
    """`bench.attention` names the library, or is "auto": the first one of LIBRARIES that is installed and can do it."""

    def __init__(self, bench, point):
        self.bench, self.decode = bench, "kv_len" in point
        batch, length = point["b"], point["kv_len" if self.decode else "isl"]
        tokens = 1 if self.decode else length
        nh, nkv, hd = point["nh"], point["nkv"], point["hd"]
        query, cache = DTYPES[point["attn_dtype"]], DTYPES[point["kv_dtype"]]
        kv = ((batch, length, nkv, hd), cache)
        self.sizes = {"q": ((batch, tokens, nh, hd), query), "k": kv, "v": kv}
        self.copies = copies(bench.pools, self.sizes, 2 * batch * tokens * nh * hd)
        self.library = self.chosen()

    def chosen(self) -> str:
        wanted = LIBRARIES if self.bench.attention == "auto" else [self.bench.attention]
        reasons = []
        for name in wanted:
            if name != "torch.sdpa" and installed(name) is None:
                continue
            try:
                call = LIBRARIES[name](**self.bench.pools.arena(0).take(self.sizes), decode=self.decode)
                call()
                return name
            except Exception as error:  # libraries raise what they like
                words = (str(error).strip().splitlines() or [type(error).__name__])[0]
                reasons.append(words if words.startswith(name) else f"{name}: {words}")
        raise DoesNotFit("; ".join(reasons) or f"{self.bench.attention} is not installed")

    def make(self, i: int):
        return LIBRARIES[self.library](**self.bench.pools.arena(i).take(self.sizes), decode=self.decode)
