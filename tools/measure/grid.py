"""The designed grid of kernels: for each kind a list of points, each a dict of the columns that say what is measured.

Three parts each: sweeps along one size (steps of tiles and waves show), the layers of real models at several tensor
parallel degrees, and a space-filling rest, log-spaced and stratified. The order is shuffled, so that a run that ends early
covers all of it evenly. The same seed gives the same grid: only random.random() is used, which Python keeps stable.
"""
import math
import random

# hidden, intermediate, heads, KV heads, head size, vocabulary: the models' published config.json
MODELS = {
    "Qwen3-0.6B": (1024, 3072, 16, 8, 128, 151936),
    "Llama-3.1-8B": (4096, 14336, 32, 8, 128, 128256),
    "Qwen3-32B": (5120, 25600, 64, 8, 128, 151936),
    "Llama-3.1-70B": (8192, 28672, 64, 8, 128, 128256),
    "Llama-3.1-405B": (16384, 53248, 128, 8, 128, 128256),
}
# hidden, intermediate of one expert, experts of a token, experts: likewise
MOES = {
    "Qwen3-30B-A3B": (2048, 768, 8, 128),
    "Mixtral-8x7B": (4096, 14336, 2, 8),
    "Qwen3-235B-A22B": (4096, 1536, 8, 128),
    "Llama-4-Scout": (5120, 8192, 1, 16),
    "DeepSeek-V3": (7168, 2048, 8, 256),
}
TP = (1, 2, 4, 8)
POWERS = [2**i for i in range(15)]  # 1 to 16384
AWKWARD = [3, 5, 7, 12, 17, 24, 33, 48, 63, 65, 100, 127, 129, 192, 255, 257, 384, 511, 513, 1000, 1023, 1025, 2047, 2049,
           3000, 4095, 4097, 6000]
MOST_FLOPS = 2**42   # of one call: about 6 ms at 700 TFLOP/s
MOST_BYTES = 2**32   # of one call's operands


def log_uniform(unit: float, low: float, high: float) -> int:
    """A whole number between low and high, whose logarithm lies at `unit` (0 to 1) of the way."""
    return round(math.exp(math.log(low) + unit * (math.log(high) - math.log(low))))


def pick(unit: float, values):
    return values[min(int(unit * len(values)), len(values) - 1)]


def shuffled(rng: random.Random, items: list) -> list:
    return [item for _, _, item in sorted((rng.random(), i, item) for i, item in enumerate(items))]


def strata(rng: random.Random, count: int, dimensions: int):
    """`count` points of the unit cube, in each dimension one in each of `count` equal slices (a Latin hypercube)."""
    columns = [shuffled(rng, [(i + rng.random()) / count for i in range(count)]) for _ in range(dimensions)]
    return list(zip(*columns))


def rounded(value: int, unit: int) -> int:
    return max(unit, round(value / unit) * unit)


