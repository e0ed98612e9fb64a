#!/usr/bin/env python3
"""Golden vectors for the spectral code: SciPy, librosa and PyWavelets.

    /path/to/venv/bin/python tools/gen_spectral_vectors.py

writes crates/dsp-core/tests/golden/spectral.json. Signals are made by the same integer formula on both sides.
"""
import json
import pathlib
import warnings

import librosa
import numpy as np
import pywt
import scipy
from scipy import signal
from scipy.signal import windows

warnings.simplefilter("ignore")
OUT = pathlib.Path(__file__).parent.parent / "crates/dsp-core/tests/golden/spectral.json"


def noise(n, seed):
    """Exact in f32: multiples of 1/1024 in (-1, 1)."""
    i = np.arange(n, dtype=np.int64)
    return ((i * i * 7919 + i * 104_729 + seed * 7907) % 2003 - 1001) / 1024.0


def numbers(x):
    return [float(f"{v:.17g}") for v in np.ravel(np.asarray(x, dtype=float))]


def pair(z):
    return {"re": numbers(np.real(z)), "im": numbers(np.imag(z))}


def some(x, count=24):
    """Evenly chosen indices of a long result, and the values there."""
    x = np.ravel(np.asarray(x, dtype=float))
    at = np.unique(np.linspace(0, len(x) - 1, min(count, len(x))).astype(int))
    return {"length": len(x), "at": at.tolist(), "values": numbers(x[at])}


def window_cases():
    params = {
        "chebwin": [60.0], "dpss": [2.5], "exponential": [3.0], "gaussian": [4.0], "general_cosine": [0.6, 0.3, 0.1],
        "general_gaussian": [1.5, 5.0], "general_hamming": [0.7], "kaiser": [8.6], "kaiser_bessel_derived": [4.0],
        "taylor": [5, 35.0, 0.0], "tukey": [0.3],
    }
    names = [
        "barthann", "bartlett", "blackman", "blackmanharris", "bohman", "boxcar", "chebwin", "cosine", "dpss",
        "exponential", "flattop", "gaussian", "general_cosine", "general_gaussian", "general_hamming", "hamming", "hann",
        "kaiser", "kaiser_bessel_derived", "lanczos", "nuttall", "parzen", "taylor", "triang", "tukey",
    ]
    cases = []
    for name in names:
        p = params.get(name, [])
        for n in (2, 3, 16, 17):
            for periodic in (False, True):
                if name == "kaiser_bessel_derived" and (periodic or n % 2):
                    continue
                if name == "dpss" and n <= 5:
                    continue
                f = getattr(windows, name)
                if name == "exponential":
                    w = f(n, None, *p, sym=not periodic)
                elif name == "general_cosine":
                    w = f(n, p, sym=not periodic)
                elif name == "taylor":
                    w = f(n, p[0], p[1], norm=bool(p[2]), sym=not periodic)
                else:
                    w = f(n, *p, sym=not periodic)
                cases.append({"name": name, "params": p, "n": n, "periodic": periodic, "w": numbers(w)})
    for name, p, n in (("taylor", [], 33), ("kaiser", [60.0], 31), ("kaiser", [300.0], 20), ("chebwin", [100.0], 64), ("dpss", [3.0], 200)):
        f = getattr(windows, name)
        w = f(n, *p)
        cases.append({"name": name, "params": p, "n": n, "periodic": False, "w": numbers(w)})
    return cases


def welch_cases():
    x, y = noise(1000, 1), noise(1000, 2) + 0.5 * noise(1000, 1)
    cases = []
    for kw in (
        {}, {"fs": 250.0, "nperseg": 100, "noverlap": 30, "nfft": 128}, {"detrend": "linear", "window": "blackman", "nperseg": 65},
        {"average": "median", "scaling": "spectrum"}, {"detrend": False, "return_onesided": False, "nperseg": 50},
    ):
        f, p = signal.welch(x, **kw)
        case = {"options": kw, "frequencies": some(f), "welch": some(p)}
        _, c = signal.csd(x, y, **kw)
        case["csdRe"], case["csdIm"] = some(c.real), some(c.imag)
        if "average" not in kw and "return_onesided" not in kw:
            case["coherence"] = some(signal.coherence(x, y, **kw)[1])
        cases.append(case)
    return cases


