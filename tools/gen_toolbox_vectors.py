#!/usr/bin/env python3
"""Golden vectors for the functions that bear SciPy's names: each case is a call by name, and SciPy's result.

    python3.12 -m venv venv && venv/bin/pip install scipy==1.18.1 numpy==2.5.5
    venv/bin/python tools/gen_toolbox_vectors.py

writes crates/dsp-core/tests/golden/toolbox.json. Signals are made by the same integer formula on both sides.
"""
import json
import pathlib
import warnings

import numpy as np
import scipy
from scipy import signal

warnings.simplefilter("ignore")
OUT = pathlib.Path(__file__).parent.parent / "crates/dsp-core/tests/golden/toolbox.json"
CASES = []
rng = np.random.default_rng(23)


def noise(n, seed):
    """Exact in f32: multiples of 1/1024 in (-1, 1)."""
    i = np.arange(n, dtype=np.int64)
    return ((i * i * 7919 + i * 104_729 + seed * 7907) % 2003 - 1001) / 1024.0


def plain(x):
    """The value as JSON; long lists as evenly chosen places and the values there."""
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (str, bool, type(None))):
        return x
    x = np.asarray(x)
    x = x.astype(complex if np.iscomplexobj(x) else float)
    if x.ndim == 0:
        return float(x)
    if np.iscomplexobj(x):
        return {"real": plain(x.real), "imag": plain(x.imag)}
    if x.ndim == 2:
        return [plain(row) for row in x]
    if len(x) > 40:
        at = np.unique(np.linspace(0, len(x) - 1, 12).astype(int))
        return {"length": len(x), "at": at.tolist(), "values": [float(v) for v in x[at]]}
    return [float(v) for v in x]


def case(name, args, want, tolerance=1e-10):
    def argument(x):
        if isinstance(x, dict):
            return {k: argument(v) for k, v in x.items()}
        if isinstance(x, np.ndarray):
            return argument({"real": x.real, "imag": x.imag}) if np.iscomplexobj(x) else x.tolist()
        return x

    CASES.append({"name": name, "args": [argument(x) for x in args], "want": plain(want), "tolerance": tolerance})


def zpk(z, p, k):
    return {"zeros": np.ravel(z) + 0j, "poles": np.ravel(p) + 0j, "gain": float(np.real(k))}


