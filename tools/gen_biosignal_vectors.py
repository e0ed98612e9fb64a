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


if __name__ == "__main__":
    OUT.write_text(json.dumps({"hrv": hrv_cases()}, separators=(",", ":")) + "\n")