def periodogram_cases():
    x = noise(501, 3)
    out = []
    for kw in ({}, {"window": "hann", "fs": 100.0, "scaling": "spectrum"}, {"nfft": 300}, {"nfft": 1024, "detrend": "linear"}):
        out.append({"options": kw, "power": some(signal.periodogram(x, **kw)[1])})
    return out


def spectrogram_cases():
    x = noise(1500, 4)
    out = []
    for mode in ("psd", "magnitude", "angle", "phase"):
        kw = {"fs": 100.0, "nperseg": 128, "noverlap": 100} if mode == "phase" else {}
        f, t, s = signal.spectrogram(x, mode=mode, **kw)
        out.append({"mode": mode, "options": kw, "times": some(t), "values": some(s.T)})
    return out


def stft_cases():
    x = noise(777, 5)
    out = []
    for kw in ({}, {"fs": 8.0, "nperseg": 100, "noverlap": 75, "nfft": 128}, {"nperseg": 64, "boundary": None, "padded": False, "scaling": "psd"}):
        f, t, z = signal.stft(x, **kw)
        inverse = {k: v for k, v in kw.items() if k in ("fs", "nperseg", "noverlap", "nfft", "scaling")}
        _, back = signal.istft(z, boundary=kw.get("boundary", "zeros") is not None, **inverse)
        out.append({"options": {k: v for k, v in kw.items() if k not in ("boundary", "padded")}, "whole": "boundary" not in kw,
                    "times": some(t), "re": some(z.T.real), "im": some(z.T.imag), "back": some(back)})
    return out


def cola_cases():
    out = []
    for name, n, o in (("hann", 120, 60), ("hann", 120, 61), ("hamming", 128, 96), ("bartlett", 51, 26), ("blackman", 90, 60), ("boxcar", 100, 0), ("hann", 64, 63), ("hann", 64, 0), ("flattop", 100, 80)):
        out.append({"window": name, "nperseg": n, "noverlap": o, "cola": bool(signal.check_COLA(name, n, o)), "nola": bool(signal.check_NOLA(name, n, o))})
    return out


def mel_cases():
    out = []
    for kw in ({"sr": 22050, "n_fft": 512, "n_mels": 40}, {"sr": 16000, "n_fft": 400, "n_mels": 26, "fmin": 100.0, "fmax": 7000.0, "htk": True},
               {"sr": 8000, "n_fft": 256, "n_mels": 20, "norm": None}):
        w = librosa.filters.mel(**kw)
        out.append({"options": kw, "sum": float(w.astype(np.float64).sum()), "weights": some(w, 400)})
    return out


def mfcc_cases():
    y = noise(6000, 6)
    out = []
    for kw in ({}, {"sr": 16000, "n_fft": 512, "hop_length": 160, "n_mfcc": 13, "n_mels": 40, "htk": True, "lifter": 22.0},
               {"sr": 8000, "n_fft": 400, "win_length": 320, "hop_length": 100, "n_mels": 30, "center": False, "fmin": 50.0, "power": 1.0}):
        m = librosa.feature.mfcc(y=y, **kw)
        mel = librosa.feature.melspectrogram(y=y, **{k: v for k, v in kw.items() if k not in ("n_mfcc", "lifter")})
        out.append({"options": kw, "mfcc": some(m.T, 60), "mel": some(mel.T, 60)})
    return out


