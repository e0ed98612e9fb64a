//! Recordings that other packages wrote (tools/gen_file_vectors.py) give the samples that those packages read.

#![allow(clippy::case_sensitive_file_extension_comparisons, reason = "the names are those of tests/data")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dsp_files::{OpenOptions, Recording, Selector, Source};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

fn open(name: &str) -> Recording {
    Recording::open(Source::Path(data().join(name)), &OpenOptions::default()).unwrap()
}

/// All samples of channels, read in blocks of `frames`.
fn read(recording: &mut Recording, channels: &[usize], frames: usize) -> Vec<f64> {
    let mut samples = Vec::new();
    let mut at = 0;
    loop {
        let count = recording.read(channels, at, frames, &mut samples).unwrap();
        if count == 0 {
            return samples;
        }
        at += count as u64;
    }
}

fn assert_same(name: &str, ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len(), "{name}");
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!(a == b || (a.is_nan() && b.is_nan()), "{name}: sample {i} is {a}, not {b}");
    }
}

/// Names of the recordings with their extensions.
fn recordings() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(data()).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if file.ends_with(".dat") || file.ends_with(".atr") || (file.ends_with(".npy") && !file.ends_with(".in.npy")) {
            continue;
        }
        if file.ends_with(".in.npy.npy") {
            continue;
        }
        let stem = if file.ends_with(".in.npy") { &*file } else { file.rsplit_once('.').unwrap().0 };
        found.push((file.clone(), stem.to_owned()));
    }
    found
}

#[test]
fn samples_are_those_of_other_packages_however_they_are_read() {
    let mut count = 0;
    for (file, stem) in recordings() {
        let mut expected = open(&format!("{stem}.npy"));
        let columns: Vec<usize> = (0..expected.header().channels.len()).collect();
        let expected = read(&mut expected, &columns, 1000);
        let mut recording = open(&file);
        let channels = recording.select(None).unwrap();
        for frames in [1, 7, 1000] {
            assert_same(&file, &read(&mut recording, &channels, frames), &expected);
        }
        // One channel, from behind to the front.
        let last = channels.len() - 1;
        for at in [40u64, 13, 0, 41] {
            let mut samples = Vec::new();
            recording.read(&channels[last..], at, 2, &mut samples).unwrap();
            let from = |frame: u64| expected[frame as usize * channels.len() + last];
            assert_same(&file, &samples, &[from(at), from(at + 1)]);
        }
        count += 1;
    }
    assert!(count >= 30, "{count} files");
}

#[test]
fn samples_in_memory_and_in_a_pipe_are_those_of_the_file() {
    for (file, _) in recordings().into_iter().filter(|(file, _)| !file.ends_with(".hea")) {
        let bytes = fs::read(data().join(&file)).unwrap();
        let mut from_file = open(&file);
        let channels = from_file.select(None).unwrap();
        let expected = read(&mut from_file, &channels, 10);
        let options = OpenOptions::default();
        let mut in_memory = Recording::open(Source::Bytes(Arc::from(&bytes[..])), &options).unwrap();
        assert_same(&file, &read(&mut in_memory, &channels, 10), &expected);
        // CAF has chunks behind its samples, which symphonia wants first.
        if file.ends_with(".caf") {
            continue;
        }
        let piped = Recording::open(Source::Pipe(Box::new(std::io::Cursor::new(bytes))), &options);
        let mut piped = piped.unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_same(&file, &read(&mut piped, &channels, 10), &expected);
    }
}

#[test]
fn signals_of_another_rate_are_read_by_themselves() {
    for name in ["edf-plus.edf", "bdf-plus.bdf", "edf-plain.edf"] {
        let mut recording = open(name);
        assert_eq!(recording.header().sample_rate, Some(50.0));
        assert_eq!(recording.select(None).unwrap(), [0, 1]);
        let slow = recording.select(Some(&[Selector::Label("Temp".to_owned())])).unwrap();
        let mut expected = open(&format!("{}-slow.npy", name.split('.').next().unwrap()));
        assert_same(name, &read(&mut recording, &slow, 4), &read(&mut expected, &[0], 4));
        let mixed = recording.select(Some(&[Selector::Index(0.0), Selector::Index(2.0)])).unwrap_err();
        assert!(mixed.to_string().contains("must have one sample rate"), "{mixed}");
    }
}

#[test]
fn annotations_are_those_that_were_written() {
    for name in ["edf-plus.edf", "bdf-plus.bdf"] {
        let notes = open(name).annotations().unwrap();
        let found: Vec<_> = notes.iter().map(|note| (note.onset, note.duration, &*note.text)).collect();
        assert_eq!(found, [(0.25, None, "eyes open"), (1.5, Some(0.75), "blink")], "{name}");
    }
    let notes = open("w16.hea").annotations().unwrap();
    let found: Vec<_> = notes.iter().map(|note| (note.onset * 360.0, &*note.text, &*note.aux)).collect();
    assert_eq!(found, [(5.0, "N", ""), (70.0, "V", ""), (71.0, "+", "(AFIB"), (90.0, "A", "")]);
}

