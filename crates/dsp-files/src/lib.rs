//! Recordings in files: wav, EDF, BDF, WFDB, csv, npy, raw samples and compressed audio.
//!
//! [`Recording::open`] reads the header; [`Recording::read`] gives interleaved samples from any frame on. Memory is
//! bounded by the size of one block, whatever the size of the file. [`Writer`] writes a file under a temporary name and
//! renames it once it is complete.

mod audio;
mod csv;
mod edf;
mod error;
mod header;
mod input;
mod limits;
mod npy;
mod raw;
mod recording;
mod text;
mod wav;
mod wfdb;
mod write;

pub use csv::CsvOptions;
pub use error::{Error, ErrorKind, Place, Result};
pub use header::{Annotation, Channel, Gap, Header};
pub use input::{Folder, Source};
pub use raw::RawOptions;
pub use recording::{Format, OpenOptions, Recording, Selector};
pub use write::Writer;
pub use write::sink::{ChannelOptions, WriteOptions};
