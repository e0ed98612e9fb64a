"""The work of bench/peers.mjs in NumPy and SciPy. Prints {case: nanoseconds}: the median of single calls."""
import json
import time

import numpy as np
import scipy
from scipy import fft, signal
from scipy.ndimage import uniform_filter1d

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


x = noise(65536)
taps64 = signal.firwin(64, 40, fs=1000)
taps1024 = signal.firwin(1024, 40, fs=1000)
sos = signal.butter(4, 40, fs=1000, output="sos")
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
}
print(json.dumps({"version": f"SciPy {scipy.__version__}, NumPy {np.__version__}", "results": results}))
