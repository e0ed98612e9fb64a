//! The error of this crate: what is wrong with which file, and where in it.

use std::fmt;
use std::io;

/// Result with the [`Error`] of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// The kinds of failure that a caller may want to tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The operating system refused to open, read or write.
    Io,
    /// The file contradicts its format: damaged, cut off within its header, or something else.
    Damaged,
    /// The file is whole but holds what is not supported.
    Unsupported,
    /// An option of the caller is wrong.
    Argument,
}

/// A position in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Bytes from the start of the file.
    Byte(u64),
    /// A line, from 1.
    Line(u64),
}

/// The reason of a failure, with the file and the place where that is known.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    place: Option<Place>,
    file: Option<String>,
    code: Option<i32>,
}

impl Error {
    fn new(kind: ErrorKind, message: impl Into<String>, place: Option<Place>) -> Self {
        Self { kind, message: message.into(), place, file: None, code: None }
    }

    /// Returns an error about byte `at` of a damaged file.
    pub fn damaged(at: u64, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Damaged, message, Some(Place::Byte(at)))
    }

    /// Returns an error about line `number` of a damaged text file.
    pub fn line(number: u64, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Damaged, message, Some(Place::Line(number)))
    }

    /// Returns an error about a damaged file as a whole.
    pub fn whole(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Damaged, message, None)
    }

    /// Returns an error about something that this crate does not read or write.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, message, None)
    }

    /// Returns an error about an option of the caller.
    pub fn argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Argument, message, None)
    }

    /// Names the file, unless a file is named already.
    #[must_use]
    pub fn of_file(mut self, file: &str) -> Self {
        if self.kind != ErrorKind::Argument {
            self.file.get_or_insert_with(|| file.to_owned());
        }
        self
    }

    /// Returns the kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the place in the file, where it is known.
    pub fn place(&self) -> Option<Place> {
        self.place
    }

    /// Returns the file's name, where it is known.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Returns the error number of the operating system, for errors of kind [`ErrorKind::Io`].
    pub fn os_code(&self) -> Option<i32> {
        self.code
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.place) {
            (Some(file), Some(Place::Line(line))) => write!(f, "{file}:{line}: {}", self.message),
            (None, Some(Place::Line(line))) => write!(f, "line {line}: {}", self.message),
            (Some(file), Some(Place::Byte(at))) => write!(f, "{file}: {} (at byte {at})", self.message),
            (None, Some(Place::Byte(at))) => write!(f, "{} (at byte {at})", self.message),
            (Some(file), None) => write!(f, "{file}: {}", self.message),
            (None, None) => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        let mut own = Self::new(ErrorKind::Io, error.to_string(), None);
        own.code = error.raw_os_error();
        own
    }
}
