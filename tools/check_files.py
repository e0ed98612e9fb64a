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
import pyedflib
import scipy.io.wavfile
import soundfile

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
                elif "o data" in str(error) or "Incomplete" in str(error):
                    run = subprocess.run([CONVERT, file], capture_output=True, text=True)
                    print(file.name, "SciPy:", error, "| here:", run.returncode, run.stderr.strip()[:200])
                    return
                else:
                    raise
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


scipy_wavs()
pyedflib_files()
with tempfile.TemporaryDirectory() as name:
    soundfile_files(pathlib.Path(name))
    written(pathlib.Path(name))
for group, (good, total) in counts.items():
    print(f"{group}: {good} of {total} equal")
print("\n".join(failures))
sys.exit(bool(failures))
