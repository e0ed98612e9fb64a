#!/usr/bin/env python3
"""Writes crates/dsp-core/tests/golden/multirate.json: resampling and spatial analysis as SciPy and NumPy do them.

Inputs are made by the formula in `noise` below, which the Rust test repeats, so that only outputs are stored.
"""
import json
import pathlib

import numpy as np
import scipy
from scipy import interpolate, linalg, signal


def noise(n, seed):
    i = np.arange(n, dtype=np.int64)
    return ((i * i * 7919 + i * 104729 + seed * 7907) % 2003) / 1001.5 - 1.0


def f32(x):
    return np.asarray(x, dtype=np.float32).astype(np.float64)


def rounded(x, digits=10):
    return [float(f"{v:.{digits}g}") for v in np.ravel(x, order="F")]


def resampled(up, down, order, n):
    """`upfirdn` with dspx's Hamming design, unit gain: the first outputs of a stream."""
    h = signal.firwin(order, 1 / max(up, down), window="hamming", scale=False) * up
    y = signal.upfirdn(h, f32(noise(n, up)), up, down)[: -(-n * up // down)]
    return {"up": up, "down": down, "order": order, "n": n, "y": rounded(y)}


def polyphase(up, down, beta, half, n):
    """`resample_poly` with a Kaiser window of the given half length at the tick rate; it takes the delay out."""
    h = signal.firwin(2 * half + 1, 0.95 / max(up, down), window=("kaiser", beta))
    y = signal.resample_poly(f32(noise(n, 7)), up, down, window=h)
    return {"up": up, "down": down, "n": n, "y": rounded(y)}


def unit_gain(up, down, order, n):
    """`upfirdn` with the default design: the Hamming design with every phase scaled to the sum 1."""
    h = signal.firwin(order, 1 / max(up, down), window="hamming", scale=False)
    for phase in range(up):
        h[phase::up] /= h[phase::up].sum()
    y = signal.upfirdn(h, f32(noise(n, up)), up, down)[: -(-n * up // down)]
    return {"up": up, "down": down, "order": order, "n": n, "y": rounded(y)}


def decimated(factor, n):
    """`decimate` with its FIR filter. It takes the delay of 10 · factor samples out; ours keeps the last of each block, so
    output 10 and those behind it are these, if the input is moved by factor - 1 samples."""
    y = signal.decimate(f32(noise(n, factor)), factor, ftype="fir", zero_phase=True)
    return {"factor": factor, "n": n, "y": rounded(y)}


def cubic(n, step, seed):
    """Cubics with the slopes of parabolas, at irregular times, on a grid of `step` milliseconds."""
    t = np.cumsum(1.0 + 8.0 * np.abs(noise(n, seed)))
    t -= t[0]
    x = f32(noise(n, seed + 1))
    spline = interpolate.CubicHermiteSpline(t, x, np.gradient(x, t, edge_order=2))
    grid = np.arange(0, t[-1], step)
    return {"step": step, "t": [float(v) for v in t], "seed": seed + 1, "y": rounded(spline(grid))}


def kaiser(attenuation, up, down):
    beta = 0.1102 * (attenuation - 8.7)
    half = int(np.ceil((attenuation - 7.95) / (2.285 * 2 * np.pi * 0.05) / 2 * max(up, down)))
    return beta, half


def mixed(n, channels, seed):
    """Correlated channels: noise mixed by a fixed matrix, plus an offset. float32, as the core gets it."""
    mix = noise(channels * channels, seed + 11).reshape(channels, channels) + np.eye(channels)
    return f32(noise(n * channels, seed).reshape(n, channels) @ mix.T + np.arange(channels))


def spatial(n, channels, seed):
    x, y = mixed(n, channels, seed), mixed(n + 9, channels, seed + 1)
    values, vectors = np.linalg.eigh(np.cov(x.T, ddof=1).reshape(channels, channels))
    values, vectors = values[::-1], vectors[:, ::-1]
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), range(channels)])
    whitening = vectors @ np.diag(1 / np.sqrt(values + 1e-3)) @ vectors.T
    mean = (x.mean(axis=0) + y.mean(axis=0)) / 2
    scatter = [(d - mean).T @ (d - mean) / (len(d) - 1) + 1e-6 * np.eye(channels) for d in (x, y)]
    csp_values, csp = linalg.eigh(scatter[0], scatter[1])
    csp_values, csp = csp_values[::-1], csp[:, ::-1]
    csp = csp * np.sign(csp[np.abs(csp).argmax(axis=0), range(channels)])
    return {
        "channels": channels, "x": rounded(x.T), "y": rounded(y.T),
        "eigenvalues": rounded(values), "pca": rounded(vectors), "whitening": rounded(whitening),
        "cspEigenvalues": rounded(csp_values), "csp": rounded(csp),
    }


golden = {
    "versions": {"scipy": scipy.__version__, "numpy": np.__version__},
    "upfirdn": [
        resampled(3, 2, 51, 200), resampled(2, 3, 51, 200), resampled(1, 4, 51, 400), resampled(5, 1, 21, 60),
        resampled(160, 147, 1601, 250),
    ],
    "unitGain": [
        unit_gain(12, 1, 51, 60), unit_gain(13, 11, 51, 200), unit_gain(12, 5, 51, 100), unit_gain(2, 3, 61, 200),
        unit_gain(5, 1, 11, 60),
    ],
    "decimate": [decimated(factor, 40 * factor) for factor in (2, 3, 7, 20, 50)],
    "cubic": [cubic(40, 2.5, 3), cubic(12, 1.0, 8)],
    "high": [polyphase(u, d, *kaiser(104, u, d), 400) for u, d in [(3, 2), (2, 3), (160, 147)]],
    "max": [polyphase(u, d, *kaiser(145, u, d), 500) for u, d in [(3, 2), (147, 160)]],
    "spatial": [spatial(60, 2, 1), spatial(80, 4, 5), spatial(90, 7, 9)],
}
target = pathlib.Path(__file__).parent.parent / "crates/dsp-core/tests/golden/multirate.json"
target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(target.name, target.stat().st_size, "bytes")
