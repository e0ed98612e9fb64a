"""Writes crates/dsp-core/tests/golden/filters.json: filter designs of SciPy, for tests/filters.rs.

Run with SciPy 1.17 from the repository root: python3 tools/gen_filter_vectors.py
"""

import json
import pathlib

import numpy as np
import scipy
from scipy import signal

TARGET = pathlib.Path(__file__).parent.parent / "crates/dsp-core/tests/golden/filters.json"
BANDS = {"lowpass": 0.1, "highpass": 0.17, "bandpass": [0.05, 0.12], "bandstop": [0.2, 0.31]}
FAMILIES = {
    "butterworth": dict(ftype="butter"),
    "chebyshev1": dict(ftype="cheby1", rp=0.5),
    "chebyshev2": dict(ftype="cheby2", rs=40),
    "elliptic": dict(ftype="ellip", rp=0.5, rs=60),
    "bessel": dict(ftype="bessel"),
}
FREQUENCIES = [0.02, 0.11, 0.24, 0.41]


def iir(family, order, band, edges):
    options = FAMILIES[family]
    if family == "bessel":
        return signal.bessel(order, edges, band, norm="mag", fs=1, output="sos")
    return signal.iirfilter(order, edges, btype=band, fs=1, output="sos", **options)


def rows(sos):
    return [[float(x) for x in row] for row in sos]


def pairs(values):
    return [[float(v.real), float(v.imag)] for v in values]


def response(sos):
    return pairs(signal.freqz_sos(sos, worN=np.array(FREQUENCIES), fs=1)[1])


def designs():
    for family in FAMILIES:
        for band, edges in BANDS.items():
            for order in range(1, 21):
                sos = iir(family, order, band, edges)
                case = dict(family=family, band=band, order=order, response=response(sos))
                if order in (1, 2, 3, 4, 5, 8):
                    case["rows"] = rows(sos)
                yield case


def extremes():
    for family, order, band, edges in [
        ("butterworth", 4, "lowpass", 1e-5),
        ("butterworth", 12, "bandpass", [0.1, 0.2]),
        ("butterworth", 20, "lowpass", 0.01),
        ("butterworth", 6, "lowpass", 0.4999),
        ("chebyshev1", 5, "highpass", 0.4995),
        ("elliptic", 12, "lowpass", 0.2),
        ("elliptic", 7, "bandpass", [0.001, 0.002]),
        ("bessel", 20, "lowpass", 0.05),
        ("chebyshev2", 9, "bandstop", [0.1, 0.35]),
    ]:
        yield dict(family=family, order=order, band=band, edges=np.atleast_1d(edges).tolist(),
                   rows=rows(iir(family, order, band, edges)))


def firs():
    for band, edges in BANDS.items():
        for window in ["hamming", "hann", "blackman", "bartlett", ("kaiser", 6.5)]:
            for taps in (21, 20) if band in ("lowpass", "bandpass") else (21,):
                h = signal.firwin(taps, edges, window=window, pass_zero=band, fs=1)
                name, beta = window if isinstance(window, tuple) else (window, None)
                yield dict(band=band, window=name, beta=beta, taps=taps, h=h[: (taps + 1) // 2].tolist())


def optimal():
    for taps, edges, desired, weights, kind in [
        (31, [0, 0.1, 0.15, 0.5], [1, 0], [1, 1], "bandpass"),
        (32, [0, 0.1, 0.15, 0.5], [1, 0], [1, 10], "bandpass"),
        (73, [0, 0.2, 0.23, 0.5], [0, 1], [1, 1], "bandpass"),
        (101, [0, 0.125, 0.175, 0.325, 0.375, 0.5], [0, 1, 0], [1, 2, 1], "bandpass"),
        (89, [0, 0.047, 0.059, 0.061, 0.073, 0.5], [1, 0, 1], [1, 10, 1], "bandpass"),
        (301, [0, 0.2, 0.21, 0.5], [1, 0], [1, 1], "bandpass"),
        (22, [0.05, 0.5], [1], [1], "hilbert"),
        (31, [0.05, 0.45], [1], [1], "hilbert"),
        (30, [0, 0.45], [1], [1], "differentiator"),
        (31, [0, 0.4], [2], [1], "differentiator"),
    ]:
        h = signal.remez(taps, edges, desired, weight=weights, type=kind, fs=1, maxiter=100)
        yield dict(taps=taps, edges=edges, desired=desired, weights=weights, kind=kind, h=h[: (taps + 1) // 2].tolist())


def kaiser_orders():
    for ripple, width in [(60, 0.05), (40, 0.1), (20, 0.02), (96.3, 0.011)]:
        taps, beta = signal.kaiserord(ripple, 2 * width)
        yield dict(ripple=ripple, width=width, taps=int(taps), beta=float(beta))


def signal_in(n):
    k = np.arange(n)
    return np.sin(0.05 * k) + 0.5 * np.cos(0.9 * k) + 0.01 * k


def zero_phase():
    x = signal_in(120)
    for name, sos in [
        ("butterworth 4", signal.butter(4, 0.1, output="sos", fs=1)),
        ("butterworth 3", signal.butter(3, 0.1, output="sos", fs=1)),
        ("highpass", signal.butter(2, 0.1, "highpass", output="sos", fs=1)),
        ("elliptic", signal.ellip(6, 0.5, 60, [0.1, 0.2], "bandpass", output="sos", fs=1)),
    ]:
        yield dict(name=name, rows=rows(sos), y=signal.sosfiltfilt(sos, x)[::7].tolist())
    h = signal.firwin(21, 0.1, fs=1)
    yield dict(name="fir", h=h.tolist(), y=signal.filtfilt(h, [1.0], x)[::7].tolist())


def delays():
    for b, a in [signal.butter(2, 0.1, fs=1), signal.iirnotch(0.06, 30, fs=1), signal.iirpeak(0.2, 5, fs=1),
                 ([0.2, 0.5, -0.3], [1, 0, 0])]:
        gd = signal.group_delay((b, a), w=np.array(FREQUENCIES), fs=1)[1]
        yield dict(row=[float(x) for x in [*b, *a]], delay=gd.tolist())


def dump(name, cases):
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    return f'"{name}":[\n{lines}\n]'


sections = [
    f'"about":"tools/gen_filter_vectors.py, SciPy {scipy.__version__}, NumPy {np.__version__}"',
    f'"frequencies":{FREQUENCIES}',
    dump("designs", designs()),
    dump("extremes", extremes()),
    dump("firs", firs()),
    dump("optimal", optimal()),
    dump("kaiserOrders", kaiser_orders()),
    dump("zeroPhase", zero_phase()),
    dump("delays", delays()),
]
TARGET.write_text("{" + ",\n".join(sections) + "}\n")
print(f"{TARGET}: {TARGET.stat().st_size} bytes")
