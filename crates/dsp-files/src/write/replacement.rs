//! A file that appears under its name only when it is complete.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::{Error, Result};

/// Names that are tried before giving up.
const ATTEMPTS: usize = 16;

/// A temporary file beside the one it will replace; removed unless it is committed.
pub struct Replacement {
    temporary: PathBuf,
    target: PathBuf,
    done: bool,
}

impl Replacement {
    /// Makes the temporary file exclusively, with the mode of the file that it replaces. A link is followed, so that it
    /// stays one.
    pub fn create(path: &Path) -> Result<(File, Self)> {
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let wanted = || -> io::Result<(File, Self)> {
            let name =
                target.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this names no file"))?;
            if target.is_dir() {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, "this is a folder"));
            }
            for _ in 0..ATTEMPTS {
                let temporary = target.with_file_name(format!(".{}.{:016x}.part", name.to_string_lossy(), fresh()));
                let mut options = OpenOptions::new();
                options.read(true).write(true).create_new(true);
                // Until it has the mode of the file that it replaces, nobody else reads it.
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, if target.exists() { 0o600 } else { 0o666 });
                match options.open(&temporary) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    Err(error) => return Err(error),
                    Ok(file) => {
                        let replacement = Self { temporary, target: target.clone(), done: false };
                        if let Ok(meta) = fs::metadata(&target) {
                            file.set_permissions(meta.permissions())?;
                        }
                        return Ok((file, replacement));
                    }
                }
            }
            Err(io::Error::new(io::ErrorKind::AlreadyExists, "no name is free for a temporary file"))
        };
        wanted().map_err(|error| Error::from(error).of_file(&path.to_string_lossy()))
    }

    /// Gives the file its name.
    pub fn commit(mut self, file: File) -> Result<()> {
        drop(file);
        fs::rename(&self.temporary, &self.target)?;
        self.done = true;
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.done {
            // What cannot be removed stays; the error that led here is the one to report.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Returns a number that no other call of this moment returns.
fn fresh() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    (time ^ u64::from(std::process::id()).rotate_left(32)).wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// A file without a name of its own for what is written in a second pass.
pub fn spool(beside: &Path) -> Result<(File, Replacement)> {
    Replacement::create(&beside.with_extension("samples"))
}
