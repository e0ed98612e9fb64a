"""Random calls of the toolbox and the results of SciPy, PyWavelets or librosa, as golden vectors.

A generator takes a random generator and returns (arguments, result) or (arguments, result, tolerance): one call of the function
whose name it is listed under. `family` writes `count` calls of each to a file; with `--count 200 --out FOLDER` the long form
behind docs/parity.md.
"""
import argparse
import json
import pathlib
import warnings
import zlib

import numpy as np

warnings.simplefilter("ignore")
GOLDEN = pathlib.Path(__file__).parent.parent.parent / "crates/dsp-core/tests/golden/toolbox"


def noise(n, seed):
    """Exact in f32: multiples of 1/1024 in (-1, 1)."""
    i = np.arange(n, dtype=np.int64)
    return ((i * i * 7919 + i * 104_729 + seed * 7907) % 2003 - 1001) / 1024.0


class Noise:
    """A signal that both sides make by the same formula: `x` holds its samples."""

    def __init__(self, rng, low, high):
        self.n, self.seed = int(rng.integers(low, high + 1)), int(rng.integers(0, 2003))
        self.x = noise(self.n, self.seed)


def plain(x):
    """The value as JSON; long lists as evenly chosen places and the values there."""
    if isinstance(x, dict):
        # Roots are compared as sets: all of them.
        return {k: argument(v) if k in ("zeros", "poles") else plain(v) for k, v in x.items()}
    if isinstance(x, (str, bool, type(None))):
        return x
    if isinstance(x, (list, tuple)) and any(np.ndim(row) or isinstance(row, dict) for row in x):
        return [plain(row) for row in x]
    x = np.asarray(x)
    x = x.astype(complex if np.iscomplexobj(x) else float)
    if x.ndim == 0:
        return float(x)
    if np.iscomplexobj(x):
        return {"real": plain(x.real), "imag": plain(x.imag)}
    if x.ndim == 2:
        return [plain(row) for row in x]
    if len(x) > 16:
        at = np.unique(np.linspace(0, len(x) - 1, 8).astype(int))
        return {"length": len(x), "at": at.tolist(), "values": [float(v) for v in x[at]]}
    return [float(v) for v in x]


def argument(x):
    if isinstance(x, Noise):
        return {"noise": [x.n, x.seed]}
    if isinstance(x, dict):
        return {k: argument(v) for k, v in x.items()}
    if isinstance(x, np.ndarray):
        return argument({"real": x.real, "imag": x.imag}) if np.iscomplexobj(x) else x.tolist()
    if isinstance(x, np.generic):
        return x.item()
    if isinstance(x, (list, tuple)):
        return [argument(v) for v in x]
    return x


def calls(name, generator, count):
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    made = 0
    while made < count:
        # Of what the reference refuses there is nothing to compare.
        try:
            found = generator(rng)
        except ValueError:
            found = None
        if found is None:
            continue
        made += 1
        args, want, *tolerance = found
        yield {"name": name.split("#")[0], "args": [argument(x) for x in args], "want": plain(want),
               "tolerance": tolerance[0] if tolerance else 1e-10}


def family(title, versions, generators, count=20):
    """Writes the calls of all generators (by name; what follows a `#` tells generators of one function apart)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--out", type=pathlib.Path, default=GOLDEN)
    options = parser.parse_args()
    cases = [case for name, generator in generators.items() for case in calls(name, generator, options.count)]
    path = options.out / f"{title}.json"
    path.write_text(json.dumps({"versions": versions, "cases": cases}, separators=(",", ":")) + "\n")
    print(title, len(cases), "cases", path.stat().st_size, "bytes")


def pick(rng, choices):
    return choices[int(rng.integers(len(choices)))]


def edges(rng, count, low=0.05, high=0.95, gap=0.04):
    """`count` rising numbers with three decimals, at least `gap` apart."""
    while True:
        found = np.sort(np.round(rng.uniform(low, high, count), 3))
        if count < 2 or np.min(np.diff(found)) >= gap:
            return found


def zpk(z, p, k):
    return {"zeros": np.ravel(z) + 0j, "poles": np.ravel(p) + 0j, "gain": float(np.real(k))}
