//! What is written is read back, and nothing is written half.

use std::fs;
use std::path::PathBuf;

use dsp_files::{Annotation, ChannelOptions, Gap, OpenOptions, Recording, Source, WriteOptions, Writer};

/// A folder of its own that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dsp-files-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn files(&self) -> Vec<String> {
        fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn signal(frames: usize, channels: usize) -> Vec<f64> {
    (0..frames * channels).map(|i| f64::from(((i as f32) * 0.37).sin() * 0.9)).collect()
}

fn read_all(path: PathBuf) -> (Recording, Vec<f64>) {
    let mut recording = Recording::open(Source::Path(path), &OpenOptions::default()).unwrap();
    let channels = recording.select(None).unwrap();
    let mut samples = Vec::new();
    let mut at = 0;
    loop {
        let count = recording.read(&channels, at, 100, &mut samples).unwrap();
        if count == 0 {
            return (recording, samples);
        }
        at += count as u64;
    }
}

#[test]
fn every_format_gives_back_what_was_written() {
    let folder = Folder::new("formats");
    let steps = |bits: i32| 0.5000001 * 2f64.powi(1 - bits);
    let cases = [
        ("a.wav", "float32", 0.0),
        ("b.wav", "int16", steps(16)),
        ("c.wav", "int24", steps(24)),
        ("d.wav", "int32", steps(32)),
        ("e.wav", "float64", 0.0),
        ("f.wav", "uint8", steps(8)),
        ("a.npy", "float32", 0.0),
        ("b.npy", "float64", 0.0),
        ("a.csv", "float32", 3.1e-8),
        ("b.tsv", "float64", 0.0),
        ("a.edf", "int16", 1.9 / 65535.0),
        ("a.bdf", "int24", 1.9 / 16777215.0),
    ];
    for (name, encoding, tolerance) in cases {
        for channels in [1, 3] {
            let samples = signal(700, channels);
            let path = folder.0.join(name);
            let encoding = Some(encoding.to_owned());
            let options = WriteOptions { sample_rate: Some(250.0), encoding, ..WriteOptions::default() };
            let mut writer = Writer::create(&path, channels, &options).unwrap();
            samples.chunks(channels * 64).for_each(|block| writer.write(block).unwrap());
            assert_eq!(writer.finish().unwrap(), 700);
            let (recording, back) = read_all(path);
            assert_eq!((recording.header().channels.len(), back.len()), (channels, samples.len()), "{name}");
            let worst = samples.iter().zip(&back).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst <= tolerance, "{name}: {worst} > {tolerance}");
        }
    }
}

#[test]
fn annotations_gaps_and_start_come_back() {
    let folder = Folder::new("plus");
    let annotations: Vec<Annotation> = (0..40)
        .map(|i| Annotation {
            onset: f64::from(i) * 0.1,
            duration: Some(0.5),
            text: format!("note {i} µV"),
            ..Annotation::default()
        })
        .collect();
    for name in ["a.edf", "a.bdf"] {
        let gaps = vec![Gap { frame: 300, duration: 12.5 }];
        let label =
            ChannelOptions { label: "ECG".into(), unit: "mV".into(), range: Some((-2.0, 2.0)), ..Default::default() };
        let options = WriteOptions {
            sample_rate: Some(100.0),
            annotations: annotations.clone(),
            gaps: gaps.clone(),
            channels: vec![label],
            start: Some("2024-02-29T23:59:58.25".into()),
            ..WriteOptions::default()
        };
        let mut writer = Writer::create(&folder.0.join(name), 1, &options).unwrap();
        writer.write(&signal(400, 1)).unwrap();
        writer.finish().unwrap();
        let (mut recording, samples) = read_all(folder.0.join(name));
        assert_eq!(samples.len(), 400);
        assert_eq!(recording.gaps().unwrap(), gaps);
        assert_eq!(recording.header().start.as_deref(), Some("2024-02-29T23:59:58.25"));
        assert_eq!(recording.header().format, format!("{}+d", &name[2..]));
        let back = recording.annotations().unwrap();
        assert_eq!(back.len(), annotations.len());
        for (a, b) in back.iter().zip(&annotations) {
            assert!((a.onset - b.onset).abs() < 1e-6 && a.duration == b.duration && a.text == b.text, "{a:?} {b:?}");
        }
    }
}

#[test]
fn nothing_is_left_of_a_file_that_was_not_finished() {
    let folder = Folder::new("half");
    let path = folder.0.join("a.wav");
    fs::write(&path, "old").unwrap();
    let options = WriteOptions { sample_rate: Some(100.0), ..WriteOptions::default() };
    let mut writer = Writer::create(&path, 1, &options).unwrap();
    writer.write(&[0.0; 1000]).unwrap();
    drop(writer);
    let mut writer = Writer::create(&folder.0.join("b.edf"), 1, &options).unwrap();
    writer.write(&[f64::NAN]).unwrap_err();
    drop(writer);
    assert_eq!(folder.files(), ["a.wav"]);
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn wrong_options_are_refused() {
    let folder = Folder::new("options");
    let refused = |name: &str, channels: usize, options: WriteOptions| {
        Writer::create(&folder.0.join(name), channels, &options).err().unwrap().to_string()
    };
    let rate = |rate: f64| WriteOptions { sample_rate: Some(rate), ..WriteOptions::default() };
    assert!(refused("a.wav", 1, WriteOptions::default()).contains("wav needs sampleRate"));
    assert!(refused("a.wav", 1, rate(0.5)).contains("must be an integer, got 0.5"));
    assert!(refused("a.wav", 0, rate(1.0)).contains("channels must be between 1 and 65536, got 0"));
    assert!(refused("a.edf", 1, rate(f64::NAN)).contains("sampleRate must be a positive number, got NaN"));
    assert!(refused("a.xyz", 1, rate(1.0)).contains("format is not known by the extension"));
    assert!(folder.files().is_empty());
}
