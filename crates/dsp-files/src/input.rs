//! Bytes by position: of a file, of memory, or of a pipe that can only go on.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::limits::zeros;
use crate::text::quoted;
use crate::{Error, Result};

/// Where a recording comes from.
pub enum Source {
    /// A file; WFDB records find their other files beside it.
    Path(PathBuf),
    /// A whole file in memory.
    Bytes(Arc<[u8]>),
    /// Files in memory by name, and the name of the one to open.
    Files(BTreeMap<String, Arc<[u8]>>, String),
    /// A stream that cannot go back further than its first mebibyte.
    Pipe(Box<dyn Read + Send>),
}

/// Bytes that are read ahead, so that small reads near each other cost one call of the system.
const WINDOW: usize = 1 << 16;
/// Bytes at the start of a pipe that can be read again.
const KEPT: usize = 1 << 20;

enum Origin {
    File(File, u64),
    Bytes(Arc<[u8]>),
    Pipe(Box<dyn Read + Send>, Vec<u8>),
}

/// Bytes by position, with a window read ahead.
pub struct Input {
    origin: Origin,
    /// Position from which the origin reads on.
    next: u64,
    window: Vec<u8>,
    window_at: u64,
}

impl Input {
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.to_string_lossy();
        let opened = || -> io::Result<Origin> {
            let file = File::open(path)?;
            let meta = file.metadata()?;
            if meta.is_dir() {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, "this is a folder"));
            }
            Ok(if meta.is_file() { Origin::File(file, meta.len()) } else { Origin::Pipe(Box::new(file), Vec::new()) })
        };
        opened().map(Self::new).map_err(|error| Error::from(error).of_file(&name))
    }

    pub fn bytes(bytes: Arc<[u8]>) -> Self {
        Self::new(Origin::Bytes(bytes))
    }

    pub fn pipe(reader: Box<dyn Read + Send>) -> Self {
        Self::new(Origin::Pipe(reader, Vec::new()))
    }

    fn new(origin: Origin) -> Self {
        Self { origin, next: 0, window: Vec::new(), window_at: 0 }
    }

    /// Returns the length in bytes; `None` for a pipe.
    pub fn len(&self) -> Option<u64> {
        match &self.origin {
            Origin::File(_, length) => Some(*length),
            Origin::Bytes(bytes) => Some(bytes.len() as u64),
            Origin::Pipe(..) => None,
        }
    }

    /// Reads as many bytes from `at` on as there are, at most `buffer.len()`; returns how many.
    pub fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            let count = self.read_some(at + done as u64, &mut buffer[done..])?;
            if count == 0 {
                break;
            }
            done += count;
        }
        Ok(done)
    }

    /// Fills `buffer` from `at` on.
    ///
    /// # Errors
    /// If the input ends before, with `what` in the message.
    pub fn exact_at(&mut self, at: u64, buffer: &mut [u8], what: &str) -> Result<()> {
        let count = self.read_at(at, buffer)?;
        match count == buffer.len() {
            true => Ok(()),
            false => Err(Error::damaged(at + count as u64, format!("the file ends within {what}"))),
        }
    }

    /// Returns the `length` bytes from `at` on, fewer at the end of the input.
    pub fn take_at(&mut self, at: u64, length: usize) -> Result<Vec<u8>> {
        let rest = self.len().map_or(u64::MAX, |all| all.saturating_sub(at));
        let mut bytes = zeros(length.min(usize::try_from(rest).unwrap_or(usize::MAX)))?;
        let count = self.read_at(at, &mut bytes)?;
        bytes.truncate(count);
        Ok(bytes)
    }

    fn read_some(&mut self, at: u64, buffer: &mut [u8]) -> Result<usize> {
        if let Origin::Bytes(bytes) = &self.origin {
            let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or(&[]);
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            return Ok(count);
        }
        let mut window_end = self.window_at + self.window.len() as u64;
        if at < self.window_at || at >= window_end {
            self.load(at)?;
            window_end = self.window_at + self.window.len() as u64;
        }
        if at >= window_end {
            return Ok(0);
        }
        let rest = &self.window[(at - self.window_at) as usize..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    /// Moves the window to `at`.
    fn load(&mut self, at: u64) -> Result<()> {
        match &mut self.origin {
            Origin::Bytes(_) => {}
            Origin::File(file, length) => {
                self.window.clear();
                self.window_at = at;
                if at >= *length {
                    return Ok(());
                }
                if self.next != at {
                    file.seek(SeekFrom::Start(at))?;
                }
                self.window.resize(WINDOW, 0);
                let count = retry(|| file.read(&mut self.window));
                self.window.truncate(*count.as_ref().unwrap_or(&0));
                self.next = at + count? as u64;
            }
            Origin::Pipe(reader, kept) => {
                if at < kept.len() as u64 {
                    self.window.clear();
                    self.window.extend_from_slice(&kept[at as usize..]);
                    self.window_at = at;
                    return Ok(());
                }
                if at < self.next {
                    return Err(Error::argument("a stream cannot be read again from an earlier frame"));
                }
                loop {
                    self.window.resize(WINDOW, 0);
                    let count = retry(|| reader.read(&mut self.window));
                    self.window.truncate(*count.as_ref().unwrap_or(&0));
                    let count = count?;
                    self.window_at = self.next;
                    self.next += count as u64;
                    let room = KEPT.saturating_sub(kept.len());
                    if self.window_at == kept.len() as u64 {
                        kept.extend_from_slice(&self.window[..count.min(room)]);
                    }
                    if count == 0 || at < self.next {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}

fn retry(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// The other files of a record.
pub enum Folder {
    /// A folder of the file system.
    Path(PathBuf),
    /// Files in memory by name.
    Files(BTreeMap<String, Arc<[u8]>>),
}

impl Folder {
    /// Opens the file `name`; `None` if there is none.
    ///
    /// # Errors
    /// If the name leads out of the folder: a header must not have the program read whatever it names.
    pub fn open(&self, name: &str) -> Result<Option<Input>> {
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if !inside || name.is_empty() || name.contains(['\\', '\0', ':']) {
            return Err(Error::whole(format!("the name {} leads out of the record's folder", quoted(name))));
        }
        match self {
            Self::Files(files) => Ok(files.get(name).map(|bytes| Input::bytes(Arc::clone(bytes)))),
            Self::Path(folder) => {
                let path = folder.join(name);
                if path.exists() { Input::open(&path).map(Some) } else { Ok(None) }
            }
        }
    }
}
