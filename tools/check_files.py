"""Compares the readers and writers of crates/dsp-files with other packages, sample for sample.

    cargo build -p dsp-files --example convert
    python tools/check_files.py target/debug/examples/convert

Reads every wav file of SciPy's wheel, every file of pyedflib's wheel and files that soundfile, wfdb, numpy and csv
dialects give here; what the crate writes is read back by those packages. Versions: numpy 2.4.6, scipy 1.17.1,
pyedflib 0.1.42, wfdb 4.3.1, soundfile 0.14.0, heartpy 1.2.7.
"""

import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import pandas
import pyedflib
import scipy.io.wavfile
import soundfile
import wfdb

CONVERT = sys.argv[1]
warnings.simplefilter("ignore")
failures = []
counts = {}


def convert(source, out, *channels):
    run = subprocess.run([CONVERT, str(source), str(out), *map(str, channels)], capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr.strip())


def read(source, *channels):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.npy"
        convert(source, out, *channels)
        samples = np.load(out)
        return samples[:, None] if samples.ndim == 1 else samples


def check(group, name, ours, theirs, tolerance=0.0):
    theirs = theirs[:, None] if theirs.ndim == 1 else theirs
    counts.setdefault(group, [0, 0])[1] += 1
    if ours.shape != theirs.shape:
        failures.append(f"{group} {name}: shape {ours.shape}, expected {theirs.shape}")
    elif not np.allclose(ours, theirs, rtol=0, atol=tolerance, equal_nan=True):
        failures.append(f"{group} {name}: differs by {np.nanmax(np.abs(ours - theirs))}")
    else:
        counts[group][0] += 1


def attempt(group, name, work):
    try:
        work()
    except Exception as error:  # each file is reported
        counts.setdefault(group, [0, 0])[1] += 1
        failures.append(f"{group} {name}: {type(error).__name__} {error}"[:400])


def full_scale(data):
    if data.dtype == np.uint8:
        return (data.astype(float) - 128) / 128
    return data / -float(np.iinfo(data.dtype).min) if data.dtype.kind == "i" else data.astype(float)


def scipy_wavs():
    folder = pathlib.Path(scipy.io.wavfile.__file__).parent / "tests/data"
    for file in sorted(folder.glob("*.wav")):
        def compare(file=file):
            try:
                theirs = full_scale(scipy.io.wavfile.read(file)[1])
            except ValueError as error:
                if "Unknown wave file format" in str(error):
                    theirs = soundfile.read(file)[0]
                else:
                    run = subprocess.run([CONVERT, file], capture_output=True, text=True)
                    here = "refused: " + run.stderr[:150] if run.returncode else "read"
                    print(f"{file.name}: SciPy refuses ({error}); here {here}")
                    return
            check("scipy wav", file.name, read(file), theirs)
        attempt("scipy wav", file.name, compare)


def edf_groups(reader):
    rates = reader.getSampleFrequencies()
    return {rate: [i for i, other in enumerate(rates) if other == rate] for rate in rates}


def compare_edf(group, file):
    with pyedflib.EdfReader(str(file)) as reader:
        for rate, channels in edf_groups(reader).items():
            theirs = np.stack([reader.readSignal(i) for i in channels], axis=1)
            check(group, f"{file.name} at {rate} Hz", read(file, *channels), theirs)


def pyedflib_files():
    root = pathlib.Path(pyedflib.__file__).parent
    for file in sorted([*root.glob("**/*.edf"), *root.glob("**/*.bdf")]):
        attempt("pyedflib", file.name, lambda file=file: compare_edf("pyedflib", file))