#[test]
fn headers_say_labels_units_and_rates() {
    let recording = open("edf-plus.edf");
    let channel = &recording.header().channels[0];
    assert_eq!((&*channel.label, &*channel.unit, &*channel.prefilter), ("EEG", "uV", "HP:0.1Hz"));
    let recording = open("w212.hea");
    let header = recording.header();
    assert_eq!((header.sample_rate, header.frames, &*header.channels[1].label), (Some(360.0), Some(101), "V 5"));
    assert_eq!((open("float64.wav").header().wide, open("pcm24.wav").header().wide), (true, false));
}

fn csv(text: &str) -> Recording {
    Recording::open(Source::Bytes(Arc::from(text.as_bytes())), &OpenOptions::default()).unwrap()
}

#[test]
fn a_time_column_gives_rate_axis_start_and_gaps() {
    let mut recording = csv("time,ecg\n2024-05-01 10:00:00.00,1\n2024-05-01 10:00:00.25,2\n2024-05-01 10:00:02.50,3\n\
                             2024-05-01 10:00:02.75,4\n2024-05-01 10:00:03.00,5\n");
    assert_eq!(recording.header().sample_rate, Some(4.0));
    assert_eq!(recording.header().start.as_deref(), Some("2024-05-01T10:00:00"));
    assert_eq!(read(&mut recording, &[0], 100), [1.0, 2.0, 3.0, 4.0, 5.0]);
    let mut samples = Vec::new();
    recording.read(&[0], 1, 2, &mut samples).unwrap();
    assert_eq!(recording.times().unwrap(), [0.25, 2.5]);
    let gaps: Vec<_> = recording.gaps().unwrap().iter().map(|gap| (gap.frame, gap.duration)).collect();
    assert_eq!(gaps, [(2, 2.0)]);
}

#[test]
fn damaged_recordings_say_where() {
    let nan_scale = {
        let mut bytes = fs::read(data().join("edf-plain.edf")).unwrap();
        bytes[256 + 104 * 3..256 + 104 * 3 + 8].copy_from_slice(b"NaN     ");
        bytes
    };
    let many_channels =
        b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\0\0\x40\x1f\0\0\0\0\0\0\x02\0\x10\0data\0\0\0\0".to_vec();
    let short_npy = b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}".to_vec();
    let cases: [(&[u8], &str); 9] = [
        (b"", "the file is empty"),
        (b"RIFF", "ends within the RIFF header (at byte 4)"),
        (b"RIFF\x10\0\0\0WAVE", "ends within its header (at byte 12)"),
        (&many_channels, "0 channels at 8000 Hz (at byte 22)"),
        (&nan_scale, "the physical minimum must be a number, not \"NaN\" (at byte 568)"),
        (&short_npy, "a header of 4294967295 bytes (at byte 8)"),
        (b"1,2\n3,x\n", "recording:2: \"x\" is no number"),
        (b"1,2\n3\n", "recording:2: 1 columns, expected 2"),
        (b"a,b\n", "there are no numbers"),
    ];
    for (bytes, expected) in cases {
        let opened = Recording::open(Source::Bytes(Arc::from(bytes)), &OpenOptions::default());
        let result = opened.and_then(|mut recording| {
            let channels = recording.select(None)?;
            recording.read(&channels, 0, 10, &mut Vec::new())
        });
        let message = result.unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn records_cannot_contain_themselves_or_leave_their_folder() {
    let open = |text: &str| {
        let files = BTreeMap::from([("a.hea".to_owned(), Arc::from(text.as_bytes()))]);
        let opened = Recording::open(Source::Files(files, "a.hea".to_owned()), &OpenOptions::default());
        opened.err().unwrap().to_string()
    };
    assert!(open("a/2 1 360 10\na 5\na 5\n").contains("has segments itself"));
    assert!(open("a 1 360 10\n../../etc/passwd 16\n").contains("leads out of the record's folder"));
    assert!(open("a 1 360 10\n/etc/passwd 16\n").contains("leads out of the record's folder"));
    assert!(open("a 4294967296 360 10\n").contains("4294967296 signals, more than 65536"));
    assert!(open("a 2 360 10\na.dat 16\n").contains("the header says 2 lines follow, but there are 1"));
    assert!(open("a 1 360 10\na.dat 16 NaN\n").contains("a.hea:2:"));
}

/// Gives one byte at a time.
struct Drops(std::io::Cursor<Vec<u8>>);

impl std::io::Read for Drops {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let one = buffer.len().min(1);
        self.0.read(&mut buffer[..one])
    }
}

#[test]
fn a_pipe_may_give_single_bytes_and_files_longer_than_what_is_kept_of_them() {
    let text: String = (0..200_000).map(|i| format!("{i},{}.5\r\n", i % 7)).collect();
    let expected: Vec<f64> = (0..200_000).flat_map(|i| [f64::from(i), f64::from(i % 7) + 0.5]).collect();
    assert!(text.len() > 1 << 20);
    let pipe = Source::Pipe(Box::new(Drops(std::io::Cursor::new(text.into_bytes()))));
    let mut recording = Recording::open(pipe, &OpenOptions::default()).unwrap();
    assert_same("pipe", &read(&mut recording, &[0, 1], 4096), &expected);
    let mut first = Vec::new();
    recording.read(&[0, 1], 0, 1, &mut first).unwrap();
    assert_eq!(first, [0.0, 0.5]);
    let later = recording.read(&[0], 150_000, 1, &mut Vec::new()).unwrap_err().to_string();
    assert_eq!(later, "a stream cannot be read again from an earlier frame");
}
