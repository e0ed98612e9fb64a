#!/usr/bin/env python3
"""Designs the low-passes of quality 'high': python tools/design_resampler.py > crates/dsp-core/src/signal/resample/series.rs

A low-pass of a given length as a sum of cosines, h(t) = sum b[k] cos(2 pi k t / length), whose largest error is least.
Least squares with weights that grow where the error is large (Lawson's algorithm). The pass band may err by more than the
stop bands, which get better with the frequency, so that many images together stay below one.
"""

import numpy as np


def response(length, f, terms):
    """The Fourier transform of each cosine on [-length/2, length/2]."""
    k = np.arange(terms)
    return length / 2 * (np.sinc(f[:, None] * length - k) + np.sinc(f[:, None] * length + k))


def design(length, terms, pass_edge, pass_ripple_db, stop, stop_db, rounds=120):
    f = np.concatenate([np.linspace(0, pass_edge, 900), stop])
    is_pass = np.arange(len(f)) < 900
    ripple = 10 ** (pass_ripple_db / 20) - 1
    scale = np.where(is_pass, 1 / ripple, 10 ** (stop_db / 20) * np.maximum(1, f / (1.2 * stop[0])))
    # A constant stays constant.
    scale[0] *= 50
    matrix, weights, best = response(length, f, terms), np.ones(len(f)), None
    for _ in range(rounds):
        rows = np.sqrt(weights) * scale
        b = np.linalg.lstsq(matrix * rows[:, None], is_pass * rows, rcond=1e-15)[0]
        error = np.abs(matrix @ b - is_pass) * scale
        if best is None or error.max() < best[0]:
            best = error.max(), b
        weights *= error / error.mean() + 1e-3
        weights /= weights.mean()
    return best[1]


def table(name, text, b):
    numbers = "".join(f"    {x!r},\n" for x in map(float, b))
    return f"/// {text}\npub const {name}: [f64; {len(b)}] = [\n{numbers}];\n"


sharp = np.concatenate([0.5 + 0.5 * np.linspace(0, 1, 1500) ** 1.5, np.linspace(1, 6, 800)])
images = np.concatenate([k + np.linspace(-0.25, 0.25, 300) for k in range(1, 7)])
whole = design(133.8, 73, 0.45, 3e-4, sharp, 126)
first = design(125.8, 69, 0.45, 1.1e-3, sharp, 128)
short = design(16, 14, 0.225, 2e-5, images, 138)

if __name__ == "__main__":
    print("//! Low-passes of quality `high` as sums of cosines, made by `tools/design_resampler.py`.\n")
    print("/// Length of [`WHOLE`] in samples of the lower rate.\npub const WHOLE_LENGTH: f64 = 133.8;\n")
    print("/// Length of [`FIRST`] in samples of the lower rate.\npub const FIRST_LENGTH: f64 = 125.8;\n")
    print(table("WHOLE", "The whole filter of a resampler in one step.", whole))
    print(table("FIRST", "The sharp filter of a resampler in two steps.", first))
    print(table("SHORT", "Sixteen samples that keep a quarter of the rate on either side of zero, and take out its images.", short), end="")
