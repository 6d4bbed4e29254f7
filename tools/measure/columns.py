"""The columns of each CSV that is measured. Kernels have those of aiconfigurator's measured tables, then what is ours."""

TAIL = ["us", "library", "repeats", "spread", "residency"]  # microseconds, median; spread: interquartile range / median
COLUMNS = {
    "dram": ["device", "pattern", "direction", "piece_bytes", "stride", "ctas", "threads", "bytes_in_flight",
             "footprint_bytes", "load_gbps", "gbps", "latency_ns", "repeats", "spread"],
    "gemm": ["dtype", "m", "n", "k", *TAIL],
    "ctx_attn": ["attn_dtype", "kv_dtype", "hd", "nh", "nkv", "b", "isl", *TAIL],
    "gen_attn": ["attn_dtype", "kv_dtype", "hd", "nh", "nkv", "b", "kv_len", *TAIL],
    "moe": ["dtype", "dist", "h", "i", "topk", "e", "tp", "ep", "tok", *TAIL],
    "quant": ["op", "quant_dtype", "m", "k", *TAIL],
    "elementwise": ["op", "dtype", "m", "k", *TAIL],
    "comm": ["sys", "op", "dtype", "gpus", "elems", "us", "impl", "repeats", "spread", "residency"],
}
RESIDENCIES = ("warm", "cold")  # operands in L2 from the call before where they fit it, or not in L2 at all
RESULTS = {"load_gbps", "gbps", "latency_ns", "us", "repeats", "spread"}  # what is measured; all else says what of


def keys(kind: str) -> list[str]:
    """The columns that say what was measured: no two rows of a file agree in all of them."""
    return [column for column in COLUMNS[kind] if column not in RESULTS]


def inputs(kind: str) -> list[str]:
    """The columns that the grid gives; library, impl and sys are known only where it is measured."""
    return [c for c in keys(kind) if c not in ("library", "impl", "sys", "residency", "device")]