def polar_roots(count, radius):
    """Conjugate pairs, and a real root for an odd count."""
    pairs = rng.uniform(0.2, radius, count // 2) * np.exp(1j * rng.uniform(0.2, 3.0, count // 2))
    return np.concatenate([pairs, pairs.conj(), rng.uniform(-radius, radius, count % 2)])


def filters():
    """(zeros, poles, gain) of filters of many kinds, all with single roots."""
    counts = [(1, 1), (2, 2), (1, 3), (3, 3), (2, 5), (4, 4), (5, 5), (6, 6), (3, 2), (4, 1), (0, 4), (7, 7)]
    for zeros, poles in counts:
        yield polar_roots(zeros, 1.4), polar_roots(poles, 0.97), rng.uniform(0.1, 3)
    yield signal.cheby1(5, 1, 0.3, output="zpk")
    yield signal.ellip(6, 0.5, 60, [0.2, 0.5], "bandpass", output="zpk")
    yield signal.cheby2(7, 40, 0.4, "highpass", output="zpk")


def conversions():
    for z, p, k in filters():
        b, a = signal.zpk2tf(z, p, k)
        sos = signal.zpk2sos(z, p, k)
        case("zpk2tf", [zpk(z, p, k)], {"b": np.atleast_1d(b), "a": np.atleast_1d(a)})
        case("zpk2sos", [zpk(z, p, k)], sos)
        # A root of multiplicity m is exact to the m-th root of a rounding: there is one of multiplicity 5.
        multiple = len(z) == 5 and np.allclose(z, -1)
        case("tf2zpk", [np.atleast_1d(b), a], zpk(*signal.tf2zpk(b, a)), 5e-3 if multiple else 1e-8)
        if not multiple:
            case("tf2sos", [np.atleast_1d(b), a], signal.tf2sos(b, a), 1e-8)
        case("sos2zpk", [sos], zpk(*signal.sos2zpk(sos)))
        sb, sa = signal.sos2tf(sos)
        case("sos2tf", [sos], {"b": sb, "a": sa})
        nb, na = signal.normalize(2.5 * np.atleast_1d(b), np.concatenate([[0, 0], -3 * a]))
        case("normalize", [2.5 * np.atleast_1d(b), np.concatenate([[0, 0], -3 * a])], {"b": nb, "a": na})


def filtering():
    x = noise(300, 1)
    for z, p, k in filters():
        b, a = (np.atleast_1d(c) for c in signal.zpk2tf(z, p, k))
        sos = signal.zpk2sos(z, p, k)
        zi, szi = signal.lfilter_zi(b, a), signal.sosfilt_zi(sos)
        case("lfilterZi", [b, a], zi)
        case("sosfiltZi", [sos], szi)
        case("lfilter", [b, 2 * a, {"noise": [300, 1]}], signal.lfilter(b, 2 * a, x))
        y, zf = signal.lfilter(b, a, x, zi=zi * x[0])
        case("lfilter", [b, a, {"noise": [300, 1]}, {"zi": zi * x[0]}], {"y": y, "zf": zf})
        case("sosfilt", [sos, {"noise": [300, 1]}], signal.sosfilt(sos, x))
        y, zf = signal.sosfilt(sos, x, zi=szi * x[0])
        case("sosfilt", [sos, {"noise": [300, 1]}, {"zi": szi * x[0]}], {"y": y, "zf": zf})
        past_y, past_x = rng.normal(size=rng.integers(0, 9)), rng.normal(size=rng.integers(0, 9))
        case("lfiltic", [b, a, past_y, past_x], signal.lfiltic(b, a, past_y, past_x))
        case("filtfilt", [b, a, {"noise": [300, 1]}], signal.filtfilt(b, a, x))
        for padtype in ("odd", "even", "constant", None) if len(z) % 3 == 0 else ():
            for padlen in (None, 0, 17):
                options = {"padtype": padtype} | ({} if padlen is None else {"padlen": padlen})
                want = signal.filtfilt(b, a, x, padtype=padtype, padlen=padlen)
                case("filtfilt", [b, a, {"noise": [300, 1]}, options], want)
                want = signal.sosfiltfilt(sos, x, padtype=padtype, padlen=padlen)
                case("sosfiltfilt", [sos, {"noise": [300, 1]}, options], want)
        for irlen in (None, 100):
            options = {"method": "gust"} | ({} if irlen is None else {"irlen": irlen})
            want = signal.filtfilt(b, a, x, method="gust", irlen=irlen)
            case("filtfilt", [b, a, {"noise": [300, 1]}, options], want, 1e-8)
    case("filtfilt", [[0.3, 0.7], [1.0], {"noise": [50, 2]}], signal.filtfilt([0.3, 0.7], [1], noise(50, 2)))
    case("filtfilt", [[3.0], [2.0], {"noise": [50, 2]}, {"method": "gust"}], 2.25 * noise(50, 2))


def spectrum(w, h):
    return {"frequencies": w, "real": np.real(h), "imag": np.imag(h)}


def responses():
    for z, p, k in filters():
        b, a = (np.atleast_1d(c) for c in signal.zpk2tf(z, p, k))
        sos = signal.zpk2sos(z, p, k)
        case("freqz", [b, a], spectrum(*signal.freqz(b, a)))
        case("freqz", [b, a, {"worN": 20, "whole": True, "sampleRate": 250.0}],
             spectrum(*signal.freqz(b, a, 20, whole=True, fs=250)))
        case("freqz", [b, a, {"worN": 20, "includeNyquist": True}],
             spectrum(*signal.freqz(b, a, 20, include_nyquist=True)))
        case("sosfreqz", [sos, {"worN": [3.0, 40.0, 120.0], "sampleRate": 250.0}],
             spectrum(*signal.freqz_sos(sos, [3, 40, 120], fs=250)))
        case("sosfreqz", [sos], spectrum(*signal.freqz_sos(sos)))
        case("freqzZpk", [zpk(z, p, k), {"worN": 30}], spectrum(*signal.freqz_zpk(z, p, k, 30)))
        # Not at 0: a zero there has no delay, and SciPy divides by its rounding; next to zeros it loses digits.
        w = np.linspace(0.05, 3.1, 33)
        case("groupDelay", [b, a, {"worN": w}],
             dict(zip(("frequencies", "delay"), signal.group_delay((b, a), w))), 1e-6)
    for design in (signal.butter(4, 100, analog=True), signal.cheby1(3, 1, [2, 900], "bandpass", analog=True),
                   signal.butter(3, 5, "highpass", analog=True), ([1.0], [1.0, 0.0])):
        b, a = (np.atleast_1d(np.asarray(c, dtype=float)) for c in design)
        case("freqs", [b, a], spectrum(*signal.freqs(b, a)))
        case("freqs", [b, a, {"worN": [0.5, 3.0, 70.0]}], spectrum(*signal.freqs(b, a, [0.5, 3, 70])))


def orders():
    functions = {"buttord": signal.buttord, "cheb1ord": signal.cheb1ord, "cheb2ord": signal.cheb2ord,
                 "ellipord": signal.ellipord}
    edges = [(0.2, 0.3), (0.3, 0.2), ([0.2, 0.5], [0.1, 0.6]), ([0.1, 0.6], [0.2, 0.5]), ([0.3, 0.35], [0.2, 0.6])]
    for name, function in functions.items():
        for wp, ws in edges:
            for gpass, gstop in ((0.1, 20), (1, 40), (3, 80)):
                # The edges of a band-stop come from a search that stops within 1e-5.
                tolerance = 1e-5 if isinstance(wp, list) and wp[0] < ws[0] else 1e-10
                order, wn = function(wp, ws, gpass, gstop)
                case(name, [wp, ws, gpass, gstop], {"order": order, "wn": wn}, tolerance)
        order, wn = function(20, 60, 1, 40, analog=True)
        case(name, [20, 60, 1, 40, {"analog": True}], {"order": order, "wn": wn})
        order, wn = function([60, 70], [50, 80], 1, 40, fs=250)
        case(name, [[60, 70], [50, 80], 1, 40, {"sampleRate": 250}], {"order": order, "wn": wn})


def designs():
    for n in (1, 2, 3, 4, 7, 10):
        case("buttap", [n], zpk(*signal.buttap(n)))
        case("cheb1ap", [n, 1.0], zpk(*signal.cheb1ap(n, 1)))
        case("cheb2ap", [n, 40.0], zpk(*signal.cheb2ap(n, 40)))
        case("ellipap", [n, 0.5, 50.0], zpk(*signal.ellipap(n, 0.5, 50)))
        case("besselap", [n], zpk(*signal.besselap(n)))
        case("besselap", [n, {"norm": "mag"}], zpk(*signal.besselap(n, norm="mag")))
    butterworth, elliptic = signal.butter(3, 1, analog=True), signal.ellip(4, 1, 40, 1, analog=True)
    for design in (butterworth, elliptic, ([1.0, 2.0, 0.5], [1.0, 3.0])):
        b, a = (np.asarray(c, dtype=float) for c in design)
        for name, arguments in (("lp2lp", [3.0]), ("lp2hp", [3.0]), ("lp2bp", [3.0, 0.5]), ("lp2bs", [3.0, 0.5]),
                                ("bilinear", [2.0]), ("bilinear", [])):
            nb, na = getattr(signal, name)(b, a, *arguments)
            case(name, [b, a, *arguments], {"b": nb, "a": na})
    for q in (0.7, 30.0):
        for name, function in (("iirnotch", signal.iirnotch), ("iirpeak", signal.iirpeak)):
            case(name, [0.3, q], dict(zip("ba", function(0.3, q))))
            case(name, [50.0, q, {"sampleRate": 500.0}], dict(zip("ba", function(50, q, 500))))
        for ftype in ("notch", "peak"):
            for pass_zero in (False, True):
                want = dict(zip("ba", signal.iircomb(50, q, ftype, 500, pass_zero=pass_zero)))
                case("iircomb", [50.0, q, {"ftype": ftype, "sampleRate": 500.0, "passZero": pass_zero}], want)


def waveforms():
    # Off the multiples of the period, where a rounding decides between the ends of a jump.
    t = np.linspace(-1.03, 3.01, 30)
    for method in ("linear", "quadratic", "logarithmic", "hyperbolic"):
        for f0, f1 in ((1.0, 5.0), (6.0, 2.5), (3.0, 3.0)):
            for vertex in (True, False):
                options = {"method": method, "phi": 30.0, "vertexZero": vertex}
                want = signal.chirp(t, f0, 2.0, f1, method, 30, vertex)
                case("chirp", [t, f0, 2.0, f1, options], want)
    case("sweepPoly", [t, [0.5, -1.0, 3.0], {"phi": 20.0}], signal.sweep_poly(t, np.poly1d([0.5, -1, 3]), 20))
    i, q, e = signal.gausspulse(t / 50, 40, 0.4, -5, retquad=True, retenv=True)
    case("gausspulse", [t / 50, {"fc": 40.0, "bw": 0.4, "bwr": -5.0}], {"real": i, "imag": q, "envelope": e})
    case("gausspulse", ["cutoff", {"fc": 40.0, "tpr": -50.0}], signal.gausspulse("cutoff", 40, tpr=-50))
    for width in (0.0, 0.3, 1.0):
        case("sawtooth", [7 * t, width], signal.sawtooth(7 * t, width))
        case("square", [7 * t, width], signal.square(7 * t, width))
    case("unitImpulse", [7], signal.unit_impulse(7))
    case("unitImpulse", [7, 2], signal.unit_impulse(7, 2))
    case("unitImpulse", [8, "mid"], signal.unit_impulse(8, "mid"))
    for bits in range(2, 33):
        sequence, state = signal.max_len_seq(bits, length=100)
        case("maxLenSeq", [bits, {"length": 100}], {"sequence": sequence, "state": state})
    sequence, state = signal.max_len_seq(5, state=[0, 1, 0, 1, 1])
    case("maxLenSeq", [5, {"state": [0, 1, 0, 1, 1]}], {"sequence": sequence, "state": state})


def main():
    conversions()
    filtering()
    responses()
    orders()
    designs()
    waveforms()
    versions = {"scipy": scipy.__version__, "numpy": np.__version__}
    OUT.write_text(json.dumps({"versions": versions, "cases": CASES}, separators=(",", ":")) + "\n")
    print(len(CASES), "cases", OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
