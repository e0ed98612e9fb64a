#!/usr/bin/env python3
"""Writes docs/parity.md: which entries of SciPy, PyWavelets and librosa are here, and how far results differ.

    for family in designs signals wavelets librosa_features; do
      venv/bin/python tools/toolbox/$family.py --count 200 --out /tmp/vectors
    done
    DSPX_TOOLBOX=/tmp/vectors DSPX_PARITY=/tmp/parity.json cargo test -p dsp-core --test toolbox_golden
    venv/bin/python tools/toolbox/parity.py /tmp/parity.json

The entries are those of the installed packages; what is out of scope is listed below.
"""
import json
import pathlib
import re
import sys
from importlib.metadata import version

import librosa
import pywt
import scipy
from scipy import signal

OUT = pathlib.Path(__file__).parent.parent.parent / "docs/parity.md"
# Linear time-invariant systems, B-splines and two dimensions.
OUT_OF_SCOPE = set("""BadCoefficients StateSpace TransferFunction ZerosPolesGain abcd_normalize bode cont2discrete dbode dfreqresp
dimpulse dlsim dlti dstep freqresp impulse lsim lti place_poles ss2tf ss2zpk step tf2ss zpk2ss cspline1d cspline1d_eval
cspline2d gauss_spline qspline1d qspline1d_eval qspline2d spline_filter symiirorder1 symiirorder2 sepfir2d convolve2d
correlate2d medfilt2d firwin_2d hilbert2 windows""".split())
# Ours where it is not SciPy's name in camelCase; what another suite of tests compares has no figure here.
OURS = {
    "check_COLA": "checkCola", "check_NOLA": "checkNola", "freqz_sos": "sosfreqz", "correlate": "linearCorrelation",
    "get_window": "getWindow", "max_len_seq": "maxLenSeq", "savgol_filter": "savgolFilter", "find_peaks": "findPeaks",
}
SHOWN = {"linearCorrelation": "correlate"}
ELSEWHERE = set("""checkCola checkNola coherence csd czt zoomFft periodogram welch spectrogram stft istft savgolFilter
findPeaks""".split())
NAMED_OTHERWISE = {
    "butter": "iirfilter", "cheby1": "iirfilter", "cheby2": "iirfilter", "ellip": "iirfilter", "bessel": "iirfilter",
}
PART = {
    "savgol_filter": "float32; every mode", "detrend": "float32, without break points (`detrend`)",
    "envelope": "of real signals", "iirfilter": "analog filters not as sections",
    "iirdesign": "analog filters not as sections", "minimum_phase": "",
    "CZT": "the function `czt`, not the class", "ZoomFFT": "the function `zoomFft`, not the class",
    "ShortTimeFFT": "the functions `stft` and `istft`, not the class",
}
PART = {name: reason for name, reason in PART.items() if reason}
NO = {
    "findfreqs": "`freqs` chooses them itself", "freqs_zpk": "`freqs` takes polynomials",
    "choose_conv_method": "`method: 'auto'` chooses",
    "band_stop_obj": "the search is within `buttord` and the like", "czt_points": "",
}
WAVELETS = {
    "dwt": "dwtLevel", "idwt": "idwt", "dwt_max_level": "dwtMaxLevel", "wavedec": "wavedec", "waverec": "waverec",
    "swt": "swt", "iswt": "iswt", "threshold": "threshold", "Wavelet": "waveletFilters", "wavelist": "wavelist",
}
LIBROSA = {
    "feature.rms": "rms", "feature.zero_crossing_rate": "zeroCrossingRate",
    "feature.spectral_centroid": "spectralCentroid", "feature.spectral_bandwidth": "spectralBandwidth",
    "feature.spectral_rolloff": "spectralRolloff", "feature.spectral_flatness": "spectralFlatness",
    "feature.spectral_contrast": "spectralContrast", "feature.delta": "delta", "effects.preemphasis": "preemphasis",
    "effects.deemphasis": "deemphasis", "onset.onset_strength": "onsetStrength",
    "feature.melspectrogram": "calculateMelSpectrogram", "feature.mfcc": "calculateMfcc",
}


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def figure(measured, name):
    row = measured.get(name)
    return (f"{row['largest']:.0e}", str(row["calls"])) if row else ("", "")


