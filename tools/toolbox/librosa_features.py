#!/usr/bin/env python3
"""Features of frames against librosa: see common.py.

    python3.12 -m venv venv && venv/bin/pip install librosa==1.0.0 numpy==2.5.5
    venv/bin/python tools/toolbox/librosa_features.py
"""
import librosa
import numpy as np
from common import Noise, family, pick


def spectrum_options(rng, n_fft=None):
    rate, n_fft = pick(rng, [8000, 16000, 22050]), n_fft or pick(rng, [256, 512, 1024])
    hop, center = n_fft // int(rng.integers(1, 5)), bool(rng.integers(2))
    ours = {"sampleRate": rate, "nFft": n_fft, "hopLength": hop, "center": center}
    return ours, {"sr": rate, "n_fft": n_fft, "hop_length": hop, "center": center}


def spectral(function, choices=(), rows=False):
    def generator(rng):
        x, (ours, theirs) = Noise(rng, 1100, 4000), spectrum_options(rng)
        for name, key, values in choices:
            theirs[key] = ours[name] = pick(rng, values)
        if function is librosa.feature.spectral_flatness:
            theirs.pop("sr")
        want = function(y=x.x, **theirs)
        return [x, ours], list(want) if rows else want[0], 1e-9
    return generator


def contrast(rng):
    x, (ours, theirs) = Noise(rng, 1100, 4000), spectrum_options(rng, 1024)
    ours["nBands"] = theirs["n_bands"] = int(rng.integers(2, 5))
    ours["linear"] = theirs["linear"] = bool(rng.integers(2))
    ours["quantile"] = theirs["quantile"] = pick(rng, [0.02, 0.1])
    return [x, ours], list(librosa.feature.spectral_contrast(y=x.x, **theirs)), 1e-8


def framed(function):
    def generator(rng):
        x, length = Noise(rng, 600, 3000), pick(rng, [64, 256, 512])
        hop, center = length // int(rng.integers(1, 5)), bool(rng.integers(2))
        # Unless told otherwise, librosa's rms is float32.
        more = {"dtype": np.float64} if function is librosa.feature.rms else {}
        want = function(y=x.x, frame_length=length, hop_length=hop, center=center, **more)[0]
        return [x, {"frameLength": length, "hopLength": hop, "center": center}], want
    return generator


def delta(rng):
    x, width = Noise(rng, 30, 200), 2 * int(rng.integers(1, 10)) + 1
    order, mode = int(rng.integers(1, min(4, width))), pick(rng, ["interp", "nearest", "mirror", "constant", "wrap"])
    want = librosa.feature.delta(x.x, width=width, order=order, mode=mode)
    return [x, {"width": width, "order": order, "mode": mode}], want


def emphasis(function):
    def generator(rng):
        x, coef = Noise(rng, 2, 300), round(rng.uniform(0, 1), 3)
        return [x, {"coef": coef}], function(x.x, coef=coef)
    return generator


def onset_strength(rng):
    x, (ours, theirs) = Noise(rng, 3000, 8000), spectrum_options(rng)
    ours["nMels"] = theirs["n_mels"] = pick(rng, [20, 40])
    want = librosa.onset.onset_strength(y=x.x, **theirs)
    # The filters of the mel bank are float32 on both sides.
    return [x, ours], want, 1e-5


if __name__ == "__main__":
    family("librosa", {"librosa": librosa.__version__, "numpy": np.__version__}, {
        "rms": framed(librosa.feature.rms), "zeroCrossingRate": framed(librosa.feature.zero_crossing_rate),
        "spectralCentroid": spectral(librosa.feature.spectral_centroid),
        "spectralBandwidth": spectral(librosa.feature.spectral_bandwidth, [("p", "p", [1, 2, 3])]),
        "spectralRolloff": spectral(librosa.feature.spectral_rolloff,
                                    [("rollPercent", "roll_percent", [0.1, 0.5, 0.85])]),
        "spectralFlatness": spectral(librosa.feature.spectral_flatness, [("power", "power", [1.0, 2.0])]),
        "spectralContrast": contrast, "delta": delta, "preemphasis": emphasis(librosa.effects.preemphasis),
        "deemphasis": emphasis(librosa.effects.deemphasis), "onsetStrength": onset_strength,
    })
