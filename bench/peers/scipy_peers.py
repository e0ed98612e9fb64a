"""The work of bench/peers.mjs in NumPy and SciPy. Prints {case: nanoseconds}: the median of single calls."""
import json
import time

import numpy as np
import scipy
from scipy import fft, signal
from scipy.ndimage import median_filter, uniform_filter1d

BUDGET = 0.15  # seconds per case


def median(call):
    for _ in range(3):
        call()
    times = []
    end = time.perf_counter() + BUDGET
    while time.perf_counter() < end or len(times) < 5:
        begin = time.perf_counter_ns()
        call()
        times.append(time.perf_counter_ns() - begin)
    return float(np.median(times))


def noise(n):
    return np.sin(np.arange(n) * 0.1).astype(np.float32) + 0.5 * np.sin(np.arange(n) * 1.7).astype(np.float32)


def random(n):
    """The samples of `random` in peers.mjs."""
    state, values = 1, np.empty(n, np.float32)
    for i in range(n):
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        values[i] = state / 2**32 - 0.5
    return values


x = noise(65536)
r = random(65536)
taps64 = signal.firwin(64, 40, fs=1000)
taps1024 = signal.firwin(1024, 40, fs=1000)
sos = signal.butter(4, 40, fs=1000, output="sos")
bandpass = signal.butter(4, [30, 50], "bandpass", fs=1000, output="sos")
one = np.array([1.0])
small, large = noise(1024), noise(65536)



def best(*calls):
    """The fastest of several ways to do the same."""
    return min(median(call) for call in calls)


def fir(taps):
    h = taps.astype(np.float32)
    return best(
        lambda: signal.lfilter(taps, one, x),
        lambda: signal.oaconvolve(x, h)[: x.size],
        lambda: np.convolve(x, h)[: x.size],
    )


def variance():
    mean = uniform_filter1d(x, 100)
    return uniform_filter1d(x * x, 100) - mean * mean


results = {
    "Rectify": median(lambda: np.abs(x)),
    "dot product": median(lambda: np.dot(x, x)),
    "rfft, 1024": median(lambda: fft.rfft(small)),
    "rfft, 65536": median(lambda: fft.rfft(large)),
    "FIR, 64 taps": fir(taps64),
    "FIR, 1024 taps": fir(taps1024),
    "moving average, 100": median(lambda: uniform_filter1d(x, 100)),
    "moving RMS, 100": median(lambda: np.sqrt(uniform_filter1d(x * x, 100))),
    "moving variance, 100": median(variance),
    "Butterworth, order 4": median(lambda: signal.sosfilt(sos, x)),
    "Butterworth band-pass, order 4": median(lambda: signal.sosfilt(bandpass, x)),
    "findPeaks": median(lambda: signal.find_peaks(r)),
    "findPeaks, prominence": median(lambda: signal.find_peaks(r, prominence=0.3, distance=5)),
    "medianFilter, 5": median(lambda: median_filter(r, 5, mode="constant")),
    "medianFilter, 101": median(lambda: median_filter(r, 101, mode="constant")),
    "zoomFft, 4096": median(lambda: signal.zoom_fft(r, [0.1, 0.12], m=4096, fs=1)),
    "czt, 4096": median(lambda: signal.czt(r, 4096)),
    "analyticSignal": median(lambda: signal.hilbert(r)),
}
print(json.dumps({"version": f"SciPy {scipy.__version__}, NumPy {np.__version__}", "results": results}))
