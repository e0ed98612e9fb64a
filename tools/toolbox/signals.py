#!/usr/bin/env python3
"""Rates, convolutions, smoothing, peaks and irregular times against scipy.signal: see common.py.

    python3.12 -m venv venv && venv/bin/pip install scipy==1.18.1 numpy==2.5.5
    venv/bin/python tools/toolbox/signals.py
"""
import numpy as np
import scipy
from common import Noise, edges, family, pick
from scipy import signal


def upfirdn(rng):
    x, h = Noise(rng, 1, 300), np.round(rng.normal(size=rng.integers(1, 60)), 3)
    up, down = int(rng.integers(1, 12)), int(rng.integers(1, 12))
    mode = pick(rng, ["constant", "symmetric", "edge", "smooth", "wrap", "reflect", "antisymmetric", "antireflect",
                      "line"])
    want = signal.upfirdn(h, x.x, up, down, mode=mode)
    return [h, x, {"up": up, "down": down, "mode": mode}], want


def resample_poly(rng):
    x, up, down = Noise(rng, 2, 400), int(rng.integers(1, 30)), int(rng.integers(1, 30))
    padtype = pick(rng, ["constant", "line", "mean", "median", "maximum", "minimum", "symmetric", "edge", "reflect"])
    window, given = ("kaiser", 5.0), {}
    choice = rng.integers(4)
    if choice == 0:
        window, given = "hamming", {"window": "hamming"}
    if choice == 1:
        window = np.round(signal.firwin(int(rng.integers(3, 80)), 0.3), 6)
        given = {"window": window}
    want = signal.resample_poly(x.x, up, down, window=window, padtype=padtype)
    return [x, up, down, {"padtype": padtype} | given], want


def resample(rng):
    x, num = Noise(rng, 1, 300), int(rng.integers(1, 400))
    window = pick(rng, [None, None, "hann", ("kaiser", 3.0)])
    options = {} if window is None else {"window": list(window) if isinstance(window, tuple) else window}
    return [x, num, options], signal.resample(x.x, num, window=window)


def decimate(rng):
    x, q, ftype = Noise(rng, 120, 600), int(rng.integers(1, 14)), pick(rng, ["iir", "fir"])
    zero_phase, n = bool(rng.integers(2)), pick(rng, [None, 4, 11])
    options = {"ftype": ftype, "zeroPhase": zero_phase} | ({} if n is None else {"n": n})
    return [x, q, options], signal.decimate(x.x, q, n, ftype, zero_phase=zero_phase), 1e-9


def two(rng, long=300):
    return Noise(rng, 1, long), Noise(rng, 1, pick(rng, [10, long]))


def convolution(function):
    def generator(rng):
        x, y = two(rng)
        mode = pick(rng, ["full", "same", "valid"])
        return [x, y, {"mode": mode}], function(x.x, y.x, mode)
    return generator


def convolve_method(function):
    def generator(rng):
        x, y = two(rng)
        mode, method = pick(rng, ["full", "same", "valid"]), pick(rng, ["auto", "direct", "fft"])
        return [x, y, {"mode": mode, "method": method}], function(x.x, y.x, mode, "direct")
    return generator


def correlation_lags(rng):
    n, m, mode = int(rng.integers(1, 60)), int(rng.integers(1, 60)), pick(rng, ["full", "same", "valid"])
    # Of an odd and an even length SciPy's lags of "same" are off by one from its own correlation.
    if mode == "same" and n % 2 == 1 and m % 2 == 0:
        return None
    return [n, m, {"mode": mode}], signal.correlation_lags(n, m, mode)


def deconvolve(rng):
    divisor = np.concatenate([[1.0], np.round(rng.uniform(-0.2, 0.2, rng.integers(0, 5)), 3)])
    x = Noise(rng, 1, 80)
    quotient, remainder = signal.deconvolve(x.x, divisor)
    return [x, divisor, ], {"quotient": quotient, "remainder": remainder}


