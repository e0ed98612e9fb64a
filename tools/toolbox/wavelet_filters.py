#!/usr/bin/env python3
"""Writes the decomposition and reconstruction low-pass filters of PyWavelets' discrete wavelets, a line each:

    name: decomposition low-pass (omitted where it is the other one reversed) | reconstruction low-pass

    python3.12 -m venv venv && venv/bin/pip install PyWavelets==1.10.0 numpy==2.5.5
    venv/bin/python tools/toolbox/wavelet_filters.py

The high-pass filters follow from these by alternating signs, which is checked.
"""
import pathlib

import numpy as np
import pywt

OUT = pathlib.Path(__file__).parent.parent.parent / "crates/dsp-core/src/signal/transform/wavelet_filters.txt"


def line(name):
    wavelet = pywt.Wavelet(name)
    dec, rec = np.array(wavelet.dec_lo), np.array(wavelet.rec_lo)
    sign = (-1.0) ** np.arange(len(dec))
    assert np.array_equal(np.abs(np.array(wavelet.dec_hi) + sign * rec), np.zeros(len(rec))), name
    assert np.array_equal(np.abs(np.array(wavelet.rec_hi) - sign * dec), np.zeros(len(dec))), name
    numbers = lambda taps: " ".join(repr(float(tap) + 0.0) for tap in taps)
    own = "" if np.array_equal(dec, rec[::-1]) else numbers(dec)
    return f"{name}: {own} | {numbers(rec)}\n"


if __name__ == "__main__":
    OUT.write_text("".join(line(name) for name in pywt.wavelist(kind="discrete")))
    print(OUT.stat().st_size, "bytes")