def soundfile_files(folder):
    rng = np.random.default_rng(3)
    signal = np.clip(np.cumsum(rng.standard_normal((5000, 2)), axis=0) / 200, -1, 1)
    kinds = [("wav", s) for s in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")]
    kinds += [("aiff", s) for s in ("PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")]
    kinds += [("caf", s) for s in ("PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")]
    kinds += [("flac", s) for s in ("PCM_S8", "PCM_16", "PCM_24")]
    kinds += [("rf64", s) for s in ("PCM_16", "PCM_24", "DOUBLE")]
    kinds += [("ogg", "VORBIS"), ("mp3", "MPEG_LAYER_III")]
    for extension, subtype in kinds:
        def compare(extension=extension, subtype=subtype):
            file = folder / f"{subtype}.{extension}"
            soundfile.write(file, signal, 44100, subtype=subtype, format=extension.upper())
            theirs = soundfile.read(file)[0]
            # Lossy decoders compute in float32, each in its own order.
            tolerance = 2e-5 if extension in ("ogg", "mp3") else 0
            check(f"soundfile {extension}", subtype, read(file), theirs, tolerance)
        attempt(f"soundfile {extension}", subtype, compare)
    for endian in ("BIG",):
        file = folder / "big.wav"
        soundfile.write(file, signal, 44100, subtype="PCM_16", format="WAV", endian=endian)
        attempt("soundfile wav", "RIFX", lambda: check("soundfile wav", "RIFX", read(file), soundfile.read(file)[0]))


def written(folder):
    rng = np.random.default_rng(4)
    signal = np.clip(np.cumsum(rng.standard_normal((4321, 3)), axis=0) / 100, -1, 0.99).astype(np.float32)
    source = folder / "source.wav"
    scipy.io.wavfile.write(source, 256, signal)

    def back(name, load, step):
        def work():
            convert(source, folder / name)
            theirs = load(folder / name)
            check("written", name, theirs[: len(signal)], signal.astype(float), step)
        attempt("written", name, work)

    back("out.wav", lambda f: full_scale(scipy.io.wavfile.read(f)[1]), 0)
    back("out.npy", np.load, 0)
    back("out.csv", lambda f: np.loadtxt(f, delimiter=",", dtype=np.float32), 0)
    for name, step in (("out.edf", 1.01 / 65535), ("out.bdf", 1.01 / 16777215 + 1e-7)):
        def load(f):
            with pyedflib.EdfReader(str(f)) as reader:
                assert reader.getSampleFrequencies().tolist() == [256] * 3
                return np.stack([reader.readSignal(i) for i in range(3)], axis=1)
        back(name, load, step)
    notes = folder / "notes.edf"
    writer = pyedflib.EdfWriter(str(notes), 2, file_type=pyedflib.FILETYPE_EDFPLUS)
    headers = [{"label": f"C{i}", "dimension": "uV", "sample_frequency": 100, "physical_max": 200, "physical_min": -200,
                "digital_max": 32767, "digital_min": -32768, "transducer": "", "prefilter": ""} for i in range(2)]
    writer.setSignalHeaders(headers)
    writer.writeSamples([rng.uniform(-199, 199, 1000) for _ in range(2)])
    for onset, duration, text in ((0.5, -1, "start"), (3.25, 1.5, "Ängste"), (9.9, -1, "end")):
        writer.writeAnnotation(onset, duration, text)
    writer.close()

    def annotations():
        for name in ("again.edf", "again.bdf"):
            again = folder / name
            convert(notes, again)
            with pyedflib.EdfReader(str(notes)) as a, pyedflib.EdfReader(str(again)) as b:
                first, second = a.readAnnotations(), b.readAnnotations()
                assert all((x == y).all() for x, y in zip(first, second)), (first, second)
            check("written", f"annotations {name}", np.zeros(1)[:, None], np.zeros(1))
    attempt("written", "annotations", annotations)
    compare_edf("pyedflib", notes)


def compare_record(group, folder, name, record=None):
    record = record or wfdb.rdrecord(str(folder / name), smooth_frames=False)
    signals = record.e_p_signal if record.e_p_signal is not None else list(record.p_signal.T)
    rates = record.samps_per_frame or [1] * len(signals)
    for rate in set(rates):
        channels = [i for i, other in enumerate(rates) if other == rate]
        theirs = np.stack([signals[i] for i in channels], axis=1)
        check(group, f"{name} x{rate}", read(folder / f"{name}.hea", *channels), theirs)


def packed(fmt, values):
    """Returns the bytes of a format that wfdb reads but does not write, after signal(5)."""
    if fmt == "8":
        return np.diff(values, axis=0, prepend=np.zeros((1, values.shape[1]), int)).astype("i1").tobytes()
    flat = values.ravel()
    if fmt in ("61", "160"):
        return flat.astype(">i2").tobytes() if fmt == "61" else (flat + 32768).astype("<u2").tobytes()
    flat = np.concatenate([flat, np.zeros(-len(flat) % 3, int)]).reshape(-1, 3) & 0x3FF
    if fmt == "311":
        return (flat[:, 0] | flat[:, 1] << 10 | flat[:, 2] << 20).astype("<u4").tobytes()
    low, high = flat[:, 2] & 31, flat[:, 2] >> 5
    return np.stack([flat[:, 0] << 1 | low << 11, flat[:, 1] << 1 | high << 11], axis=1).astype("<u2").tobytes()


def write_packed(folder, name, fmt, values):
    (folder / f"{name}.dat").write_bytes(packed(fmt, values))
    gains = ["200.5(3)/mV", "100(0)/mV", "1(-7)/mV"]
    lines = [f"{name}.dat {fmt} {gain} 0 0 0 0 0 {label}" for gain, label in zip(gains, ("a", "b c", "d"))]
    (folder / f"{name}.hea").write_text("\n".join([f"{name} 3 360 {len(values)}", *lines]) + "\n")


def wfdb_records(folder):
    rng = np.random.default_rng(5)
    walk = np.cumsum(rng.integers(-5, 6, (1001, 3)), axis=0)
    for fmt, limit in (("8", 400), ("16", 32767), ("24", 8e6), ("32", 2e9), ("61", 32767), ("80", 127), ("160", 32767),
                       ("212", 2047), ("310", 511), ("311", 511)):
        def one(fmt=fmt, limit=limit):
            digital = np.clip(walk * (1 if limit < 1e6 else limit // 2000), -limit, limit).astype(int)
            for length in (1001, 1000, 999):
                name = f"f{fmt}_{length}"
                if fmt in ("8", "61", "160", "310", "311"):
                    write_packed(folder, name, fmt, digital[:length])
                    compare_record("wfdb", folder, name)
                    continue
                wfdb.wrsamp(name, fs=360, units=["mV"] * 3, sig_name=["a", "b c", "d"], d_signal=digital[:length],
                            fmt=[fmt] * 3, adc_gain=[200.5, 100, 1], baseline=[3, 0, -7], write_dir=str(folder))
                compare_record("wfdb", folder, name)
        attempt("wfdb", fmt, one)

    def frames():
        expanded = [walk[:900, 0], walk[:450, 1], walk[:450, 2]]
        wfdb.wrsamp("frames", fs=100, units=["mV"] * 3, sig_name=["a", "b", "c"], e_d_signal=expanded, fmt=["16"] * 3,
                    adc_gain=[200] * 3, baseline=[0] * 3, samps_per_frame=[2, 1, 1], write_dir=str(folder))
        compare_record("wfdb", folder, "frames")
    attempt("wfdb", "frames", frames)

    def skew():
        text = (folder / "f16_1001.hea").read_text().splitlines()
        lines = [line.replace("f16_1001", "skew", 1) if i == 0 else line for i, line in enumerate(text)]
        lines[1] = lines[1].replace(" 16 ", " 16:3 ", 1)
        lines[3] = lines[3].replace(" 16 ", " 16:10 ", 1)
        (folder / "skew.hea").write_text("\n".join(lines) + "\n")
        # wfdb 4.3.1 fails for signals of different skews: its samples of the same signals are shifted here.
        theirs = wfdb.rdrecord(str(folder / "f16_1001")).p_signal
        for channel, lag in ((0, 3), (2, 10)):
            theirs[:, channel] = np.concatenate([theirs[lag:, channel], np.full(lag, np.nan)])
        check("wfdb", "skew", read(folder / "skew.hea"), theirs)
    attempt("wfdb", "skew", skew)

    def segments():
        lines = ["fixed/3 3 360 3001", "f16_1001 1001", "f212_1000 1000", "~ 1000"]
        (folder / "fixed.hea").write_text("\n".join(lines[:3]).replace("/3", "/2").replace("3001", "2001") + "\n")
        compare_record("wfdb", folder, "fixed")
        wfdb.wrsamp("part", fs=360, units=["mV"], sig_name=["d"], d_signal=walk[:500, :1], fmt=["16"], adc_gain=[100],
                    baseline=[0], write_dir=str(folder))
        layout = ["layout 3 360 0", "~ 0 200.5(3)/mV 0 0 0 0 0 a", "~ 0 100/mV 0 0 0 0 0 b c", "~ 0 1(-7)/mV 0 0 0 0 0 d"]
        (folder / "layout.hea").write_text("\n".join(layout) + "\n")
        lines = ["variable/4 3 360 2501", "layout 0", "f16_1001 1001", "~ 1000", "part 500"]
        (folder / "variable.hea").write_text("\n".join(lines) + "\n")
        compare_record("wfdb", folder, "variable", wfdb.rdrecord(str(folder / "variable"), m2s=True))
    attempt("wfdb", "segments", segments)

    def annotations():
        samples = np.array([5, 700, 701, 90000, 4000000])
        wfdb.wrann("f16_1001", "atr", samples, symbol=["N", "V", "+", "A", "N"], aux_note=["", "", "(AFIB", "", ""],
                   fs=360, write_dir=str(folder))
        run = subprocess.run([CONVERT, folder / "f16_1001.hea"], capture_output=True, text=True, check=True)
        onsets = [float(part.split(",")[0]) for part in run.stdout.split("onset: ")[1:]]
        texts = [part.split('"')[1] for part in run.stdout.split(" text: ")[1:]]
        theirs = wfdb.rdann(str(folder / "f16_1001"), "atr")
        assert texts == theirs.symbol, (texts, theirs.symbol)
        check("wfdb", "annotations", np.array(onsets)[:, None], theirs.sample / 360)
    attempt("wfdb", "annotations", annotations)


NAN = float("nan")
DIALECTS = {
    "comma": ("1,2\n3,4\n", [[1, 2], [3, 4]]),
    "no header, first row with a time": ("2024-01-01 00:00:00.000,0.5\n2024-01-01 00:00:00.010,0.75\n", [[0.5], [0.75]]),
    "no header, n/a first": ("n/a,1\n2,3\n", [[NAN, 1], [2, 3]]),
    "no header, inf first": ("inf,1\n2,-inf\n", [[np.inf, 1], [2, -np.inf]]),
    "decimal comma": ("0,5;1,25\n2,5;3\n", [[0.5, 1.25], [2.5, 3]]),
    "tab": ("a\tb\n1\t2\n", [[1, 2]]),
    "semicolon": ("a;b\n1.5;2\n", [[1.5, 2]]),
    "pipe": ("1|2\n3|4\n", [[1, 2], [3, 4]]),
    "spaces": (" 1   2\n 3  4\n", [[1, 2], [3, 4]]),
    "empty cells": ("a,b\n1,\n,2\n", [[1, NAN], [NAN, 2]]),
    "NA": ("a,b\nNA,1\n2,N/A\n", [[NAN, 1], [2, NAN]]),
    "quoted delimiter": ('"a, left",b\n1,2\n', [[1, 2]]),
    "quoted decimal comma": ('a,b\n"1,5","2,5"\n"3,5","4"\n', [[1.5, 2.5], [3.5, 4]]),
    "trailing delimiter": ("1,2,\n3,4,\n", [[1, 2], [3, 4]]),
    "percent comment": ("% made by hand\n1,2\n", [[1, 2]]),
    "indented comment": ("  # note\n1,2\n", [[1, 2]]),
    "units row": ("t,ecg\n(s),(mV)\n0,1\n0.5,2\n", [[1], [2]]),
    "PhysioNet": ("'Elapsed time','ECG'\n'hh:mm:ss.mmm','mV'\n'0:00.000',-0.145\n'0:00.004',-0.14\n", [[-0.145], [-0.14]]),
    "time in seconds": ("time,a\n0,1\n0.01,2\n", [[1], [2]]),
    "time in ms": ("timestamp_ms,a\n0,1\n4,2\n", [[1], [2]]),
    "carriage returns": ("1,2\r3,4\r", [[1, 2], [3, 4]]),
    "both line ends": ("1,2\r\n3,4\r\n", [[1, 2], [3, 4]]),
    "byte order mark": ("\ufeffa,b\n1,2\n", [[1, 2]]),
    "one column": ("x\n1\n2\n", [[1], [2]]),
    "quoted line end": ('"a\nb",c\n1,2\n', [[1, 2]]),
}


def csv_files(folder):
    for name, (text, expected) in DIALECTS.items():
        file = folder / "dialect.csv"
        file.write_bytes(text.encode())
        attempt("csv dialects", name, lambda: check("csv dialects", name, read(file), np.array(expected, float)))
    heartpy = pathlib.Path(next(iter(__import__("heartpy").__path__)))
    for file in sorted(heartpy.glob("data/*.csv")):
        def compare(file=file):
            frame = pandas.read_csv(file)
            if not all(pandas.to_numeric(frame.columns, errors="coerce").isna()):
                frame = pandas.read_csv(file, header=None)
            columns = [name for name in frame.columns if name not in ("datetime", "timer")]
            check("heartpy csv", file.name, read(file), frame[columns].to_numpy(float))
        attempt("heartpy csv", file.name, compare)


def numpy_arrays(folder):
    rng = np.random.default_rng(6)
    for kind in ("<f4", ">f4", "<f8", ">f8", "<f2", "i1", "<i2", ">i2", "<i4", "<i8", "u1", "<u2", "<u4"):
        for order in "CF":
            file = folder / "array.npy"
            array = np.array(rng.uniform(-100 if kind[-2] != "u" else 0, 100, (777, 3)), order=order).astype(kind, order="K")
            np.save(file, array)
            check("npy", f"{kind} {order}", read(file), array.astype(float))


scipy_wavs()
pyedflib_files()
with tempfile.TemporaryDirectory() as name:
    soundfile_files(pathlib.Path(name))
    csv_files(pathlib.Path(name))
    numpy_arrays(pathlib.Path(name))
    wfdb_records(pathlib.Path(name))
    written(pathlib.Path(name))
for group, (good, total) in counts.items():
    print(f"{group}: {good} of {total} equal")
print("\n".join(failures))
sys.exit(bool(failures))