def dwt_cases():
    out = []
    for name in ["haar"] + [f"db{k}" for k in range(2, 11)]:
        for n in (1, 2, 7, 16, 33):
            x = noise(n, n)
            a, d = pywt.dwt(x, name, mode="symmetric")
            s = (pywt.Wavelet(name).dec_len - 2) // 4
            out.append({"wavelet": name, "n": n, "y": numbers(np.concatenate([a[s:s + n // 2], d[s:s + n - n // 2]]))})
    return out


def transform_cases():
    x = noise(37, 8)
    z = noise(40, 9) + 1j * noise(40, 10)
    f = np.linspace(0.1, 0.3, 11, endpoint=False)
    return {
        "dct2": numbers(scipy.fft.dct(x, 2, norm="ortho")), "dct3": numbers(scipy.fft.dct(x, 3, norm="ortho")),
        "hilbert": pair(signal.hilbert(x)), "hilbertEven": pair(signal.hilbert(noise(40, 8))),
        "czt": pair(signal.czt(z, 17, 0.999 * np.exp(-0.21j), 1.05 * np.exp(0.4j))), "cztDefault": pair(signal.czt(z)),
        "zoom": pair(signal.zoom_fft(x, [0.2, 0.6], 11, fs=2)),
        "goertzel": pair(np.array([np.sum(x * np.exp(-2j * np.pi * v * np.arange(37))) for v in f])),
    }


def peak_cases():
    x = noise(400, 11)
    smooth = np.convolve(noise(600, 12), np.ones(9) / 9, mode="valid")
    stairs = np.round(4 * smooth) / 4
    out = []
    for name, data, kw in (
        ("noise", x, {}), ("noise", x, {"height": 0.5}), ("noise", x, {"height": [0.1, 0.6], "distance": 7}),
        ("noise", x, {"threshold": [0.2, 1.5]}), ("smooth", smooth, {"prominence": 0.2, "width": [2, None], "rel_height": 0.7}),
        ("smooth", smooth, {"prominence": [None, 0.3], "wlen": 21}), ("smooth", smooth, {"width": 3, "distance": 10.5}),
        ("stairs", stairs, {"plateau_size": [2, 6]}), ("stairs", stairs, {"prominence": 0.1, "width": 0}),
    ):
        kwargs = {k: tuple(v) if isinstance(v, list) else v for k, v in kw.items()}
        peaks, properties = signal.find_peaks(data, **kwargs)
        out.append({"signal": name, "options": kw, "peaks": peaks.tolist(), "properties": {k: numbers(v) for k, v in properties.items()}})
    return {"cases": out, "smooth": numbers(smooth), "stairs": numbers(stairs)}


def filter_cases():
    x = noise(90, 13)
    savgol = []
    for kw in ({"window_length": 11, "polyorder": 3}, {"window_length": 7, "polyorder": 2, "deriv": 1, "delta": 0.25},
               {"window_length": 21, "polyorder": 4, "mode": "mirror"}, {"window_length": 5, "polyorder": 1, "mode": "nearest"},
               {"window_length": 9, "polyorder": 2, "mode": "wrap"}, {"window_length": 9, "polyorder": 2, "mode": "constant"}):
        savgol.append({"options": kw, "y": numbers(signal.savgol_filter(x, **kw))})
    weights = [{"window": w, "order": o, "deriv": d, "weights": numbers(signal.savgol_coeffs(w, o, deriv=d, use="dot"))}
               for w, o, d in ((5, 2, 0), (31, 5, 2), (101, 4, 0))]
    median = [{"size": 5, "mode": "constant", "y": numbers(signal.medfilt(x, 5))}]
    for mode in ("nearest", "mirror", "reflect", "wrap", "constant"):
        median.append({"size": 9, "mode": mode, "y": numbers(scipy.ndimage.median_filter(x, 9, mode=mode))})
    return {"savgol": savgol, "savgolWeights": weights, "median": median,
            "detrend": numbers(signal.detrend(x)), "autocorrelation": numbers(np.correlate(x, x, "full")[89:])}


def fft_cases():
    out = []
    for n in (1, 2, 3, 5, 8, 13, 100, 127, 128):
        x = noise(n, n)
        out.append({"n": n, **pair(np.fft.rfft(x))})
    return out


def main():
    golden = {
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "librosa": librosa.__version__, "pywavelets": pywt.__version__},
        "windows": window_cases(), "welch": welch_cases(), "periodogram": periodogram_cases(), "spectrogram": spectrogram_cases(),
        "stft": stft_cases(), "cola": cola_cases(), "mel": mel_cases(), "mfcc": mfcc_cases(), "dwt": dwt_cases(),
        "transforms": transform_cases(), "peaks": peak_cases(), "filters": filter_cases(), "fft": fft_cases(),
    }
    OUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(OUT, OUT.stat().st_size)


main()
