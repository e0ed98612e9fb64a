#!/usr/bin/env python3
"""Designs of filters against scipy.signal: see common.py.

    python3.12 -m venv venv && venv/bin/pip install scipy==1.18.1 numpy==2.5.5
    venv/bin/python tools/toolbox/designs.py
"""
import numpy as np
import scipy
from common import edges, family, pick, zpk
from scipy import signal

WINDOWS = ["barthann", "bartlett", "blackman", "blackmanharris", "bohman", "boxcar", ("chebwin", 70.0), "cosine",
           ("dpss", 2.5), ("exponential", None, 9.0), "flattop", ("gaussian", 5.0), ("general_cosine", [0.5, 0.4, 0.1]),
           ("general_gaussian", 1.5, 5.0), ("general_hamming", 0.6), "hamming", "hann", ("kaiser", 6.5),
           ("kaiser_bessel_derived", 8.0), "lanczos", "nuttall", "parzen", ("taylor", 4, 35, True), "triang",
           ("tukey", 0.3)]


def window_argument(window):
    return list(window) if isinstance(window, tuple) else window


def get_window(rng):
    window, n, bins = pick(rng, WINDOWS), int(rng.integers(7, 200)), bool(rng.integers(2))
    name = window[0] if isinstance(window, tuple) else window
    if name == "kaiser_bessel_derived":
        n, bins = 2 * n, False
    want = signal.get_window(window, n, bins)
    return [window_argument(window), n, bins], want


def firwin(rng):
    taps, count = int(rng.integers(3, 160)), int(rng.integers(1, 5))
    cutoff, pass_zero, rate = edges(rng, count), bool(rng.integers(2)), pick(rng, [2.0, 1.0, 250.0])
    window, scale = pick(rng, WINDOWS), bool(rng.integers(2))
    if pass_zero == (count % 2 == 0):
        taps |= 1
    if isinstance(window, tuple) and window[0] == "kaiser_bessel_derived":
        return None
    cutoff = cutoff * rate / 2
    options = {"passZero": pass_zero, "scale": scale, "sampleRate": rate}
    if rng.integers(4) == 0:
        width = 0.1 * rate
        want = signal.firwin(taps, cutoff, width=width, pass_zero=pass_zero, scale=scale, fs=rate)
        return [taps, cutoff, options | {"width": width}], want
    want = signal.firwin(taps, cutoff, window=window, pass_zero=pass_zero, scale=scale, fs=rate)
    return [taps, cutoff, options | {"window": window_argument(window)}], want


def firwin2(rng):
    taps, antisymmetric, rate = int(rng.integers(3, 120)), bool(rng.integers(2)), pick(rng, [2.0, 500.0])
    inner = edges(rng, int(rng.integers(1, 5)))
    if rng.integers(2):
        inner = np.sort(np.append(inner, inner[0]))
    freq = np.concatenate([[0], inner, [1]]) * rate / 2
    gain = np.round(rng.uniform(0, 2, len(freq)), 2)
    if antisymmetric:
        gain[0] = 0
    if (taps % 2 == 0) != antisymmetric:
        gain[-1] = 0
    options, nfreqs = {"antisymmetric": antisymmetric, "sampleRate": rate}, None
    if rng.integers(2):
        nfreqs = options["nfreqs"] = pick(rng, [129, 200, 257, 1000])
    window = pick(rng, ["hamming", None, ("kaiser", 4.0)])
    options["window"] = window_argument(window)
    want = signal.firwin2(taps, freq, gain, nfreqs=nfreqs, window=window, antisymmetric=antisymmetric, fs=rate)
    return [taps, freq, gain, options], want


def firls(rng):
    taps, count, rate = int(rng.integers(1, 40)) * 2 + 1, int(rng.integers(1, 4)), pick(rng, [2.0, 100.0])
    bands = np.concatenate([[0], edges(rng, 2 * count - 2, gap=0.05), [1]]) * rate / 2
    desired = np.round(rng.uniform(0, 2, 2 * count), 2)
    options, weight = {"sampleRate": rate}, None
    if rng.integers(2):
        weight = options["weight"] = np.round(rng.uniform(0.5, 20, count), 1)
    want = signal.firls(taps, bands, desired, weight=weight, fs=rate)
    # The equations' condition grows with the taps and with what the bands leave open; it shows in what happens there.
    if np.max(np.abs(want)) > 2:
        return None
    return [taps, bands, desired, options], want, 1e-6


