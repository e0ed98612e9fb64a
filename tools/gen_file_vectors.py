"""Writes crates/dsp-files/tests/data: small recordings made by other packages, and their samples as float64 arrays.

    python tools/gen_file_vectors.py

Versions: numpy 2.4.6, pyedflib 0.1.42, soundfile 0.14.0, wfdb 4.3.1. `name.ext` has its samples in `name.npy`.
"""

import pathlib

import numpy as np
import pyedflib
import soundfile
import wfdb

FOLDER = pathlib.Path(__file__).parent.parent / "crates/dsp-files/tests/data"
FOLDER.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(19)
audio = np.clip(np.cumsum(rng.standard_normal((60, 2)), axis=0) / 20, -1, 1)


def expect(name, samples):
    np.save(FOLDER / f"{name}.npy", samples.astype(float))


for name, extension, subtype, options in (
    ("pcm8", "wav", "PCM_U8", {}),
    ("pcm16", "wav", "PCM_16", {}),
    ("pcm16-big", "wav", "PCM_16", {"endian": "BIG"}),
    ("pcm24", "wav", "PCM_24", {}),
    ("pcm32", "wav", "PCM_32", {}),
    ("float32", "wav", "FLOAT", {}),
    ("float64", "wav", "DOUBLE", {}),
    ("mu-law", "wav", "ULAW", {}),
    ("a-law", "wav", "ALAW", {}),
    ("extensible", "wav", "PCM_24", {"format": "WAVEX"}),
    ("rf64", "rf64", "PCM_16", {}),
    ("aiff24", "aiff", "PCM_24", {}),
    ("caf16", "caf", "PCM_16", {}),
    ("flac16", "flac", "PCM_16", {}),
):
    file = FOLDER / f"{name}.{extension}"
    soundfile.write(file, audio, 8000, subtype=subtype, **{"format": extension.upper(), **options})
    expect(name, soundfile.read(file)[0])

for name, kind, extension, limit in (
    ("edf-plus", pyedflib.FILETYPE_EDFPLUS, "edf", 32767),
    ("bdf-plus", pyedflib.FILETYPE_BDFPLUS, "bdf", 8388607),
    ("edf-plain", pyedflib.FILETYPE_EDF, "edf", 32767),
):
    file = FOLDER / f"{name}.{extension}"
    writer = pyedflib.EdfWriter(str(file), 3, file_type=kind)
    heads = [("EEG", "uV", 50), ("EOG", "mV", 50), ("Temp", "degC", 10)]
    writer.setSignalHeaders(
        [
            {"label": label, "dimension": unit, "sample_frequency": rate, "physical_max": 187.5, "physical_min": -210.25,
             "digital_max": limit, "digital_min": -limit - 1, "transducer": "AgAgCl", "prefilter": "HP:0.1Hz"}
            for label, unit, rate in heads
        ]
    )
    writer.writeSamples([rng.uniform(-200, 180, 3 * rate) for _, _, rate in heads])
    if "plus" in name:
        writer.writeAnnotation(0.25, -1, "eyes open")
        writer.writeAnnotation(1.5, 0.75, "blink")
    writer.close()
    with pyedflib.EdfReader(str(file)) as reader:
        expect(name, np.stack([reader.readSignal(0), reader.readSignal(1)], axis=1))
        expect(f"{name}-slow", reader.readSignal(2))

digital = np.clip(np.cumsum(rng.integers(-20, 21, (101, 2)), axis=0), -120, 120)
for fmt in ("16", "24", "32", "80", "212"):
    wfdb.wrsamp(f"w{fmt}", fs=360, units=["mV"] * 2, sig_name=["MLII", "V 5"], d_signal=digital, fmt=[fmt] * 2,
                adc_gain=[200.5, 100], baseline=[3, 0], write_dir=str(FOLDER))
flat = digital.ravel()
tens = np.concatenate([flat, np.zeros(-len(flat) % 3, int)]).reshape(-1, 3) & 0x3FF
low, high = tens[:, 2] & 31, tens[:, 2] >> 5
packed = {
    "8": np.diff(digital, axis=0, prepend=np.zeros((1, 2), int)).astype("i1"),
    "61": flat.astype(">i2"),
    "160": (flat + 32768).astype("<u2"),
    "310": np.stack([tens[:, 0] << 1 | low << 11, tens[:, 1] << 1 | high << 11], axis=1).astype("<u2"),
    "311": (tens[:, 0] | tens[:, 1] << 10 | tens[:, 2] << 20).astype("<u4"),
}
for fmt, values in packed.items():
    name = f"w{fmt}"
    (FOLDER / f"{name}.dat").write_bytes(values.tobytes())
    lines = [f"{name}.dat {fmt} 200.5(3)/mV 0 0 0 0 0 MLII", f"{name}.dat {fmt} 100(0)/mV 0 0 0 0 0 V 5"]
    (FOLDER / f"{name}.hea").write_text("\n".join([f"{name} 2 360 101", *lines]) + "\n")
for fmt in ("16", "24", "32", "80", "212", *packed):
    record = wfdb.rdrecord(str(FOLDER / f"w{fmt}"))
    assert fmt == record.fmt[0]
    expect(f"w{fmt}", record.p_signal)
(FOLDER / "segments.hea").write_text("segments/3 2 360 302\nw16 101\nw212 101\nw311 100\n".replace("w311 100", "w16 100"))
expect("segments", wfdb.rdrecord(str(FOLDER / "segments")).p_signal)
wfdb.wrann("w16", "atr", np.array([5, 70, 71, 90]), symbol=["N", "V", "+", "A"], aux_note=["", "", "(AFIB", ""], fs=360,
           write_dir=str(FOLDER))
for kind in ("<f4", ">f8", "<i2"):
    np.save(FOLDER / f"array{kind[1:]}.in.npy", (audio * 100).astype(kind))
    expect(f"array{kind[1:]}.in.npy", (audio * 100).astype(kind))