def wiener(rng):
    x, size, noise = Noise(rng, 20, 300), int(rng.integers(1, 12)), pick(rng, [None, 0.05])
    if size == 1:
        return None
    options = {"size": size} | ({} if noise is None else {"noise": noise})
    # The variance is a difference: a sample whose variance is close to the noise's amplifies roundings.
    return [x, options], signal.wiener(x.x, size, noise), 1e-9


def medfilt(rng):
    x, size = Noise(rng, 1, 300), 2 * int(rng.integers(0, 30)) + 1
    return [x, size], signal.medfilt(x.x, size)


def order_filter(rng):
    x, size = Noise(rng, 1, 200), 2 * int(rng.integers(0, 10)) + 1
    domain = rng.integers(0, 2, size).astype(float) if rng.integers(2) else np.ones(size)
    if not domain.any():
        return None
    rank = int(rng.integers(0, domain.sum()))
    # As a column: in one dimension SciPy 1.18 takes no notice of zeros in the domain.
    return [x, domain, rank], signal.order_filter(x.x[:, None], domain[:, None], rank)[:, 0]


def hilbert(rng):
    x = Noise(rng, 1, 200)
    n = int(rng.integers(1, 250))
    return [x, n], signal.hilbert(x.x, n)


def envelope(rng):
    x = Noise(rng, 3, 200)
    top = (x.n + 1) // 2
    low, high = sorted(int(v) for v in rng.integers(0, top + 1, 2))
    # Of a band from 0 on, SciPy 1.18 gives a rest of 0.
    if low == high or low == 0:
        return None
    squared, residual = bool(rng.integers(2)), pick(rng, ["lowpass", "all"])
    options, n_out = {"band": [low, high], "squared": squared, "residual": residual}, None
    if rng.integers(2):
        n_out = options["nOut"] = x.n + int(rng.integers(0, 100))
    found = signal.envelope(x.x, (low, high), n_out=n_out, squared=squared, residual=residual)
    return [x, options], {"envelope": found[0], "residual": found[1]}


def whittaker(rng):
    x, order = Noise(rng, 12, 120), int(rng.integers(1, 4))
    lamb = round(10 ** rng.uniform(-1, 3), 3)
    options, weights = {"lamb": lamb, "order": order}, None
    if rng.integers(2):
        weights = options["weights"] = np.round(rng.uniform(0.1, 2, x.n), 2)
    found = signal.whittaker_henderson(x.x, lamb=lamb, order=order, weights=weights)
    return [x, options], {"x": found.x, "lamb": found.lamb}, 1e-9


def whittaker_reml(rng):
    n, order = int(rng.integers(30, 150)), int(rng.integers(1, 4))
    y = np.round(np.sin(np.arange(n) / rng.uniform(5, 15)) + 0.3 * rng.normal(size=n), 3)
    found = signal.whittaker_henderson(y, order=order)
    # A signal whose best smoothing is a polynomial has no best λ in float64; SciPy warns there.
    if found.lamb > 1e8:
        return None
    # SciPy's search for λ stops within a tolerance.
    return [y, {"order": order}], {"x": found.x}, 1e-5


COMPARATORS = {"greater": np.greater, "greaterEqual": np.greater_equal, "less": np.less, "lessEqual": np.less_equal}


def coarse(rng, low, high):
    """Samples of which many are equal."""
    return rng.integers(-5, 6, rng.integers(low, high)).astype(float)


def extremum(function):
    def generator(rng):
        x, order, mode = coarse(rng, 1, 120), int(rng.integers(1, 6)), pick(rng, ["clip", "wrap"])
        return [x, {"order": order, "mode": mode}], function(x, order=order, mode=mode)[0]
    return generator


def argrelextrema(rng):
    x, order, mode = coarse(rng, 1, 120), int(rng.integers(1, 6)), pick(rng, ["clip", "wrap"])
    name = pick(rng, list(COMPARATORS))
    want = signal.argrelextrema(x, COMPARATORS[name], order=order, mode=mode)[0]
    return [x, name, {"order": order, "mode": mode}], want