def first_band_ripple(taps, bands, desired, kind):
    f, delays = np.linspace(bands[0], bands[1], 500), (len(taps) - 1) / 2 - np.arange(len(taps))
    angles = 2 * np.pi * np.outer(f, delays)
    gain = np.cos(angles) @ taps if kind == "bandpass" else np.abs(np.sin(angles) @ taps)
    wanted = np.abs(desired) * (f if kind == "differentiator" else 1)
    return np.max(np.abs(gain - wanted) / (np.maximum(f, 1e-3) if kind == "differentiator" else 1))


def remez(rng):
    kind, rate = pick(rng, ["bandpass", "differentiator", "hilbert"]), pick(rng, [1.0, 2.0, 400.0])
    taps = int(rng.integers(8, 70))
    if kind == "bandpass":
        count = int(rng.integers(2, 4))
        taps |= 1
        starts = edges(rng, count - 1, 0.1, 0.8, 0.3)
        bands = np.concatenate([[0], np.round(np.sort(np.append(starts, starts + rng.uniform(0.04, 0.12))), 3), [1]])
        desired = np.array([k % 2 for k in range(count)]) ^ int(rng.integers(2))
    elif kind == "differentiator":
        bands, desired = np.array([0, round(rng.uniform(0.5, 0.9), 3)]), np.array([1.0])
    else:
        bands, desired = np.array([round(rng.uniform(0.05, 0.2), 3), round(rng.uniform(0.7, 0.94), 3)]), np.array([1.0])
    weight = np.round(rng.uniform(1, 10, len(desired)), 1)
    try:
        want = signal.remez(taps, bands * rate / 2, desired, weight=weight, type=kind, fs=rate, maxiter=100)
    except ValueError:
        return None
    # Below a ripple of 1e-8 float64 shows no alternation, and the exchange ends anywhere.
    if np.max(np.abs(want)) > 2 or first_band_ripple(want, bands / 2, desired[0], kind) < 1e-8:
        return None
    # The result of both is the best on a grid of points up to the last exchange.
    return [taps, bands * rate / 2, desired, {"weight": weight, "type": kind, "sampleRate": rate}], want, 1e-7


def minimum_phase(rng):
    taps = int(rng.integers(2, 40)) * 2 + 1
    h = np.round(signal.firwin(taps, edges(rng, 1)[0], window=("kaiser", 3.0)), 9)
    half, options, n_fft = bool(rng.integers(2)), {}, None
    if rng.integers(2):
        n_fft = options["nFft"] = pick(rng, [1024, 1500, 1501, 4096])
    want = signal.minimum_phase(h, n_fft=n_fft, half=half)
    return [h, options | {"half": half}], want, 1e-9


def minimum_phase_hilbert(rng):
    taps, edge = int(rng.integers(5, 25)) * 2 + 1, edges(rng, 1, 0.2, 0.7)[0]
    h = signal.remez(taps, [0, edge, edge + 0.15, 1], [1, 0], fs=2, maxiter=100)
    h = (h + h[::-1]) / 2
    want = signal.minimum_phase(h, method="hilbert")
    if not np.all(np.isfinite(want)):
        return None
    # The logarithm of a response that touches 0: a rounding of the lowest point decides about four digits.
    return [h, {"method": "hilbert"}], want, 5e-3


def kaiser_atten(rng):
    taps, width = int(rng.integers(1, 300)), round(rng.uniform(0.001, 1), 3)
    return [taps, width], signal.kaiser_atten(taps, width)


def kaiser_beta(rng):
    attenuation = round(rng.uniform(0, 120), 2)
    return [attenuation], signal.kaiser_beta(attenuation)


def kaiserord(rng):
    ripple, width = round(rng.uniform(8, 120), 2), round(rng.uniform(0.001, 1), 3)
    return [ripple, width], dict(zip(("numtaps", "beta"), signal.kaiserord(ripple, width)))


def savgol_coeffs(rng):
    window = int(rng.integers(2, 60))
    order, use = int(rng.integers(0, min(window, 7))), pick(rng, ["conv", "dot"])
    deriv, delta = int(rng.integers(0, 4)), round(rng.uniform(0.5, 3), 2)
    options, pos = {"deriv": deriv, "delta": delta, "use": use}, None
    if rng.integers(2):
        pos = options["pos"] = int(rng.integers(0, window))
    want = signal.savgol_coeffs(window, order, deriv=deriv, delta=delta, pos=pos, use=use)
    # SciPy solves with powers of the abscissa: its own digits end there.
    return [window, order, options], want, 1e-7


FORMS = {"ba": lambda f: dict(zip("ba", f)), "zpk": lambda f: zpk(*f), "sos": lambda f: f}