def scipy_row(name, measured):
    ours = OURS.get(name, camel(name))
    shown = SHOWN.get(ours, ours)
    if name in PART:
        return "part", f"`{shown}`" if ours in measured or ours in ELSEWHERE else "", *figure(measured, ours), PART[name]
    if ours in measured:
        return "yes", f"`{shown}`", *figure(measured, ours), ""
    if ours in ELSEWHERE:
        return "yes", f"`{shown}`", "", "", "compared by `spectral_golden`"
    if name in NAMED_OTHERWISE:
        other = NAMED_OTHERWISE[name]
        return "yes", f"`{other}`", *figure(measured, other), "by `ftype`; `IirFilter` has a method of its own"
    if name == "sosfreqz":
        return "yes", "`sosfreqz`", *figure(measured, "sosfreqz"), "the old name of `freqz_sos`"
    return "no", "", "", "", NO.get(name, "")


def table(rows):
    lines = ["| entry | here | as | largest difference | calls | note |", "|---|---|---|---|---|---|"]
    for name, (state, ours, largest, calls, note) in rows:
        lines.append(f"| `{name}` | {state} | {ours} | {largest} | {calls} | {note} |")
    return "\n".join(lines)


def main():
    measured = json.loads(pathlib.Path(sys.argv[1]).read_text())
    wrong = [name for name, row in measured.items() if row["wrong"]]
    beyond = ", ".join(f"{measured[name]['wrong']} of {measured[name]['calls']} of `{name}`" for name in wrong) + "."
    entries = [name for name in signal.__all__ if name not in OUT_OF_SCOPE]
    rows = [(name, scipy_row(name, measured)) for name in sorted(entries, key=str.lower)]
    count = lambda state: sum(row[0] == state for _, row in rows)
    wavelet_rows = [(f"pywt.{name}", ("yes", f"`{ours}`", *figure(measured, ours), "")) for name, ours in WAVELETS.items()]
    librosa_rows = [(f"librosa.{name}", ("yes", f"`{ours}`", *figure(measured, ours), "")) for name, ours in LIBROSA.items()]
    windows = [name for name in dir(signal.windows) if not name.startswith("_") and name not in ("get_window", "windows")]
    text = f"""# Parity with SciPy, PyWavelets and librosa

Made by `tools/toolbox/parity.py` from random calls of each function and the results of SciPy {scipy.__version__}, PyWavelets
{version('PyWavelets')} and librosa {librosa.__version__} (scripts in `tools/`). A difference is relative to the largest number of the
expected result, or to 1 if that is larger; where it is above 1e-10 the problem itself has no more digits (roots of polynomials,
equations of many taps, searches that stop within a tolerance), and the vectors' script says why.

Of {len(rows)} entries of `scipy.signal` without LTI systems, B-splines and two dimensions, **{count("yes")} are here, {count("part")} in
part and {count("no")} not**; all 25 windows; PyWavelets' {len(pywt.wavelist(kind="discrete"))} discrete wavelets of {len(pywt.wavelist())} in all
{len(pywt.Modes.modes)} modes, the {len(pywt.wavelist(kind="continuous"))} continuous ones not; {len(LIBROSA)} of librosa's features.
{"Calls that differ by more, and are not in the table: " + beyond if wrong else "No call is beyond its tolerance."}

Deliberate differences, where SciPy {scipy.__version__} contradicts itself or its page:

- `correlation_lags(n, m, "same")` for odd n and even m is off by one from the lags of `correlate(…, "same")`; ours are those of
  `correlate`.
- `order_filter` takes no notice of zeros in a domain of one dimension; ours does, as SciPy does in two.
- `envelope` of a band that begins at 0 gives a rest of 0; ours is what lies outside the band.

## scipy.signal

{table(rows)}

## PyWavelets

{table(wavelet_rows)}

## librosa

{table(librosa_rows)}
"""
    OUT.write_text(re.sub(r"[ \t]+\n", "\n", text))
    print(count("yes"), count("part"), count("no"), "of", len(rows), "windows", len(windows), "wrong", wrong)


if __name__ == "__main__":
    main()
