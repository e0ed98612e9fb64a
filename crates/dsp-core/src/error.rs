//! The error type of the core. Its text is meant for the user; its kind is the class that JavaScript throws.

/// An error of the core, with its message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value of the wrong type, or one that the parameter does not allow (`TypeError`).
    #[error("{0}")]
    Type(String),
    /// A number outside its range, or a size that cannot be had (`RangeError`).
    #[error("{0}")]
    Range(String),
    /// Everything else: a stage that cannot go on, a state that does not fit (`Error`).
    #[error("{0}")]
    Failed(String),
}

/// The JavaScript class that an [`Error`] becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// `TypeError`
    Type,
    /// `RangeError`
    Range,
    /// `Error`
    Failed,
}

impl Error {
    /// Returns a `TypeError` with this message.
    pub fn type_error(message: impl Into<String>) -> Self {
        Self::Type(message.into())
    }

    /// Returns a `RangeError` with this message.
    pub fn range(message: impl Into<String>) -> Self {
        Self::Range(message.into())
    }

    /// Returns a plain `Error` with this message.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    /// Returns the error for a saved state of a stage with other parameters; `what` names the parameter that differs.
    pub fn mismatch(stage: &str, what: &str) -> Self {
        Self::Failed(format!("{stage}: {what} mismatch"))
    }

    /// Returns the error with `label: ` in front of its message.
    #[must_use]
    pub fn within(self, label: &str) -> Self {
        let named = |text: String| {
            let is_named = text.strip_prefix(label).is_some_and(|rest| rest.starts_with(':'));
            if is_named { text } else { format!("{label}: {text}") }
        };
        match self {
            Self::Type(text) => Self::Type(named(text)),
            Self::Range(text) => Self::Range(named(text)),
            Self::Failed(text) => Self::Failed(named(text)),
        }
    }

    /// Returns the class that JavaScript throws.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Type(_) => ErrorKind::Type,
            Self::Range(_) => ErrorKind::Range,
            Self::Failed(_) => ErrorKind::Failed,
        }
    }
}

/// `Result` with the core's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;
