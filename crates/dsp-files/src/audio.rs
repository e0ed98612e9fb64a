//! AIFF, CAF, FLAC, Ogg Vorbis and MP3, decoded by symphonia.

use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as AudioError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use crate::header::{Channel, Header};
use crate::input::Input;
use crate::limits::MAX_CHANNELS;
use crate::recording::{Opened, Reader};
use crate::{Error, Result};

/// The input, which is read again from its start when an earlier frame is asked for.
#[derive(Clone)]
struct Shared {
    input: Arc<Mutex<Input>>,
    at: u64,
    length: Option<u64>,
}

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        let count = input.read_at(self.at, buffer).map_err(|error| io::Error::other(error.to_string()))?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.length.and_then(|length| length.checked_add_signed(by)),
        };
        self.at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a position outside of the file"))?;
        Ok(self.at)
    }
}

impl MediaSource for Shared {
    fn is_seekable(&self) -> bool {
        self.length.is_some()
    }

    fn byte_len(&self) -> Option<u64> {
        self.length
    }
}

/// A decoder at some place of a file.
struct Decoding {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    /// Decoded and not yet given.
    block: Vec<f64>,
    used: usize,
}

/// Runs foreign code on a file that may be damaged: a panic there is an error of the file.
fn guarded<T>(work: impl FnOnce() -> std::result::Result<T, AudioError>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(AudioError::Unsupported(what))) => Err(Error::unsupported(what)),
        Ok(Err(AudioError::IoError(error))) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(Error::whole("the file ends within its header or a packet"))
        }
        Ok(Err(error)) => Err(Error::whole(error.to_string())),
        Err(_) => Err(Error::whole("the decoder cannot read this file")),
    }
}

impl Decoding {
    fn begin(source: Shared, extension: &str) -> Result<Self> {
        guarded(|| {
            let stream = MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default());
            let mut hint = Hint::new();
            hint.with_extension(extension);
            let probe = symphonia::default::get_probe();
            let format = probe.probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())?;
            let none = AudioError::Unsupported("the file has no audio");
            let Some(track) = format.default_track(TrackType::Audio) else { return Err(none) };
            let id = track.id;
            let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
            let Some(parameters) = parameters else { return Err(none) };
            let options = AudioDecoderOptions::default();
            let decoder = symphonia::default::get_codecs().make_audio_decoder(parameters, &options)?;
            Ok(Self { format, decoder, track: id, block: Vec::new(), used: 0 })
        })
    }

    /// Decodes the next packet; returns whether there was one.
    fn next(&mut self) -> Result<bool> {
        self.used = 0;
        self.block.clear();
        let Self { format, decoder, track, block, .. } = self;
        guarded(|| {
            loop {
                let packet = match format.next_packet() {
                    Ok(Some(packet)) => packet,
                    Ok(None) => return Ok(false),
                    // A file that was cut off ends so: what is there is read.
                    Err(AudioError::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                        return Ok(false);
                    }
                    Err(error) => return Err(error),
                };
                if packet.track_id != *track {
                    continue;
                }
                decoder.decode(&packet)?.copy_to_vec_interleaved(block);
                return Ok(true);
            }
        })
    }
}

/// Opens an audio file.
pub(crate) fn open(input: Input, extension: &str) -> Result<Opened> {
    let length = input.len();
    let source = Shared { input: Arc::new(Mutex::new(input)), at: 0, length };
    let mut decoding = Decoding::begin(source.clone(), extension)?;
    let track = decoding.format.default_track(TrackType::Audio);
    let parameters = track.and_then(|track| track.codec_params.as_ref()?.audio()).cloned();
    let frames = track.and_then(|track| track.num_frames);
    let parameters = parameters.ok_or_else(|| Error::unsupported("the file has no audio"))?;
    let rate = parameters.sample_rate.filter(|&rate| rate > 0).map(f64::from);
    let rate = rate.ok_or_else(|| Error::whole("the file does not say its sample rate"))?;
    let stated = parameters.channels.as_ref().map(|channels| channels.count());
    // Some formats say it in their packets only.
    let channels = match stated {
        Some(count) => count,
        None => {
            decoding.next()?;
            decoding.decoder.codec_params().channels.as_ref().map_or(0, |channels| channels.count())
        }
    };
    if channels == 0 || channels > MAX_CHANNELS {
        return Err(Error::whole(format!("the file has {channels} channels")));
    }
    let bits = parameters.bits_per_sample.unwrap_or(16);
    let is_float = parameters.sample_format.is_some_and(|format| format!("{format:?}").starts_with('F'));
    let codec = symphonia::default::get_codecs().get_audio_decoder(parameters.codec);
    let codec = codec.map_or_else(String::new, |known| known.codec.info.short_name.to_owned());
    let channel = Channel { sample_rate: Some(rate), frames, gain: 1.0, ..Channel::default() };
    let header = Header {
        format: decoding.format.format_info().short_name.to_owned(),
        encoding: codec,
        sample_rate: Some(rate),
        frames,
        channels: vec![channel; channels],
        wide: if is_float { bits > 32 } else { bits > 24 },
        ..Header::default()
    };
    let extension = extension.to_owned();
    let fresh = Decoding::begin(source.clone(), &extension)?;
    Ok((header, Box::new(AudioReader { source, extension, decoding: fresh, channels, next: 0 })))
}

struct AudioReader {
    source: Shared,
    extension: String,
    decoding: Decoding,
    channels: usize,
    /// Frame of the next sample that is given.
    next: u64,
}

impl Reader for AudioReader {
    fn read(&mut self, channels: &[usize], at: u64, frames: usize, out: &mut Vec<f64>) -> Result<usize> {
        if at < self.next {
            self.decoding = Decoding::begin(self.source.clone(), &self.extension)?;
            self.next = 0;
        }
        let mut done = 0;
        while done < frames {
            let Decoding { block, used, .. } = &mut self.decoding;
            let available = (block.len() - *used) / self.channels;
            if available == 0 {
                if !self.decoding.next()? {
                    break;
                }
                if !self.decoding.block.len().is_multiple_of(self.channels) {
                    return Err(Error::whole("the number of channels changes within the file"));
                }
                continue;
            }
            // Frames before the one that is asked for are decoded, too: so any cutting gives the same samples.
            let skipped = usize::try_from(at.saturating_sub(self.next)).unwrap_or(usize::MAX).min(available);
            let count = (available - skipped).min(frames - done);
            let rows = &block[*used + skipped * self.channels..][..count * self.channels];
            for row in rows.chunks_exact(self.channels) {
                out.extend(channels.iter().map(|&i| row[i]));
            }
            *used += (skipped + count) * self.channels;
            self.next += (skipped + count) as u64;
            done += count;
        }
        Ok(done)
    }
}
