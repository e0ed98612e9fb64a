#!/usr/bin/env python3
"""Measures beat detectors and writes the tables of docs/biosignals.md: `EcgBeats`, NeuroKit2's and sleepecg's detectors
on the same leads.

    pip install neurokit2==0.3.0 sleepecg==0.6.0 scipy
    cargo build -p dsp-core --example ecg_beats
    python3 tools/ecg_tables.py path/to/examples/ecg_beats [seeds]

Leads are simulated, with known R peaks: sums of Gaussian waves at 100 to 1000 Hz and 40 to 180 beats a
minute. Record 100 is read from ../shared/data, or from the folder that DSPX_SHARED_DATA names, where it is
there. Noise is measured against the power of the lead (its variance).
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from scipy import signal

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get("DSPX_SHARED_DATA", ROOT.parent / "shared" / "data"))
RATES = [250, 360, 500, 128, 1000, 100, 200]
PACES = [40, 60, 75, 95, 120, 150, 180]

# Waves: height in mV, centre and width in ms. P and QRS keep their distance from the R peak, T goes with the interval.
NORMAL = dict(fixed=[(0.15, -160, 22), (-0.1, -28, 9), (1.0, 0, 11), (-0.2, 28, 10)], t=[(0.3, 270, 45)])
SHAPES = {
    "normal": NORMAL,
    "tall T": dict(fixed=[(0.12, -160, 22), (-0.05, -28, 9), (1.0, 0, 11), (-0.3, 28, 12)],
                   t=[(0.75, 250, 38), (0.35, 290, 32)]),
    "small R": dict(fixed=[(0.12, -170, 25), (0.35, 0, 14), (-0.12, 32, 12)], t=[(-0.12, 270, 50)]),
    "RS": dict(fixed=[(0.1, -160, 22), (0.8, 0, 10), (-0.75, 30, 12)], t=[(0.35, 270, 45)]),
    "QS": dict(fixed=[(0.1, -160, 22), (0.1, -28, 9), (-1.1, 0, 14)], t=[(0.35, 270, 45)]),
    "left bundle branch block": dict(fixed=[(0.1, -190, 22), (0.85, 0, 18), (0.8, 45, 20)], t=[(-0.4, 290, 55)]),
    "right bundle branch block": dict(fixed=[(0.12, -160, 22), (0.8, 0, 10), (-0.5, 42, 20)], t=[(0.25, 270, 45)]),
    "paced": dict(fixed=[(0.5, -75, 1.2), (-1.2, 0, 34)], t=[(0.5, 300, 60)]),
}
VENTRICULAR = [
    dict(fixed=[(1.8, 0, 35)], t=[(-0.7, 280, 70)]),
    dict(fixed=[(-1.5, 0, 38)], t=[(0.6, 270, 70)]),
    dict(fixed=[(1.4, -35, 24), (-0.7, 45, 40)], t=[(-0.3, 290, 60)]),
    dict(fixed=[(1.1, -30, 22), (0.9, 25, 28)], t=[(-0.6, 270, 60)]),
    dict(fixed=[(-0.5, -45, 20), (1.6, 15, 28)], t=[(-0.5, 290, 70)]),
]


def waves(times, shape, interval):
    stretch = np.clip(np.sqrt(interval / 0.8), 0.6, 1.15)
    late = [(a, c * stretch, max(s * stretch, 32)) for a, c, s in shape["t"]]
    return sum(a * np.exp(-0.5 * ((times * 1000 - c) / s) ** 2) for a, c, s in shape["fixed"] + late)


def peak_of(shape):
    """Seconds from a beat's time to its largest deflection."""
    at = np.arange(-0.1, 0.1, 0.0005)
    wide = dict(fixed=[wave for wave in shape["fixed"] if wave[2] > 3 and abs(wave[1]) < 100], t=[])
    return at[np.argmax(np.abs(waves(at, wide, 0.8)))]


