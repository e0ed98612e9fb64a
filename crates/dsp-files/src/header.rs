//! The header of a recording: a description of its samples.

/// The description of a recording.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Header {
    /// Format of the file: `wav`, `edf`, `edf+c`, `bdf+d`, `wfdb`, `csv`, `npy`, `raw`, `flac` and so on.
    pub format: String,
    /// How samples are stored: `int16`, `float32`, `mu-law`, `text` and so on.
    pub encoding: String,
    /// Hz, of the channels that are read by default; `None` where the file does not say it.
    pub sample_rate: Option<f64>,
    /// Frames of the channels that are read by default; `None` where only reading to the end tells.
    pub frames: Option<u64>,
    /// All channels, also those of other sample rates.
    pub channels: Vec<Channel>,
    /// Start of the recording in local time, `2011-04-04T12:57:02`, or with the zone that the file says.
    pub start: Option<String>,
    /// Whether samples have more than 24 significant bits, so that `f32` would round them.
    pub wide: bool,
    /// Further fields by name: patient, equipment, comments.
    pub notes: Vec<(String, String)>,
    /// Faults of the file, where its samples can be read all the same.
    pub warnings: Vec<String>,
}

/// One channel of a recording.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Channel {
    /// Name; empty where the file has none.
    pub label: String,
    /// Physical unit of the samples; empty where the file has none. Audio has full scale 1.
    pub unit: String,
    /// Hz, where the file says it.
    pub sample_rate: Option<f64>,
    /// Samples in the file; `None` where only reading to the end tells.
    pub frames: Option<u64>,
    /// Physical value of one step of the stored numbers.
    pub gain: f64,
    /// Physical value of the stored number 0.
    pub offset: f64,
    /// Filters that were applied before, as the file says.
    pub prefilter: String,
    /// Kind of the sensor, as the file says.
    pub transducer: String,
}

/// Something that somebody noted about a moment or a stretch of a recording.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annotation {
    /// Seconds from the first sample.
    pub onset: f64,
    /// Seconds, where the file says it.
    pub duration: Option<f64>,
    /// The note; the code of a beat or a rhythm in WFDB annotations: `N`, `V`, `+`.
    pub text: String,
    /// Further text of WFDB annotations: `(AFIB`.
    pub aux: String,
    /// Channel that the annotation belongs to, from 0.
    pub channel: Option<u32>,
}

/// A stretch without samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// Frame before which samples are missing.
    pub frame: u64,
    /// Missing time, s.
    pub duration: f64,
}