def band(rng, low=0.1, high=0.9):
    kind = pick(rng, ["lowpass", "highpass", "bandpass", "bandstop"])
    wn = edges(rng, 2 if kind.startswith("band") else 1, low, high, 0.1)
    return kind, wn if len(wn) == 2 else float(wn[0])


def iirfilter(rng):
    kind, wn = band(rng)
    order, family_name = int(rng.integers(1, 8)), pick(rng, ["butter", "cheby1", "cheby2", "ellip", "bessel"])
    analog, output, rate = bool(rng.integers(3) == 0), pick(rng, ["ba", "zpk", "sos"]), pick(rng, [2.0, 360.0])
    if analog:
        output = "zpk" if output == "sos" else output
        wn = np.multiply(wn, 10.0) if np.ndim(wn) else wn * 10
    else:
        wn = np.multiply(wn, rate / 2) if np.ndim(wn) else wn * rate / 2
    rp, rs = round(rng.uniform(0.1, 3), 2), round(rng.uniform(20, 70), 1)
    want = signal.iirfilter(order, wn, rp=rp, rs=rs, btype=kind, analog=analog, ftype=family_name, output=output,
                            fs=None if analog else rate)
    options = {"rp": rp, "rs": rs, "btype": kind, "analog": analog, "ftype": family_name, "output": output}
    # Polynomials of high orders multiply roundings of their roots.
    return [order, wn, options | ({} if analog else {"sampleRate": rate})], FORMS[output](want), 1e-8


def iirdesign(rng):
    output, family_name = pick(rng, ["zpk", "sos"]), pick(rng, ["butter", "cheby1", "cheby2", "ellip"])
    inner, wide = edges(rng, 2, 0.3, 0.7, 0.1), round(rng.uniform(0.05, 0.2), 3)
    wp, ws = pick(rng, [(float(inner[0]), float(inner[1])), (float(inner[1]), float(inner[0])),
                        (inner, np.round([inner[0] - wide, inner[1] + wide], 3))])
    gpass, gstop, rate = round(rng.uniform(0.2, 3), 2), round(rng.uniform(20, 60), 1), pick(rng, [2.0, 500.0])
    wp, ws = (np.multiply(w, rate / 2) if np.ndim(w) else w * rate / 2 for w in (wp, ws))
    want = signal.iirdesign(wp, ws, gpass, gstop, ftype=family_name, output=output, fs=rate)
    options = {"ftype": family_name, "output": output, "sampleRate": rate}
    return [wp, ws, gpass, gstop, options], FORMS[output](want), 1e-8


def gammatone(rng):
    rate, kind = pick(rng, [8000.0, 16000.0, 44100.0]), pick(rng, ["fir", "iir"])
    frequency, options = round(rng.uniform(50, 0.45 * rate), 1), {"sampleRate": rate}
    if kind == "fir":
        options |= {"order": int(rng.integers(1, 7)), "numtaps": int(rng.integers(15, 700))}
    want = signal.gammatone(frequency, kind, options.get("order"), options.get("numtaps"), rate)
    return [frequency, kind, options], dict(zip("ba", want))


def analog_zpk(name, count):
    def generator(rng):
        z, p, k = signal.iirfilter(int(rng.integers(1, 9)), 1, rp=1, rs=40, btype="lowpass", analog=True,
                                   ftype=pick(rng, ["butter", "cheby1", "cheby2", "ellip", "bessel"]), output="zpk")
        numbers = [round(rng.uniform(0.2, 20), 3) for _ in range(count)]
        return [zpk(z, p, k), *numbers], zpk(*getattr(signal, name)(z, p, k, *numbers))
    return generator


if __name__ == "__main__":
    family("designs", {"scipy": scipy.__version__, "numpy": np.__version__}, {
        "getWindow": get_window, "firwin": firwin, "firwin2": firwin2, "firls": firls, "remez": remez,
        "minimumPhase": minimum_phase, "minimumPhase#hilbert": minimum_phase_hilbert, "kaiserAtten": kaiser_atten,
        "kaiserBeta": kaiser_beta, "kaiserord": kaiserord, "savgolCoeffs": savgol_coeffs, "iirfilter": iirfilter,
        "iirdesign": iirdesign, "gammatone": gammatone, "lp2lpZpk": analog_zpk("lp2lp_zpk", 1),
        "lp2hpZpk": analog_zpk("lp2hp_zpk", 1), "lp2bpZpk": analog_zpk("lp2bp_zpk", 2),
        "lp2bsZpk": analog_zpk("lp2bs_zpk", 2), "bilinearZpk": analog_zpk("bilinear_zpk", 1),
    })
