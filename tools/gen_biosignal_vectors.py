#!/usr/bin/env python3
"""Golden vectors of the functions for biosignals: NeuroKit2's numbers.

    python3 -m venv venv && venv/bin/pip install neurokit2==0.3.0 scipy==1.17.1 numpy==2.4.6 scikit-learn==1.9.1
    venv/bin/python tools/gen_biosignal_vectors.py

writes crates/dsp-core/tests/golden/biosignal.json. Peaks and signals are simulated from seeds; of record 100, which is read from
../shared/data or the folder that DSPX_SHARED_DATA names, only the results are kept.
"""
import json
import os
import pathlib
import warnings

import neurokit2 as nk
import numpy as np
import scipy

warnings.simplefilter("ignore")
ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get("DSPX_SHARED_DATA", ROOT.parent / "shared" / "data"))
OUT = ROOT / "crates/dsp-core/tests/golden/biosignal.json"


def peaks(seed, count, rate, usual=0.8, slow=0.04, fast=0.03, rough=0.02):
    """Beats with a slow wave, breath and randomness in their intervals."""
    rng = np.random.default_rng(seed)
    at, samples = 0.4, []
    for _ in range(count):
        samples.append(round(at * rate))
        wave = slow * np.sin(0.6 * at) + fast * np.sin(1.6 * at) + rough * rng.standard_normal()
        at += usual * (1 + wave)
    return samples


def plain(values):
    return [None if not np.isfinite(x) else float(x) for x in values]


def columns(given, rate=1000, domains="all"):
    frames = [nk.hrv_time(given, rate), nk.hrv_frequency(given, rate)]
    frames += [nk.hrv_nonlinear(given, rate)] if domains == "all" else []
    return {name: plain([value])[0] for frame in frames for name, value in frame.iloc[0].items()}


def hrv_cases():
    cases = []
    for name, given in {
        "sinus": (peaks(1, 300, 250), 250),
        "fast and quiet": (peaks(2, 500, 1000, 0.5, 0.01, 0.02, 0.005), 1000),
        "irregular": (peaks(3, 400, 360, 0.7, 0.02, 0.02, 0.2), 360),
        "forty minutes": (peaks(4, 2600, 500, 0.9, 0.06, 0.03, 0.03), 500),
        "short": (peaks(5, 40, 128), 128),
    }.items():
        domains = "linear" if name == "forty minutes" else "all"
        case = {"name": name, "peaks": given[0], "rate": given[1], "domains": domains}
        cases.append(case | {"columns": columns(*given, domains)})
    intervals = np.diff(peaks(6, 250, 1000)).astype(float)
    intervals[[40, 41, 120]] = np.nan
    cases.append({"name": "gaps", "rr": plain(intervals), "columns": columns({"RRI": intervals})})
    marks = SHARED / "ecg-mitdb-100-10min.beats.json"
    record = columns(np.array(json.loads(marks.read_text())["beats"]), 360)
    cases.append({"name": "record 100", "file": marks.name, "rate": 360, "columns": record})
    return cases


def some(x):
    """A long list as every 37th of its values."""
    return plain(np.asarray(x, dtype=float)[::37])


CASES, SIGNALS = [], []


def case(name, signal, options, expected):
    """Signals are kept once, cases name them by their place."""
    kept = [round(float(x), 5) for x in signal]
    if kept not in SIGNALS:
        SIGNALS.append(kept)
    CASES.append({"name": name, "signal": SIGNALS.index(kept), "options": options, "expected": expected})


def exact(x):
    """The values that the file holds."""
    return np.array([round(float(value), 5) for value in x])


def ecg_cases():
    methods = {"neurokit": "neurokit", "pantompkins": "pantompkins1985", "hamilton": "hamilton2002",
               "elgendi": "elgendi2010"}
    for rate, pace, seed in ((250, 70, 1), (360, 110, 2)):
        x = exact(nk.ecg_simulate(12, sampling_rate=rate, heart_rate=pace, random_state=seed, noise=0.05))
        for name, method in methods.items():
            cleaned = nk.ecg_clean(x, rate, method=method)
            peaks = nk.ecg_findpeaks(cleaned, rate, method=method)["ECG_R_Peaks"]
            case("ecgClean", x, {"sampleRate": rate, "method": name}, some(cleaned))
            case("ecgPeaks", x, {"sampleRate": rate, "method": name, "clean": True}, plain(peaks))
            if name == "neurokit":
                cleaned = exact(cleaned)
                quality = nk.ecg_quality(cleaned, peaks, rate)
                case("ecgQuality", cleaned, {"peaks": plain(peaks), "sampleRate": rate}, some(quality))