def lead(rng, rate, seconds, pace, shape=NORMAL, ectopic=0.0, rhythm="sinus"):
    """A lead in mV, its R peaks, and which of them are ventricular."""
    usual = 60 / pace
    times, kinds, at, phase = [], [], rng.uniform(0.15, 0.15 + 0.9 * usual), rng.uniform(0, 6.28)
    ventricular = VENTRICULAR[rng.integers(len(VENTRICULAR))]
    while at < seconds - 0.1:
        early = times[-1] + usual * rng.uniform(0.55, 0.75) if times else at
        bigeminy = rhythm == "bigeminy" and len(times) % 2 == 1
        single = rhythm != "bigeminy" and rng.random() < ectopic and kinds and not kinds[-1]
        if times and (bigeminy or single) and early - times[-1] > 0.3:
            times.append(early)
            kinds.append(True)
            at = early + usual * rng.uniform(1.15, 1.4)
            continue
        times.append(at)
        kinds.append(False)
        if rhythm == "fibrillation":
            at += max(0.3, usual * np.clip(rng.gamma(16, 1 / 16), 0.5, 2.2))
        else:
            at += max(0.3, usual * (1 + 0.05 * np.sin(1.57 * at + phase) + 0.02 * rng.standard_normal()))
    count = int(seconds * rate)
    clock, x = np.arange(count) / rate, 0.005 * rng.standard_normal(count)
    peaks = []
    for i, (time, is_ventricular) in enumerate(zip(times, kinds)):
        beat = ventricular if is_ventricular else shape
        if rhythm == "fibrillation":
            beat = dict(beat, fixed=[wave for wave in beat["fixed"] if wave[1] > -100])
        first, last = max(0, int((time - 0.5) * rate)), min(count, int((time + 0.9) * rate))
        interval = times[i + 1] - time if i + 1 < len(times) else usual
        gain = 1 + 0.05 * rng.standard_normal() + 0.1 * np.sin(1.57 * time + phase)
        x[first:last] += gain * waves(clock[first:last] - time, beat, interval)
        peaks.append((time + peak_of(beat)) * rate)
    if rhythm == "fibrillation":
        drift = signal.lfilter([0.01], [1, -0.99], rng.standard_normal(count))
        angle = 2 * np.pi * np.cumsum(rng.uniform(5, 7) + 0.5 * drift) / rate
        x += 0.1 * np.sin(angle) + 0.04 * np.sin(2 * angle)
    return x, np.round(peaks).astype(int), np.array(kinds)


def band(rng, count, rate, low, high, order=1):
    edges = [2 * low / rate, min(0.9, 2 * high / rate)]
    x = signal.lfilter(*signal.butter(order, edges, "band"), rng.standard_normal(count))
    return x / x.std()


def bursts(rng, count, rate, depth):
    envelope = signal.lfilter(*signal.butter(1, 0.8 / rate), rng.standard_normal(count))
    return np.exp(depth * envelope / envelope.std())


def noise(rng, kind, count, rate):
    if kind == "mains":
        hum = rng.choice([50, 60])
        x = np.sin(2 * np.pi * hum * np.arange(count) / rate + rng.uniform(0, 6))
    elif kind == "wander":
        x = signal.lfilter(*signal.butter(2, 1 / rate), rng.standard_normal(count))
    elif kind == "muscle":
        x = band(rng, count, rate, 15, 150, 2) * bursts(rng, count, rate, 0.8)
    elif kind == "electrode motion":
        x = band(rng, count, rate, 0.5, 8) * bursts(rng, count, rate, 0.7)
        for start in rng.integers(0, count, int(count / rate / 20) + 1):
            after = np.arange(count - start) / rate
            pop = np.exp(-after / rng.uniform(0.2, 1.0)) * (1 - np.exp(-after / 0.03))
            x[start:] += rng.choice([-1, 1]) * rng.uniform(2, 5) * pop
    else:
        x = rng.standard_normal(count)
    return x / x.std()


def leads(seeds):
    """All simulated leads by their row in the tables: rate, signal, peaks."""
    rows = {}

    def add(row, rate, x, peaks):
        rows.setdefault(row, []).append((rate, x, peaks))

    for seed in range(seeds):
        rate, pace = RATES[seed % 7], PACES[seed % 7]
        wide = min(pace, 130)
        for name, shape in SHAPES.items():
            rng = np.random.default_rng(seed)
            add(("clean", name), rate, *lead(rng, rate, 60, pace if name != "paced" else wide, shape)[:2])
        for share in (0.05, 0.15):
            rng = np.random.default_rng(seed + 1000)
            add(("clean", f"{share:.0%} ventricular"), rate, *lead(rng, rate, 60, min(pace, 100), ectopic=share)[:2])
        for rhythm in ("bigeminy", "fibrillation"):
            rng = np.random.default_rng(seed + 2000)
            add(("clean", rhythm), rate, *lead(rng, rate, 60, min(pace, 100), rhythm=rhythm)[:2])
        for kind in ("white", "mains", "wander", "muscle", "electrode motion"):
            for decibels in (24, 12, 6, 0):
                rng = np.random.default_rng(seed + 3000)
                x, peaks, _ = lead(rng, rate, 60, pace)
                x = x + noise(rng, kind, len(x), rate) * x.std() * 10 ** (-decibels / 20)
                add((kind, f"{decibels} dB"), rate, x, peaks)
    return rows


def match(truth, found, tolerance):
    """Pairs one to one in time; returns distances of the pairs."""
    i = j = 0
    distances = []
    while i < len(truth) and j < len(found):
        distance = found[j] - truth[i]
        if abs(distance) <= tolerance:
            distances.append(abs(distance))
            i, j = i + 1, j + 1
        elif distance < 0:
            j += 1
        else:
            i += 1
    return distances