def peak_prominences(rng):
    x = coarse(rng, 5, 200)
    peaks, wlen = signal.find_peaks(x)[0], pick(rng, [None, 7, 20.5])
    want = signal.peak_prominences(x, peaks, wlen)
    options = {} if wlen is None else {"wlen": wlen}
    return [x, peaks, options], dict(zip(("prominences", "leftBases", "rightBases"), want))


def peak_widths(rng):
    x = Noise(rng, 5, 200)
    peaks, wlen, height = signal.find_peaks(x.x)[0], pick(rng, [None, 7, 20.5]), round(rng.uniform(0, 1), 2)
    want = signal.peak_widths(x.x, peaks, height, wlen=wlen)
    options = {"relHeight": height} | ({} if wlen is None else {"wlen": wlen})
    return [x, peaks, options], dict(zip(("widths", "widthHeights", "leftIps", "rightIps"), want))


def find_peaks_cwt(rng):
    n = int(rng.integers(60, 400))
    t, x = np.arange(n), 0.05 * rng.normal(size=n)
    for _ in range(int(rng.integers(1, 6))):
        x = x + rng.uniform(0.5, 2) * np.exp(-(t - rng.uniform(0, n)) ** 2 / 2 / rng.uniform(2, 8) ** 2)
    x, widths = np.round(x, 4), np.arange(1, int(rng.integers(6, 20)))
    min_snr, noise_perc = pick(rng, [1, 2]), pick(rng, [10, 25])
    want = signal.find_peaks_cwt(x, widths, min_snr=min_snr, noise_perc=noise_perc)
    return [x, widths, {"minSnr": min_snr, "noisePerc": noise_perc}], np.asarray(want, dtype=float)


def lombscargle(rng):
    n = int(rng.integers(5, 120))
    x, y = np.sort(np.round(rng.uniform(0, 30, n), 3)), np.round(rng.normal(size=n), 3)
    freqs, normalize = np.round(rng.uniform(0.05, 12, 20), 3), pick(rng, [False, True, "power", "normalize", "amplitude"])
    floating, options, weights = bool(rng.integers(2)), {}, None
    if rng.integers(2):
        weights = options["weights"] = np.round(rng.uniform(0.1, 2, n), 2)
    want = signal.lombscargle(x, y, freqs, normalize=normalize, weights=weights, floating_mean=floating)
    return [x, y, freqs, options | {"normalize": normalize, "floatingMean": floating}], want, 1e-9


def vectorstrength(rng):
    events, period = np.round(rng.uniform(0, 50, rng.integers(1, 60)), 3), round(rng.uniform(0.5, 8), 3)
    strength, phase = signal.vectorstrength(events, period)
    return [events, period], {"strength": strength, "phase": phase}


if __name__ == "__main__":
    family("signals", {"scipy": scipy.__version__, "numpy": np.__version__}, {
        "upfirdn": upfirdn, "resamplePoly": resample_poly, "resample": resample, "decimate": decimate,
        "convolve": convolve_method(signal.convolve), "linearCorrelation": convolve_method(signal.correlate),
        "fftconvolve": convolution(signal.fftconvolve), "oaconvolve": convolution(signal.oaconvolve),
        "correlationLags": correlation_lags, "deconvolve": deconvolve, "wiener": wiener, "medfilt": medfilt,
        "orderFilter": order_filter, "hilbert": hilbert, "envelope": envelope, "whittakerHenderson": whittaker,
        "whittakerHenderson#reml": whittaker_reml, "argrelmax": extremum(signal.argrelmax),
        "argrelmin": extremum(signal.argrelmin), "argrelextrema": argrelextrema, "peakProminences": peak_prominences,
        "peakWidths": peak_widths, "findPeaksCwt": find_peaks_cwt, "lombscargle": lombscargle,
        "vectorstrength": vectorstrength,
    })