def layers(tp: int) -> list[tuple[int, int]]:
    """(n, k) of the weight matrices of MODELS on one of `tp` chips."""
    found = []
    for hidden, inner, heads, kv, size, vocabulary in MODELS.values():
        found += [((heads + 2 * max(kv, tp)) * size // tp, hidden), (hidden, heads * size // tp),
                  (2 * inner // tp, hidden), (hidden, inner // tp), (vocabulary // tp, hidden)]
    return found


def gemm(rng: random.Random) -> list[dict]:
    shapes = [(m, n, k) for n, k in layers(1)[5:9] for m in POWERS + AWKWARD]
    for tp in TP:
        shapes += [(pick(unit, POWERS + AWKWARD), n, k)
                   for n, k in layers(tp) for unit in (rng.random() * 0.5, rng.random())]
    for a, b, c in strata(rng, 400, 3):
        shapes.append((log_uniform(a, 1, 32768), rounded(log_uniform(b, 16, 65536), 16), rounded(log_uniform(c, 16, 65536), 16)))
    shapes += [(size, size, size) for size in POWERS if size >= 16]
    for a, b, c in strata(rng, 60, 3):  # no multiple of a tile, some not even of 8
        shapes.append((pick(a, AWKWARD), pick(b, AWKWARD[4:]) + 4096, pick(c, AWKWARD[4:]) + 2048))
    points = []
    for m, n, k in dict.fromkeys(shapes):
        if 2 * m * n * k > MOST_FLOPS or 2 * (m * n + n * k + m * k) > MOST_BYTES:
            continue
        dtypes = ["bfloat16", "float16"] if rng.random() < 0.25 else ["bfloat16"]
        if n % 16 == 0 and k % 16 == 0:  # what torch._scaled_mm takes
            dtypes += ["fp8", "fp8_static"]
        points += [dict(dtype=dtype, m=m, n=n, k=k) for dtype in dtypes]
    return points


def heads() -> list[tuple[int, int, int]]:
    """(nh, nkv, hd) of MODELS on tp chips, and others: head size 64 and 256, no sharing of KV heads, one KV head."""
    found = [(nh // tp, max(nkv // tp, 1), hd) for _, _, nh, nkv, hd, _ in MODELS.values() for tp in TP]
    return list(dict.fromkeys(found + [(64, 8, 64), (8, 1, 64), (32, 32, 128), (8, 8, 64), (16, 8, 256), (40, 1, 128)]))


ATTENTION_DTYPES = [("bfloat16", "bfloat16"), ("bfloat16", "fp8"), ("fp8", "fp8")]


def attention(rng: random.Random, length: str, longest: int, most_batch: int, count: int, fits) -> list[dict]:
    lengths = [n for n in POWERS + AWKWARD + [32768, 65536, 131072] if n <= longest]
    shapes = [(32, 8, 128, 1, n) for n in lengths] + [(8, 1, 128, 1, n) for n in lengths]
    for a, b, c in strata(rng, 3 * count, 3):
        size = log_uniform(c, 1, longest)
        shapes.append((*pick(a, heads()), log_uniform(b, 1, most_batch), rounded(size, 16) if size > 64 else size))
    shapes = [s for s in dict.fromkeys(shapes) if fits(*s)][:count + 2 * len(lengths)]
    return [{"attn_dtype": a, "kv_dtype": kv, "hd": hd, "nh": nh, "nkv": nkv, "b": b, length: n}
            for nh, nkv, hd, b, n in shapes for a, kv in ATTENTION_DTYPES]


def ctx_attn(rng: random.Random) -> list[dict]:
    def fits(nh, nkv, hd, b, n):
        return b * n <= 131072 and 2 * b * n * n * nh * hd <= MOST_FLOPS and 4 * b * n * (nh + nkv) * hd <= MOST_BYTES
    return attention(rng, "isl", 65536, 256, 300, fits)


def gen_attn(rng: random.Random) -> list[dict]:
    def fits(nh, nkv, hd, b, n):
        return 4 * b * n * nkv * hd <= MOST_BYTES
    return attention(rng, "kv_len", 131072, 1024, 400, fits)


def moe(rng: random.Random) -> list[dict]:
    points = []
    shares = [(tp, ep) for tp in TP for ep in (1, 2, 4, 8, 16, 32) if tp * ep <= 32]
    for h, i, topk, e in MOES.values():
        for tp, ep in shares:
            bytes_of_weights = 2 * 3 * h * (i // tp) * (e // ep) if e >= ep else 0
            if not 0 < bytes_of_weights <= MOST_BYTES or (i // tp) % 16:
                continue
            for dist in ("balanced", "power_law_1.2"):
                points += [dict(dtype=dtype, dist=dist, h=h, i=i, topk=topk, e=e, tp=tp, ep=ep, tok=tok)
                           for tok in dict.fromkeys(pick(rng.random(), POWERS + AWKWARD) for _ in range(3))
                           for dtype in ("bfloat16", "fp8")]
    return points


def rows_and_widths(rng: random.Random, count: int) -> list[tuple[int, int]]:
    widths = sorted({hidden for hidden, *_ in MODELS.values()} | {inner for _, inner, *_ in MODELS.values()} | {128, 2880, 7168})
    shapes = [(m, 4096) for m in POWERS]
    for a, b in strata(rng, count, 2):
        m = log_uniform(a, 1, 32768)
        shapes.append((m, pick(b, widths)))
    return list(dict.fromkeys(shapes))


def quant(rng: random.Random) -> list[dict]:
    return [dict(op=op, quant_dtype="fp8", m=m, k=k)
            for m, k in rows_and_widths(rng, 80) for op in ("compute_scale", "scale_matrix")]


ELEMENTWISE = ("rms_norm", "add_rms_norm", "layer_norm", "rope", "silu_mul", "add", "copy")


def elementwise(rng: random.Random) -> list[dict]:
    return [dict(op=op, dtype="bfloat16", m=m, k=k) for m, k in rows_and_widths(rng, 40) for op in ELEMENTWISE]


COLLECTIVES = ("all_reduce", "all_gather", "reduce_scatter", "alltoall")


def comm(_: random.Random) -> list[dict]:
    return [dict(op=op, dtype=dtype, gpus=gpus, elems=2**power)
            for op in COLLECTIVES for dtype in ("half", "int8") for gpus in (2, 4, 8) for power in range(8, 29)]


KINDS = {"gemm": gemm, "ctx_attn": ctx_attn, "gen_attn": gen_attn, "moe": moe, "quant": quant, "elementwise": elementwise,
         "comm": comm}


def points(kind: str, seed: int) -> list[dict]:
    """The grid of one kind, in the order in which it is measured."""
    rng = random.Random(f"{kind} {seed}")
    return shuffled(rng, KINDS[kind](rng))
