"""The loads of power.py: what each keeps busy, and what it moves and computes in one call."""
import ctypes
from dataclasses import dataclass
from typing import Callable

SETTLE = 0.6  # seconds of each load that don't count: the energy counter and the clocks lag
COLUMNS = ["load", "watts", "watts_instant", "sm_mhz", "mem_mhz", "celsius", "throttle", "samples", "calls_per_second", "gbps",
           "l2_gbps", "shared_gbps", "tflops", "vector_tflops", "exponentials_t"]
GIB = 1 << 30


@dataclass
class Load:
    """`make(bench)` gives the call. bytes: from and to DRAM; l2_bytes: that the L2 serves; all of one call. calls: of one
    CUDA graph; eager: launched one by one by the host instead; per_core: amounts are those of one multiprocessor."""
    name: str
    about: str
    make: Callable = None
    bytes: float = 0
    l2_bytes: float = 0
    shared_bytes: float = 0
    flops: float = 0
    vector_flops: float = 0
    exponentials: float = 0
    calls: int = 1
    eager: bool = False
    idle: bool = False
    per_core: bool = False


class Bench:
    """PyTorch, the kernels of power_kernels.cu on its current stream, and random operands."""

    def __init__(self, library):
        import torch
        self.torch, self.library = torch, library
        torch.cuda.set_stream(torch.cuda.Stream())
        self.cores = torch.cuda.get_device_properties(0).multi_processor_count
        self.sink = torch.zeros(1, dtype=torch.int32, device="cuda")
        self.pool = torch.empty(18 * GIB // 2, dtype=torch.bfloat16, device="cuda")
        for chunk in self.pool.split(GIB // 4):
            chunk.normal_()
        self.to = torch.empty(4 * GIB // 2, dtype=torch.bfloat16, device="cuda")

    def launch(self, name: str, *arguments):
        stream = ctypes.c_void_p(self.torch.cuda.current_stream().cuda_stream)
        error = getattr(self.library, "launch_" + name)(*arguments, stream)
        if error:
            raise RuntimeError(f"launch_{name}: CUDA error {error}")

    def address(self, tensor):
        return ctypes.c_void_p(tensor.data_ptr())

    def matrices(self, rows: int, columns: int, count: int, dtype=None) -> list:
        """Views of the pool, one after the other; copies where they are in another format."""
        size = rows * columns
        found = [self.pool[i * size:(i + 1) * size].view(rows, columns) for i in range(count)]
        return found if dtype is None else [x.to(dtype) for x in found]


def reading(count: int, ctas_per_core: float = 8, footprint: int = 4 * GIB, rounds: int = 1):
    def make(b):
        ctas = max(1, round(b.cores * ctas_per_core))
        return lambda: b.launch("reading", b.address(b.pool), ctypes.c_uint64(footprint), rounds, ctas, count, b.address(b.sink))
    return make


def with_pause(make, microseconds: float):
    """The call, then nothing for a while."""
    def made(b):
        call = make(b)

        def both():
            call()
            b.launch("waiting", ctypes.c_uint64(int(microseconds * 1e3)))
        return both
    return made


def register_kernel(name: str, rounds: int):
    return lambda b: lambda: b.launch(name, rounds, b.cores * 8, 256, b.address(b.sink))


def product(m: int, n: int, k: int, copies: int = 1, fp8: bool = False, zeros: bool = False):
    """y = x (m x k) times the transpose of each of `copies` weights (n x k) in turn; a call is one of them after the other."""
    def make(b):
        t = b.torch
        dtype = t.float8_e4m3fn if fp8 else None
        weights = b.matrices(n, k, copies, dtype)
        x = b.to[:m * k].view(m, k).normal_()
        if zeros:
            weights, x = [t.zeros_like(w) for w in weights], t.zeros_like(x)
        if not fp8:
            y = t.empty(m, n, dtype=t.bfloat16, device="cuda")

            def call():
                for w in weights:
                    t.mm(x, w.t(), out=y)
            return call
        one, x8 = t.ones((), device="cuda"), x.to(dtype)

        def call8():
            for w in weights:
                t._scaled_mm(x8, w.t(), scale_a=one, scale_b=one, out_dtype=t.bfloat16, use_fast_accum=True)
        return call8
    return make


def decoding(m: int, layers: int = 80):
    """The products of Llama-2-70B's layers on one of 8 ranks, m tokens, with a norm and a gate between, as PyTorch does them."""
    shapes = [(1280, 8192), (8192, 1024), (7168, 8192), (8192, 3584)]

    def make(b):
        t, weights, at = b.torch, [], 0
        for _ in range(layers):
            layer = []
            for n, k in shapes:
                layer.append(b.pool[at:at + n * k].view(n, k))
                at += n * k
            weights.append(layer)
        start = t.randn(m, 8192, dtype=t.bfloat16, device="cuda")

        def call():
            x = start
            for qkv, o, gate_up, down in weights:
                h = t.nn.functional.rms_norm(x, (8192,))
                attended = t.nn.functional.linear(h, qkv)[:, :1024]
                x = x + t.nn.functional.linear(attended, o)
                h = t.nn.functional.rms_norm(x, (8192,))
                gate, up = t.nn.functional.linear(h, gate_up).chunk(2, dim=1)
                x = t.nn.functional.rms_norm(x + t.nn.functional.linear(t.nn.functional.silu(gate) * up, down), (8192,))
        return call
    return make


LAYERS = 80 * (1280 * 8192 + 8192 * 1024 + 7168 * 8192 + 8192 * 3584)  # weights of decoding()


def attention(batch: int, queries: int, keys: int, heads: int, causal: bool):
    def make(b):
        t = b.torch
        shape = lambda tokens: (batch, heads, tokens, 128)
        count = lambda tokens: batch * heads * tokens * 128
        q = t.randn(shape(queries), dtype=t.bfloat16, device="cuda")
        k = b.pool[:count(keys)].view(shape(keys))
        v = b.pool[count(keys):2 * count(keys)].view(shape(keys))
        return lambda: t.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
    return make


def adding(b):
    t, n = b.torch, GIB // 2
    return lambda: t.add(b.pool[:n], b.pool[n:2 * n], out=b.to[:n])


def planned() -> list[Load]:
    out = [Load("idle_before", "no program on the GPU", idle=True)]
    add = lambda *given, **named: out.append(Load(*given, **named))
    threads = 256
    add("waiting", "one thread sleeps, the clocks are on",
        lambda b: lambda: b.launch("waiting", ctypes.c_uint64(1_000_000)), calls=10)
    add("spinning", "a warp of every multiprocessor reads the clock",
        lambda b: lambda: b.launch("spinning", b.cores, 32, ctypes.c_int64(1_000_000)), calls=10)
    add("spinning_full", "32 warps of every multiprocessor do",
        lambda b: lambda: b.launch("spinning", b.cores, 1024, ctypes.c_int64(1_000_000)), calls=10)
    add("launches", "empty kernels, one after the other", lambda b: lambda: b.launch("nothing"), calls=2000)
    for share in (0.125, 0.25, 0.5, 1, 2, 8):
        add(f"read_{share:g}", f"{share:g} blocks a multiprocessor read DRAM", reading(threads, share), bytes=4 * GIB,
            l2_bytes=4 * GIB)
    add("write", "DRAM is written", lambda b: lambda: b.launch("writing", b.address(b.to), ctypes.c_uint64(4 * GIB), b.cores * 8,
                                                                threads), bytes=4 * GIB, l2_bytes=4 * GIB)
    add("copy", "2 GiB are copied", lambda b: lambda: b.launch("copying", b.address(b.pool), b.address(b.to),
                                                               ctypes.c_uint64(2 * GIB), b.cores * 8, threads),
        bytes=4 * GIB, l2_bytes=4 * GIB)
    for pause in (20, 100):
        add(f"read_pause_{pause}", f"192 MiB are read, then {pause} us of nothing", with_pause(reading(threads, 8, 192 << 20), pause),
            bytes=192 << 20, l2_bytes=192 << 20, calls=40)
    add("l2", "16 MiB are read over and over", reading(threads, 8, 16 << 20, 200), l2_bytes=200 * (16 << 20), calls=2)
    add("shared", "shared memory is read", lambda b: lambda: b.launch("shared", 20000, b.cores * 4, 512, b.address(b.sink)),
        shared_bytes=20000 * 16 * 512 * 4, calls=2, per_core=True)
    add("multiplies", "multiplies and multiply-adds in 32 bits", register_kernel("multiplying", 20000),
        vector_flops=20000 * 24 * 8 * 256, calls=2, per_core=True)
    add("exponentials", "exponentials and multiply-adds", register_kernel("exponentials", 5000),
        exponentials=5000 * 8 * 8 * 256, calls=2, per_core=True)
    add("mma", "bf16 products of operands in registers", register_kernel("products", 5000), flops=5000 * 4 * 4096 * 8 * 8,
        calls=2, per_core=True)
    big = 2 * 8192 ** 3
    add("gemm_bf16", "8192^3", product(8192, 8192, 8192), flops=big, calls=2)
    add("gemm_bf16_zeros", "8192^3 of zeros", product(8192, 8192, 8192, zeros=True), flops=big, calls=2)
    for pause in (1000, 4000):
        add(f"gemm_bf16_pause_{pause}", f"8192^3, then {pause} us of nothing", with_pause(product(8192, 8192, 8192), pause),
            flops=big, calls=2)
    add("gemm_bf16_4096", "4096^3", product(4096, 4096, 4096), flops=big / 8, calls=10)
    add("gemm_fp8", "8192^3 in fp8", product(8192, 8192, 8192, fp8=True), flops=big, calls=4)
    add("gemm_fp8_pause_2000", "8192^3 in fp8, then 2000 us of nothing", with_pause(product(8192, 8192, 8192, fp8=True), 2000),
        flops=big, calls=2)
    for m in (1, 8, 64, 128, 256, 512, 1024):
        weights = 32 * 8192 * 8192
        add(f"gemm_m{m}", f"{m} x 8192 x 8192 over 32 weights in turn", product(m, 8192, 8192, 32), flops=2 * m * weights,
            bytes=2 * weights + 32 * 4 * m * 8192)
        if m in (128, 512):
            add(f"gemm_fp8_m{m}", "the same in fp8", product(m, 8192, 8192, 32, fp8=True), flops=2 * m * weights,
                bytes=weights + 32 * 3 * m * 8192)
    add("attention_prefill", "SDPA, causal, 8192 tokens, 64 heads", attention(1, 8192, 8192, 64, True),
        flops=2 * 64 * 8192 ** 2 * 128, exponentials=64 * 8192 ** 2 / 2, calls=4)
    add("attention_decode", "SDPA, 1 query on 4096 keys, 128 sequences of 8 heads", attention(128, 1, 4096, 8, False),
        bytes=4 * 128 * 8 * 4096 * 128, flops=4 * 128 * 8 * 4096 * 128, calls=4)
    add("add", "a = b + c", adding, bytes=3 * GIB, vector_flops=GIB / 2)
    for m in (1, 16, 64):
        add(f"decode_graph_m{m}", f"80 layers, {m} tokens, a graph", decoding(m), bytes=2 * LAYERS, flops=2 * m * LAYERS)
    for m in (1, 16):
        add(f"decode_eager_m{m}", f"80 layers, {m} tokens, launched by the host", decoding(m), bytes=2 * LAYERS,
            flops=2 * m * LAYERS, eager=True)
    for m in (512, 2048, 8192):
        add(f"prefill_m{m}", f"80 layers, {m} tokens", decoding(m), bytes=2 * LAYERS, flops=2 * m * LAYERS, eager=True)
    add("idle_after", "the program waits", idle=True)
    return out