class Score:
    def __init__(self):
        self.truth = self.found = self.hits = self.wide_hits = 0
        self.late = []

    def add(self, truth, found, rate):
        near = match(truth, found, 0.05 * rate)
        self.truth += len(truth)
        self.found += len(found)
        self.hits += len(near)
        self.wide_hits += len(match(truth, found, 0.15 * rate))
        self.late += [1000 * distance / rate for distance in near]

    def cells(self):
        f1 = lambda hits: 200 * hits / max(1, self.truth + self.found)
        errors = np.percentile(self.late, [50, 95]) if self.late else [np.nan, np.nan]
        found = 100 * self.hits / self.truth
        right = 100 * self.hits / max(1, self.found)
        return (f"{found:.2f} | {right:.2f} | {f1(self.hits):.2f} | "
                f"{f1(self.wide_hits):.2f} | {errors[0]:.1f} | {errors[1]:.1f}")


def others():
    import neurokit2
    import sleepecg

    def by(method):
        return lambda x, rate: neurokit2.ecg_findpeaks(
            neurokit2.ecg_clean(x, rate, method=method), rate, method=method)["ECG_R_Peaks"]

    methods = {"NeuroKit2 neurokit": "neurokit", "NeuroKit2 pantompkins": "pantompkins1985",
               "NeuroKit2 hamilton": "hamilton2002",
               "NeuroKit2 elgendi": "elgendi2010", "NeuroKit2 zong": "zong2003"}
    detectors = {name: by(method) for name, method in methods.items()}
    detectors["sleepecg"] = lambda x, rate: sleepecg.detect_heartbeats(x, rate)
    return detectors


def ours(program, signals):
    """`EcgBeats` on all signals in one run; calls of 50 samples."""
    with tempfile.TemporaryDirectory() as folder:
        lines = []
        for i, (rate, x, _) in enumerate(signals):
            np.asarray(x, dtype="<f4").tofile(f"{folder}/{i}")
            lines.append(f"{rate} {folder}/{i}\n")
        subprocess.run([program], input="".join(lines), text=True, check=True)
        read = lambda i: [int(line.split()[0]) for line in open(f"{folder}/{i}.beats")]
        return [np.array(read(i), dtype=int) for i in range(len(signals))]


HEAD = "| {} | Se % | +P % | F1 % | F1 at 150 ms | median ms | 95 % ms |\n|---|---|---|---|---|---|---|\n"


def run(detector, x, rate):
    try:
        return np.asarray(detector(np.asarray(x, dtype=float), rate), dtype=float)
    except Exception:  # a detector that fails on a signal finds nothing in it
        return np.array([])


def main():
    warnings.filterwarnings("ignore")
    program, seeds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7
    rows = leads(seeds)
    order = [(row, one) for row, signals in rows.items() for one in signals]
    scores = {row: Score() for row in rows}
    for (row, (rate, _, peaks)), found in zip(order, ours(program, [one for _, one in order])):
        scores[row].add(peaks, found, rate)
    text = HEAD.format("simulated lead")
    text += "".join(f"| {row[0]}, {row[1]} | {score.cells()} |\n" for row, score in scores.items())
    groups = {"clean": lambda row: row[0] == "clean", "24 dB": lambda row: row[1] == "24 dB",
              "12 dB": lambda row: row[1] == "12 dB",
              "6 dB": lambda row: row[1] == "6 dB", "0 dB": lambda row: row[1] == "0 dB"}
    text += "\n" + HEAD.format("detector, all leads of a kind")
    detectors = others()
    found_by_ours = ours(program, [one for _, one in order])
    for group, belongs in groups.items():
        totals = {name: Score() for name in ["EcgBeats", *detectors]}
        for (row, (rate, x, peaks)), found in zip(order, found_by_ours):
            if belongs(row):
                totals["EcgBeats"].add(peaks, found, rate)
                for name, detector in detectors.items():
                    totals[name].add(peaks, run(detector, x, rate), rate)
        text += "".join(f"| {group}: {name} | {total.cells()} |\n" for name, total in totals.items())
    text += "\n" + record_100(program, detectors)
    page = ROOT / "docs" / "biosignals.md"
    before, rest = page.read_text().split("<!-- tables -->\n", 1)
    after = rest.split("<!-- end of tables -->", 1)[1]
    page.write_text(f"{before}<!-- tables -->\n{text}<!-- end of tables -->{after}")


def record_100(program, detectors):
    if not (SHARED / "ecg-mitdb-100-10min.i16").exists():
        return "Record 100 was not there.\n"
    counts = np.fromfile(SHARED / "ecg-mitdb-100-10min.i16", "<i2").reshape(-1, 2)
    x = (counts[:, 0] - 1024.0) / 200
    truth = json.loads((SHARED / "ecg-mitdb-100-10min.beats.json").read_text())["beats"]
    found = {"EcgBeats": ours(program, [(360, x, truth)])[0]}
    found |= {name: run(detector, x, 360) for name, detector in detectors.items()}
    text = HEAD.format("record 100, ten minutes, MLII")
    for name, beats in found.items():
        score = Score()
        score.add(truth, beats, 360)
        text += f"| {name} | {score.cells()} |\n"
    return text


if __name__ == "__main__":
    main()