def wave_cases():
    x = exact(nk.ppg_simulate(12, sampling_rate=100, heart_rate=80, random_state=3))
    cleaned = nk.ppg_clean(x, 100)
    case("ppgClean", x, {"sampleRate": 100}, some(cleaned))
    case("ppgPeaks", x, {"sampleRate": 100, "clean": True}, plain(nk.ppg_findpeaks(cleaned, 100)["PPG_Peaks"]))
    x = exact(nk.rsp_simulate(60, sampling_rate=25, respiratory_rate=14, random_state=4, noise=0.02))
    cleaned = nk.rsp_clean(x, 25)
    found = nk.rsp_findpeaks(cleaned, 25)
    case("rspClean", x, {"sampleRate": 25}, some(cleaned))
    case("rspPeaks", x, {"sampleRate": 25, "clean": True},
         {"peaks": plain(found["RSP_Peaks"]), "troughs": plain(found["RSP_Troughs"])})
    x = exact(nk.eda_simulate(40, sampling_rate=50, scr_number=5, random_state=5, noise=0))
    parts = nk.eda_phasic(x, 50, method="highpass")
    case("edaPhasic", x, {"sampleRate": 50}, {"tonic": some(parts["EDA_Tonic"]), "phasic": some(parts["EDA_Phasic"])})
    phasic = exact(parts["EDA_Phasic"])
    found = nk.eda_findpeaks(phasic, 50)
    case("edaPeaks", phasic, {}, {"peaks": plain(found["SCR_Peaks"])})
    x = exact(nk.emg_simulate(4, sampling_rate=1000, burst_number=3, random_state=6))
    cleaned = nk.emg_clean(x, 1000)
    case("emgClean", x, {"sampleRate": 1000}, some(cleaned))
    case("emgAmplitude", exact(cleaned), {"sampleRate": 1000}, some(nk.emg_amplitude(exact(cleaned))))
    envelope = exact(nk.emg_amplitude(cleaned))
    found = nk.emg_activation(envelope, sampling_rate=1000, method="threshold")[1]
    case("emgActivation", envelope, {"sampleRate": 1000},
         {"onsets": plain(found["EMG_Onsets"]), "offsets": plain(found["EMG_Offsets"])})


def band_cases():
    rng = np.random.default_rng(7)
    t = np.arange(30 * 100) / 100
    x = exact(20 * np.sin(2 * np.pi * 10 * t) + 10 * rng.standard_normal(len(t)))
    frequencies, density = scipy.signal.welch(x, 100, nperseg=400, window="hamming", average="median")
    edges = {"Delta": (0.5, 4), "Theta": (4, 8), "Alpha": (8, 12), "Sigma": (12, 16), "Beta": (16, 30),
             "Gamma": (30, 40)}

    def power(low, high):
        inside = (frequencies >= low) & (frequencies <= high)
        return scipy.integrate.simpson(density[inside], dx=frequencies[1])

    total = power(0.5, 40)
    expected = {name: float(power(*band) / total) for name, band in edges.items()} | {"TotalAbsPow": float(total)}
    case("bandPower", x, {"sampleRate": 100}, expected)


def beat_cases():
    beats = np.array(peaks(8, 200, 250))
    wrong = np.sort(np.concatenate([np.delete(beats, [60, 131]), [beats[30] + 60, beats[100] + 90]]))
    wrong[150] += 55
    artifacts, fixed = nk.signal_fixpeaks(wrong, 250, method="Kubios")
    kinds = {kind: plain(artifacts[kind]) for kind in ("ectopic", "missed", "extra", "longshort")}
    case("signalFixPeaks", wrong, {"sampleRate": 250}, {"peaks": plain(fixed)} | kinds)
    short = beats[:12]
    length = int(short[-1]) + 100
    case("signalRate", short, {"sampleRate": 250}, plain(nk.signal_rate(short, 250)))
    case("signalRate", short, {"sampleRate": 250, "desiredLength": length},
         some(nk.signal_rate(short, 250, desired_length=length)))


if __name__ == "__main__":
    ecg_cases()
    wave_cases()
    band_cases()
    beat_cases()
    OUT.write_text(json.dumps({"hrv": hrv_cases(), "signals": SIGNALS, "functions": CASES}, separators=(",", ":")) + "\n")
