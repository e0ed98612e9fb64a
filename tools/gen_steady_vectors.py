"""Writes crates/dsp-core/tests/golden/steady.json: filters that begin in their steady state, for tests/steady.rs.

Run with SciPy 1.17 from the repository root: python3 tools/gen_steady_vectors.py
"""

import json
import pathlib

import numpy as np
import scipy
from scipy import signal

TARGET = pathlib.Path(__file__).parent.parent / "crates/dsp-core/tests/golden/steady.json"
RATE = 250
BANDS = {"lowpass": 20, "highpass": 0.5, "bandpass": [0.5, 40], "bandstop": [48, 52]}


def families(order, band, edges):
    base = dict(Wn=edges, btype=band, fs=RATE, output="sos")
    yield dict(type="butterworth"), signal.butter(order, **base)
    yield dict(type="chebyshev", ripple=0.5), signal.cheby1(order, 0.5, **base)
    yield dict(type="chebyshev", chebyshevType=2, stopbandDb=40), signal.cheby2(order, 40, **base)
    yield dict(type="bessel"), signal.bessel(order, norm="mag", **base)
    yield dict(type="elliptic", ripple=0.5, stopbandDb=60), signal.ellip(order, 0.5, 60, **base)


def edges_of(band, edges):
    if isinstance(edges, list):
        return dict(lowCutoffFrequency=edges[0], highCutoffFrequency=edges[1])
    return dict(cutoffFrequency=edges)


def recording():
    """An offset of 4,200 µV with a slow drift and a mains hum, as float32."""
    n = np.arange(40)
    return (4200 + 0.8 * n + 30 * np.sin(2 * np.pi * 50 * n / RATE)).astype(np.float32).astype(float)


def cases():
    x = recording()
    for band, edges in BANDS.items():
        for order in (1, 2, 5):
            for options, sos in families(order, band, edges):
                y, _ = signal.sosfilt(sos, x, zi=signal.sosfilt_zi(sos) * x[0])
                options = dict(options, mode=band, order=order, sampleRate=RATE, initial="steady", **edges_of(band, edges))
                yield dict(options=options, output=y.tolist())
    taps = signal.firwin(31, 20, fs=RATE)
    y, _ = signal.lfilter(taps, 1, x, zi=signal.lfilter_zi(taps, 1) * x[0])
    options = dict(type="fir", mode="lowpass", order=31, cutoffFrequency=20, sampleRate=RATE, initial="steady")
    yield dict(options=options, output=y.tolist())


TARGET.write_text(json.dumps(dict(scipy=scipy.__version__, input=recording().tolist(), cases=list(cases()))) + "\n")
