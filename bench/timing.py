"""Two things measured in turns, so that whatever else the machine does slows both."""

import time
from collections.abc import Callable
from statistics import median, quantiles


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def paired(ours: Callable[[], object], reference: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The medians of both, in milliseconds."""
    for _ in range(max(rounds // 10, 3)):
        ours()
        reference()
    pairs = [(seconds(ours), seconds(reference)) for _ in range(rounds)]
    return median(one for one, _ in pairs) * 1e3, median(other for _, other in pairs) * 1e3


def p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]
