//! Recordings in files: opened, read and written on worker threads.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use dsp_core::Value as CoreValue;
use dsp_files::{
    Annotation, ChannelOptions, CsvOptions, Error, ErrorKind, Format, Gap, OpenOptions, Place, RawOptions, Recording,
    Selector, Source, WriteOptions, Writer,
};
use napi::bindgen_prelude::{AsyncTask, Either, Float32Array, Float64Array, JsObjectValue, Uint8Array};
use napi::{Env, JsError, JsRangeError, JsValue, Task};
use napi_derive::napi;
use serde_json::{Value, json};

use crate::error::guarded;
use crate::value::ToJs;

/// The JavaScript error: `RangeError` for options, else an `Error` with `code`, `file`, and `byte` or `line`.
fn thrown(env: &Env, error: &Error) -> napi::Error {
    let plain = napi::Error::from_reason(error.to_string());
    if error.kind() == ErrorKind::Argument {
        return JsRangeError::from(plain).into_unknown(*env).into();
    }
    let object = JsError::from(plain).into_unknown(*env);
    let code = match error.kind() {
        ErrorKind::Io => "IO",
        ErrorKind::Unsupported => "UNSUPPORTED",
        ErrorKind::Damaged | ErrorKind::Argument => "DAMAGED",
    };
    if let Ok(mut fields) = object.coerce_to_object() {
        // What cannot be set is missing: the message says it all the same.
        let _ = fields.set_named_property("code", code);
        let _ = error.file().map(|file| fields.set_named_property("file", file));
        let _ = error.os_code().map(|number| fields.set_named_property("errno", number));
        let _ = match error.place() {
            Some(Place::Byte(at)) => fields.set_named_property("byte", at as f64),
            Some(Place::Line(line)) => fields.set_named_property("line", line as f64),
            None => Ok(()),
        };
    }
    object.into()
}

/// The result of a worker thread, where a panic is an error.
type Outcome<T> = std::result::Result<T, Error>;

