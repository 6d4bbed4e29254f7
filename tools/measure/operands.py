"""Operands of the kernels: views into pools of random numbers that are made once, so that no point waits for its data.

The numbers are normal, since what a kernel draws, and with it the clock, depends on them: zeros run faster than any model.
"""


class DoesNotFit(Exception):
    """A point needs more operands than the pool of its type holds, or what it needs is not there."""


class Pools:
    """One pool for each type, of at most `most_bytes`, made when first asked for."""

    def __init__(self, torch, most_bytes: int, device: str = "cuda", seed: int = 0):
        self.torch, self.most_bytes, self.device, self.seed = torch, most_bytes, device, seed
        self.pools = {}

    def pool(self, dtype):
        if dtype not in self.pools:
            count = self.most_bytes // dtype.itemsize
            generator = self.torch.Generator(device=self.device).manual_seed(self.seed)
            pool = self.torch.empty(count, dtype=dtype, device=self.device)
            chunk = 1 << 26
            for at in range(0, count, chunk):  # in chunks: float8 has no normal_() of its own
                size = min(chunk, count - at)
                drawn = self.torch.empty(size, dtype=self.torch.bfloat16, device=self.device).normal_(generator=generator)
                pool[at:at + size].copy_(drawn)
            self.pools[dtype] = pool
        return self.pools[dtype]

    def arena(self, i: int) -> "Arena":
        return Arena(self, i)


class Arena:
    """Hands out the operands of one call: those of copy i lie behind those of copy i - 1, in each pool."""

    def __init__(self, pools: Pools, copy: int):
        self.pools, self.copy, self.asked = pools, copy, {}

    def take(self, sizes: dict) -> dict:
        """`sizes`: name -> (shape, dtype), all operands of the call at once. Returns name -> tensor."""
        bytes_of, starts = {}, {}
        for name, (shape, dtype) in sizes.items():
            starts[name] = bytes_of.get(dtype, 0)
            bytes_of[dtype] = starts[name] + rounded_up(count(shape) * dtype.itemsize)
        found = {}
        for name, (shape, dtype) in sizes.items():
            pool = self.pools.pool(dtype)
            first = (self.copy * bytes_of[dtype] + starts[name]) // dtype.itemsize
            if first + count(shape) > pool.numel():
                raise DoesNotFit(f"{(self.copy + 1) * bytes_of[dtype]} bytes of {dtype}, the pool has {self.pools.most_bytes}")
            found[name] = pool[first:first + count(shape)].view(shape)
        return found


def count(shape) -> int:
    product = 1
    for size in shape:
        product *= size
    return product


def rounded_up(size: int, unit: int = 512) -> int:
    return -(-size // unit) * unit


def copies(pools: Pools, sizes: dict, other_bytes: int = 0) -> int:
    """How many copies of these operands the pools hold; `other_bytes` of results of each call count towards a pool, too."""
    bytes_of = {None: rounded_up(other_bytes)} if other_bytes else {}
    for shape, dtype in sizes.values():
        bytes_of[dtype] = bytes_of.get(dtype, 0) + rounded_up(count(shape) * dtype.itemsize)
    return min(pools.most_bytes // size for size in bytes_of.values())
