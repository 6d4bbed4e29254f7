"""Which tokens go to which experts, without torch: made by a seed, so that the same point is the same work everywhere."""
import random


def loads(dist: str, tok: int, topk: int, e: int, rng: random.Random) -> list[int]:
    """Tokens of each of `e` experts: they sum to tok x topk, and none has more than tok (a token meets an expert once).

    balanced: all alike, up to one; where there is less than one each, they lie evenly among the experts. power_law_1.2: shares drawn from the density x^-1.2 between 1 and 0.8 tok, scaled to
    the sum; what is over tok goes to the next experts that have room.
    """
    total = tok * topk
    if dist == "balanced":
        return [(i + 1) * total // e - i * total // e for i in range(e)]
    power, low, high = -1.2 + 1, 1.0, max(2.0, 0.8 * tok)
    drawn = [(low**power + rng.random() * (high**power - low**power)) ** (1 / power) for _ in range(e)]
    found = [min(tok, int(total * x / sum(drawn))) for x in drawn]
    left = total - sum(found)
    for i in sorted(range(e), key=lambda i: -drawn[i]):
        more = min(left, tok - found[i])
        found[i] += more
        left -= more
    return found


def routed(dist: str, tok: int, topk: int, e: int, ep: int, seed: int) -> tuple[list[int], list[int]]:
    """What one of `ep` chips does, the most loaded: the tokens of each of its e / ep experts, and which tokens these are,
    expert by expert. Experts take tokens in turn, the fullest first, so that no token meets an expert twice."""
    rng = random.Random(f"{dist} {tok} {topk} {e} {seed}")
    by_expert = loads(dist, tok, topk, e, rng)
    tokens, at = {}, 0
    for i in sorted(range(e), key=lambda i: -by_expert[i]):
        tokens[i] = [(at + j) % tok for j in range(by_expert[i])]
        at = (at + by_expert[i]) % tok
    local = e // ep
    chips = [range(chip * local, (chip + 1) * local) for chip in range(ep)]
    busiest = max(chips, key=lambda chip: sum(by_expert[i] for i in chip))
    return [by_expert[i] for i in busiest], [token for i in busiest for token in tokens[i]]