fn work<T>(f: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let mut outcome = None;
    let guarded = guarded(|| {
        outcome = Some(f());
        Ok(())
    });
    match (outcome, guarded) {
        (Some(outcome), _) => outcome,
        (None, Err(panic)) => Err(Error::whole(panic.to_string())),
        (None, Ok(())) => Err(Error::whole("the work was not done")),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn character(value: &Value) -> Option<char> {
    value.as_str().and_then(|text| text.chars().next())
}

/// Reads options that the JavaScript side has checked.
fn open_options(options: &Value) -> Outcome<OpenOptions> {
    let format = options["format"].as_str().map(Format::named).transpose()?;
    let csv = CsvOptions {
        columns: text(&options["columns"]),
        delimiter: character(&options["delimiter"]),
        decimal: character(&options["decimal"]),
        header: options["header"].as_bool(),
        time: text(&options["time"]),
        time_unit: text(&options["timeUnit"]),
    };
    let fallback = RawOptions::default();
    let raw = RawOptions {
        encoding: text(&options["encoding"]).unwrap_or(fallback.encoding),
        big_endian: options["bigEndian"].as_bool().unwrap_or(false),
        channels: options["channels"].as_u64().map_or(1, |count| count as usize),
        sample_rate: options["sampleRate"].as_f64(),
        offset: options["offset"].as_u64().unwrap_or(0),
        gain: options["gain"].as_f64().unwrap_or(1.0),
        planar: options["planar"].as_bool().unwrap_or(false),
    };
    Ok(OpenOptions { format, csv, raw })
}

fn write_options(options: &Value) -> WriteOptions {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let channel = |channel: &Value| ChannelOptions {
        label: text(&channel["label"]).unwrap_or_default(),
        unit: text(&channel["unit"]).unwrap_or_default(),
        range: channel["range"].as_array().map(|range| {
            let end = |i: usize| range.get(i).and_then(Value::as_f64).unwrap_or(f64::NAN);
            (end(0), end(1))
        }),
        prefilter: text(&channel["prefilter"]).unwrap_or_default(),
        transducer: text(&channel["transducer"]).unwrap_or_default(),
    };
    let annotation = |note: &Value| Annotation {
        onset: number(&note["onset"]),
        duration: note["duration"].as_f64(),
        text: text(&note["text"]).unwrap_or_default(),
        aux: text(&note["aux"]).unwrap_or_default(),
        channel: None,
    };
    let gap = |gap: &Value| Gap { frame: gap["frame"].as_u64().unwrap_or(0), duration: number(&gap["duration"]) };
    WriteOptions {
        format: text(&options["format"]),
        sample_rate: options["sampleRate"].as_f64(),
        channels: list(&options["channelInfo"]).iter().map(channel).collect(),
        encoding: text(&options["encoding"]),
        dither: options["dither"].as_bool().unwrap_or(false),
        annotations: list(&options["annotations"]).iter().map(annotation).collect(),
        gaps: list(&options["gaps"]).iter().map(gap).collect(),
        start: text(&options["start"]),
        patient: text(&options["patient"]),
        recording: text(&options["recording"]),
        delimiter: character(&options["delimiter"]),
        decimal: character(&options["decimal"]),
        time: options["time"].as_bool().unwrap_or(false),
    }
}

/// The header as a plain object.
fn header_of(recording: &Recording) -> Value {
    let header = recording.header();
    let channel = |channel: &dsp_files::Channel| {
        json!({
            "label": channel.label, "unit": channel.unit, "sampleRate": channel.sample_rate, "frames": channel.frames.map(|frames| frames as f64),
            "gain": channel.gain, "offset": channel.offset, "prefilter": channel.prefilter,
            "transducer": channel.transducer,
        })
    };
    let notes: serde_json::Map<String, Value> =
        header.notes.iter().map(|(name, text)| (name.clone(), Value::from(text.clone()))).collect();
    json!({
        "format": header.format, "encoding": header.encoding, "sampleRate": header.sample_rate,
        "frames": header.frames.map(|frames| frames as f64), "channels": header.channels.iter().map(channel).collect::<Vec<_>>(),
        "start": header.start, "wide": header.wide, "notes": notes, "warnings": header.warnings,
    })
}

/// Opens a recording on a worker thread.
pub struct Open {
    source: Option<Source>,
    options: Value,
}

impl Task for Open {
    type Output = Outcome<Recording>;
    type JsValue = NativeRecording;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let source = self.source.take();
        Ok(work(|| {
            let options = open_options(&self.options)?;
            Recording::open(source.ok_or_else(|| Error::whole("the recording was opened before"))?, &options)
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<NativeRecording> {
        let recording = output.map_err(|error| thrown(&env, &error))?;
        let header = header_of(&recording);
        Ok(NativeRecording { header, recording: Arc::new(Mutex::new(Some(recording))) })
    }
}

/// Opens a recording: a path (`-` is standard input), or the bytes of a file.
#[napi(catch_unwind)]
pub fn open_recording(source: Either<String, Uint8Array>, options: Value) -> AsyncTask<Open> {
    let source = match source {
        Either::A(path) if path == "-" => Source::Pipe(Box::new(std::io::stdin())),
        Either::A(path) => Source::Path(PathBuf::from(path)),
        Either::B(bytes) => Source::Bytes(Arc::from(&bytes[..])),
    };
    AsyncTask::new(Open { source: Some(source), options })
}

/// An open recording; `None` once it is closed.
#[napi]
pub struct NativeRecording {
    header: Value,
    recording: Arc<Mutex<Option<Recording>>>,
}

#[napi]
impl NativeRecording {
    /// The header as a plain object.
    #[napi(catch_unwind)]
    pub fn header(&self) -> Value {
        self.header.clone()
    }

    /// Returns the positions of channels: numbers or labels; the ones of the main rate for null.
    #[napi(catch_unwind)]
    pub fn select(&self, env: Env, channels: Value) -> napi::Result<Vec<u32>> {
        let selector = |value: &Value| match value {
            Value::String(label) => Selector::Label(label.clone()),
            other => Selector::Index(other.as_f64().unwrap_or(f64::NAN)),
        };
        let wanted: Option<Vec<Selector>> = channels.as_array().map(|list| list.iter().map(selector).collect());
        let open = self.recording.lock().unwrap_or_else(PoisonError::into_inner);
        let recording = open.as_ref().ok_or_else(closed);
        let found = recording.and_then(|recording| recording.select(wanted.as_deref()));
        found.map(|all| all.into_iter().map(|i| i as u32).collect()).map_err(|error| thrown(&env, &error))
    }

    /// Reads frames on a worker thread; `double`: as float64.
    #[napi(catch_unwind)]
    pub fn read(&self, channels: Vec<u32>, at: f64, frames: u32, double: bool) -> AsyncTask<Read> {
        let channels = channels.into_iter().map(|i| i as usize).collect();
        let recording = Arc::clone(&self.recording);
        AsyncTask::new(Read { recording, channels, at: at as u64, frames: frames as usize, double })
    }

    /// Reads all annotations and gaps on a worker thread; resolves to them as JSON.
    #[napi(catch_unwind)]
    pub fn notes(&self) -> AsyncTask<Notes> {
        AsyncTask::new(Notes { recording: Arc::clone(&self.recording) })
    }

    /// Closes the file.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

fn closed() -> Error {
    Error::argument("the recording is closed")
}

/// Reads one block.
pub struct Read {
    recording: Arc<Mutex<Option<Recording>>>,
    channels: Vec<usize>,
    at: u64,
    frames: usize,
    double: bool,
}

/// A block of a recording.
pub struct BlockRead {
    samples: Either<Vec<f32>, Vec<f64>>,
    times: Option<Vec<f64>>,
}

impl Task for Read {
    type Output = Outcome<BlockRead>;
    type JsValue = ToJs;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(work(|| {
            let mut open = self.recording.lock().unwrap_or_else(PoisonError::into_inner);
            let recording = open.as_mut().ok_or_else(closed)?;
            let mut samples = Vec::new();
            recording.read(&self.channels, self.at, self.frames, &mut samples)?;
            let times = recording.times().map(<[f64]>::to_vec);
            let samples = match self.double {
                true => Either::B(samples),
                false => Either::A(samples.into_iter().map(|value| value as f32).collect()),
            };
            Ok(BlockRead { samples, times })
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<ToJs> {
        let block = output.map_err(|error| thrown(&env, &error))?;
        let samples = match block.samples {
            Either::A(samples) => CoreValue::F32(samples),
            Either::B(samples) => CoreValue::F64(samples),
        };
        let mut entries = vec![("samples".to_owned(), samples)];
        entries.extend(block.times.map(|times| ("times".to_owned(), CoreValue::F64(times))));
        Ok(ToJs(CoreValue::Object(entries)))
    }
}

/// Reads annotations and gaps.
pub struct Notes {
    recording: Arc<Mutex<Option<Recording>>>,
}

impl Task for Notes {
    type Output = Outcome<Value>;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(work(|| {
            let mut open = self.recording.lock().unwrap_or_else(PoisonError::into_inner);
            let recording = open.as_mut().ok_or_else(closed)?;
            let note = |note: Annotation| {
                json!({
                    "onset": note.onset, "duration": note.duration, "text": note.text, "aux": note.aux,
                    "channel": note.channel,
                })
            };
            let annotations: Vec<Value> = recording.annotations()?.into_iter().map(note).collect();
            let gap = |gap: Gap| json!({ "frame": gap.frame as f64, "duration": gap.duration });
            let gaps: Vec<Value> = recording.gaps()?.into_iter().map(gap).collect();
            Ok(json!({ "annotations": annotations, "gaps": gaps }))
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<String> {
        output.map(|notes| notes.to_string()).map_err(|error| thrown(&env, &error))
    }
}

/// A file that is being written; `None` once it is finished or given up.
#[napi]
pub struct NativeWriter {
    writer: Arc<Mutex<Option<Writer>>>,
}

#[napi]
impl NativeWriter {
    /// Begins a file.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, path: String, channels: u32, options: Value) -> napi::Result<Self> {
        let options = write_options(&options);
        let writer = match path == "-" {
            true => Writer::stream(Box::new(std::io::stdout()), channels as usize, &options),
            false => Writer::create(&PathBuf::from(path), channels as usize, &options),
        };
        let writer = writer.map_err(|error| thrown(&env, &error))?;
        Ok(Self { writer: Arc::new(Mutex::new(Some(writer))) })
    }

    /// Writes samples on a worker thread.
    #[napi(catch_unwind)]
    pub fn write(&self, samples: Either<Float32Array, Float64Array>) -> AsyncTask<Write> {
        let samples = match samples {
            Either::A(samples) => samples.iter().map(|&value| f64::from(value)).collect(),
            Either::B(samples) => samples.to_vec(),
        };
        AsyncTask::new(Write { writer: Arc::clone(&self.writer), samples: Some(samples) })
    }

    /// Completes the file on a worker thread; resolves to the number of frames.
    #[napi(catch_unwind)]
    pub fn finish(&self) -> AsyncTask<Write> {
        AsyncTask::new(Write { writer: Arc::clone(&self.writer), samples: None })
    }

    /// Gives the file up: nothing stays of it.
    #[napi(catch_unwind)]
    pub fn discard(&self) {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Writes samples, or completes the file where there are none.
pub struct Write {
    writer: Arc<Mutex<Option<Writer>>>,
    samples: Option<Vec<f64>>,
}

impl Task for Write {
    type Output = Outcome<u64>;
    type JsValue = f64;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let samples = self.samples.take();
        Ok(work(|| {
            let mut open = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            let done = || Error::argument("the file is finished");
            match samples {
                Some(samples) => open.as_mut().ok_or_else(done)?.write(&samples).map(|()| 0),
                None => open.take().ok_or_else(done)?.finish(),
            }
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<f64> {
        output.map(|frames| frames as f64).map_err(|error| thrown(&env, &error))
    }
}
