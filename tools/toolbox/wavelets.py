#!/usr/bin/env python3
"""Discrete wavelet transforms against PyWavelets: see common.py.

    python3.12 -m venv venv && venv/bin/pip install PyWavelets==1.10.0 numpy==2.5.5
    venv/bin/python tools/toolbox/wavelets.py
"""
from importlib.metadata import version

import numpy as np
import pywt
from common import Noise, family, pick

NAMES = pywt.wavelist(kind="discrete")
MODES = pywt.Modes.modes


def pair(a, d):
    return {"approximation": a, "detail": d}


def dwt(rng):
    x, name, mode = Noise(rng, 1, 150), pick(rng, NAMES), pick(rng, MODES)
    return [x, name, {"mode": mode}], pair(*pywt.dwt(x.x, name, mode))


def idwt(rng):
    name, mode = pick(rng, NAMES), pick(rng, MODES)
    n = pywt.Wavelet(name).dec_len // 2 + int(rng.integers(0, 40))
    a, d = (np.round(rng.normal(size=n), 3) for _ in range(2))
    return [pair(a, d), name, {"mode": mode}], pywt.idwt(a, d, name, mode)


def max_level(rng):
    n, name = int(rng.integers(1, 5000)), pick(rng, NAMES)
    return [n, name], pywt.dwt_max_level(n, name)


def wavedec(rng):
    x, name, mode, level = Noise(rng, 8, 400), pick(rng, NAMES), pick(rng, MODES), int(rng.integers(0, 6))
    return [x, name, {"mode": mode, "level": level}], list(pywt.wavedec(x.x, name, mode, level))


def waverec(rng):
    x, name, mode, level = np.round(rng.normal(size=rng.integers(8, 60)), 3), pick(rng, NAMES), pick(rng, MODES), 2
    levels = [np.round(c, 3) for c in pywt.wavedec(x, name, mode, level)]
    return [levels, name, {"mode": mode}], pywt.waverec(levels, name, mode)


def swt(rng):
    name, level = pick(rng, NAMES), int(rng.integers(1, 5))
    n = 2**level * int(rng.integers(1, 20))
    x = Noise(rng, n, n)
    return [x, name, {"level": level}], [pair(*level) for level in pywt.swt(x.x, name, level)]


def iswt(rng):
    name, level = pick(rng, NAMES), int(rng.integers(1, 4))
    n = 2**level * int(rng.integers(1, 8))
    levels = [tuple(np.round(rng.normal(size=n), 3) for _ in range(2)) for _ in range(level)]
    return [[pair(*level) for level in levels], name], pywt.iswt(levels, name)


def threshold(rng):
    x, value = Noise(rng, 1, 60), round(rng.uniform(0, 0.8), 3)
    mode, substitute = pick(rng, ["soft", "hard", "garrote", "greater", "less"]), pick(rng, [0, 0.5])
    return [x, value, {"mode": mode, "substitute": substitute}], pywt.threshold(x.x, value, mode, substitute)


def filters(rng):
    name = pick(rng, NAMES)
    return [name], dict(zip(("decLo", "decHi", "recLo", "recHi"), map(np.array, pywt.Wavelet(name).filter_bank)))


if __name__ == "__main__":
    family("wavelets", {"PyWavelets": version("PyWavelets"), "numpy": np.__version__}, {
        "dwtLevel": dwt, "idwt": idwt, "dwtMaxLevel": max_level, "wavedec": wavedec, "waverec": waverec, "swt": swt,
        "iswt": iswt, "threshold": threshold, "waveletFilters": filters,
    })
