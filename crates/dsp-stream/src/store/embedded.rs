//! The embedded store: one redb file and one lock file in a folder, shared by all stores of one process.

use redb::backends::FileBackend;
use redb::{
    Database, DatabaseError, ReadableDatabase as _, ReadableTable, StorageBackend, StorageError, TableDefinition,
};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use super::api::StateStore;
use super::failures::broken;
use super::kv::{Kv, Pair, Tx};
use super::local::LocalStore;
use super::stamps::new_id;
use crate::error::{Error, Result};

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("dspx");
/// Name of the database in the folder of a store.
const FILE: &str = "state.redb";
/// Error code of a failure of the file.
const FAILED: &str = "STORE_FAILED";
/// Code of damage that was found in a transaction.
const DAMAGED: &str = "STORE_DAMAGED";
const STORE_ID: &[u8] = b"id";
/// Interval at which a store that does not wait for the disk is flushed.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// The time at which a `put` is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// When it is on disk; it survives a power failure.
    Fsync,
    /// When the operating system has it; it survives the end of the process, however that ends. It is on disk within
    /// about a second.
    Os,
}

struct RedbKv {
    /// The folder.
    path: PathBuf,
    /// `None` after an error of the file, until somebody wants it again.
    database: RwLock<Option<Database>>,
    cache: usize,
    flush: Arc<Flush>,
    store_id: String,
    _lock: File,
}

/// Decides when the file is flushed.
#[derive(Debug)]
struct Flush {
    /// Whether every write must be flushed.
    always: AtomicBool,
    /// Second handle of the file.
    file: File,
    /// End of the last flush in the background; `None` while one runs.
    done: Mutex<Option<Instant>>,
}

impl Flush {
    /// Flushes the file in the background if the last flush was long ago, so that no caller waits for a slow disk.
    fn sometimes(self: &Arc<Self>) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        if done.is_some_and(|done| done.elapsed() >= SYNC_INTERVAL) {
            *done = None;
            let flush = Arc::clone(self);
            crate::runtime().spawn_blocking(move || {
                let _ = flush.file.sync_data();
                *flush.done.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            });
        }
    }
}

/// Access of redb to the file. Every commit is written to it (redb's own `Durability::None` keeps commits in the
/// process, where a kill loses them), but not always flushed.
#[derive(Debug)]
struct Backend {
    file: FileBackend,
    flush: Arc<Flush>,
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.flush.always.load(Relaxed) {
            return self.file.sync_data();
        }
        self.flush.sometimes();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }
}

/// The open databases of this process, by folder.
static OPEN: Mutex<BTreeMap<PathBuf, Weak<RedbKv>>> = Mutex::new(BTreeMap::new());

/// Opens the store in the folder `path`, and creates both if necessary. It may block for long.
///
/// # Errors
/// `Locked` if another process has it, `Corrupted` if its file is damaged, `Store` if the files cannot be used.
pub fn open(path: &Path, durability: Durability, ttl: Option<Duration>, cache: usize) -> Result<Arc<dyn StateStore>> {
    std::fs::create_dir_all(path).map_err(|e| unusable(path, &e))?;
    let path = path.canonicalize().map_err(|e| unusable(path, &e))?;
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    open.retain(|_, kv| kv.strong_count() > 0);
    let shared = open.get(&path).and_then(Weak::upgrade);
    let kv = match shared {
        Some(kv) => kv,
        None => {
            let kv = Arc::new(RedbKv::open(&path, cache)?);
            open.insert(path, Arc::downgrade(&kv));
            kv
        }
    };
    if durability == Durability::Fsync {
        kv.flush.always.store(true, Relaxed);
    }
    let id = kv.store_id.clone();
    Ok(Arc::new(LocalStore::new("embedded", kv, id, ttl, true)))
}

impl RedbKv {
    fn open(path: &Path, cache: usize) -> Result<Self> {
        let lock = lock_file(path)?;
        let name = path.join(FILE);
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&name).map_err(|e| unusable(path, &e))?;
        guarded(path, || Self::of(path, lock, file, cache))
    }

    /// Opens the database in `file`, which is empty or contains one.
    fn of(path: &Path, lock: File, file: File, cache: usize) -> Result<Self> {
        // What makes the file is on disk before anything is in it.
        let done = Mutex::new(Some(Instant::now()));
        let flush = Arc::new(Flush { always: AtomicBool::new(true), file, done });
        let database = database(&flush, cache).map_err(|e| unusable_or_corrupt(path, &e))?;
        let database = RwLock::new(Some(database));
        let path = path.to_owned();
        let mut kv = Self { path, database, cache, flush, store_id: String::new(), _lock: lock };
        kv.store_id = kv.make_id().map_err(|e| match e {
            Error::Store { retriable: false, message, .. } => corrupt(&kv.path, &message),
            other => other,
        })?;
        kv.flush.always.store(false, Relaxed);
        Ok(kv)
    }

    /// Runs `work` with the database, which is reopened if its file has failed.
    fn with<T>(&self, work: impl FnOnce(&Database) -> Result<T>) -> Result<T> {
        loop {
            if let Some(database) = &*self.database.read().unwrap_or_else(PoisonError::into_inner) {
                return work(database);
            }
            let mut place = self.database.write().unwrap_or_else(PoisonError::into_inner);
            if place.is_none() {
                *place = Some(database(&self.flush, self.cache).map_err(|e| unusable_or_corrupt(&self.path, &e))?);
            }
        }
    }

    /// Returns the id in the file, which is created if necessary.
    fn make_id(&self) -> Result<String> {
        let mut id = String::new();
        self.transact(true, &mut |tx| {
            if let Some(stored) = tx.get(STORE_ID)? {
                id = String::from_utf8_lossy(&stored).into_owned();
                return Ok(());
            }
            id = uuid::Uuid::from_bytes(new_id()).to_string();
            tx.put(STORE_ID, id.as_bytes())
        })?;
        Ok(id)
    }
}

impl Drop for RedbKv {
    /// Flushes writes that have not been flushed.
    fn drop(&mut self) {
        self.flush.always.store(true, Relaxed);
        let place = self.database.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = guarded(&self.path, || {
            let Some(database) = place.take() else { return Ok(()) };
            let transaction = database.begin_write().map_err(failed)?;
            transaction.commit().map_err(failed)
        });
    }
}

/// Opens the database in a file; uncommitted writes are lost.
fn database(flush: &Arc<Flush>, cache: usize) -> std::result::Result<Database, DatabaseError> {
    let file = flush.file.try_clone().map_err(redb::StorageError::from)?;
    let backend = Backend { file: FileBackend::new(file)?, flush: Arc::clone(flush) };
    Database::builder().set_cache_size(cache).create_with_backend(backend)
}

fn lock_file(path: &Path) -> Result<File> {
    let name = path.join("lock");
    let fail = |e: std::io::Error| unusable(path, &e);
    let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(name).map_err(fail)?;
    if file.try_lock().is_err() {
        let mut pid = String::new();
        let _ = file.read_to_string(&mut pid);
        return Err(Error::Locked { path: path.display().to_string(), pid: pid.trim().parse().unwrap_or(0) });
    }
    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id())).map_err(fail)?;
    Ok(file)
}

/// Returns the error for a file that is not a database, or a damaged one.
fn corrupt(path: &Path, what: &str) -> Error {
    Error::Corrupted { file: path.join(FILE).display().to_string(), what: what.to_owned() }
}

/// Runs `work` on a file that may be damaged: redb panics on some damage instead of returning an error.
fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(corrupt(path, "its pages contradict each other")))
}

/// Whether the file holds something else than was written to it, or less.
fn is_damage(error: &redb::Error) -> bool {
    match error {
        redb::Error::Corrupted(_) => true,
        redb::Error::Io(e) => matches!(e.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof),
        _ => false,
    }
}

fn unusable_or_corrupt(path: &Path, error: &DatabaseError) -> Error {
    let is_cut = |e: &io::Error| matches!(e.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof);
    match error {
        DatabaseError::Storage(StorageError::Io(e)) if !is_cut(e) => unusable(path, error),
        DatabaseError::Storage(_) | DatabaseError::RepairAborted | DatabaseError::UpgradeRequired(_) => {
            corrupt(path, &error.to_string())
        }
        other => unusable(path, other),
    }
}

fn unusable(path: &Path, error: &dyn std::error::Error) -> Error {
    broken(FAILED, format!("the state store at {} cannot be used: {error}", path.display()))
}

/// A failure of the database; a full disk may get room again. That of a damaged file gets its path in [`RedbKv::transact`].
fn failed(error: impl Into<redb::Error>) -> Error {
    let error = error.into();
    if is_damage(&error) {
        return Error::Store { code: DAMAGED, message: error.to_string(), retriable: false };
    }
    let retriable = matches!(error, redb::Error::Io(_) | redb::Error::PreviousIo);
    Error::Store { code: FAILED, message: format!("the embedded state store: {error}"), retriable }
}

impl Kv for RedbKv {
    fn transact(&self, write: bool, body: &mut dyn FnMut(&mut dyn Tx) -> Result<()>) -> Result<()> {
        let result = guarded(&self.path, || self.with(|database| transact(database, write, body)));
        let result = result.map_err(|error| match error {
            Error::Store { code: DAMAGED, message, .. } => corrupt(&self.path, &message),
            other => other,
        });
        if matches!(result, Err(Error::Store { code: FAILED, retriable: true, .. } | Error::Corrupted { .. })) {
            // After an error of the file, be it a full disk, redb refuses everything until it is opened again; what a panic
            // left behind is not used again.
            let failed = self.database.write().unwrap_or_else(PoisonError::into_inner).take();
            let _ = guarded(&self.path, || {
                drop(failed);
                Ok(())
            });
        }
        result
    }
}

fn transact(database: &Database, write: bool, body: &mut dyn FnMut(&mut dyn Tx) -> Result<()>) -> Result<()> {
    if !write {
        let transaction = database.begin_read().map_err(failed)?;
        return body(&mut Reading(transaction.open_table(TABLE).map_err(failed)?));
    }
    let transaction = database.begin_write().map_err(failed)?;
    {
        let mut table = Writing(transaction.open_table(TABLE).map_err(failed)?);
        body(&mut table)?;
    }
    transaction.commit().map_err(failed)
}

struct Reading(redb::ReadOnlyTable<&'static [u8], &'static [u8]>);
struct Writing<'txn>(redb::Table<'txn, &'static [u8], &'static [u8]>);

fn get(table: &impl ReadableTable<&'static [u8], &'static [u8]>, key: &[u8]) -> Result<Option<Vec<u8>>> {
    Ok(table.get(key).map_err(failed)?.map(|value| value.value().to_vec()))
}

fn range(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    from: &[u8],
    to: &[u8],
    limit: usize,
) -> Result<Vec<Pair>> {
    let pairs = table.range(from..to).map_err(failed)?.take(limit);
    pairs.map(|pair| pair.map(|(k, v)| (k.value().to_vec(), v.value().to_vec())).map_err(failed)).collect()
}

impl Tx for Reading {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        get(&self.0, key)
    }

    fn range(&self, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Pair>> {
        range(&self.0, from, to, limit)
    }

    fn put(&mut self, _: &[u8], _: &[u8]) -> Result<()> {
        Err(broken(FAILED, "a write in a transaction that reads"))
    }

    fn delete(&mut self, _: &[u8]) -> Result<()> {
        Err(broken(FAILED, "a write in a transaction that reads"))
    }
}

impl Tx for Writing<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        get(&self.0, key)
    }

    fn range(&self, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Pair>> {
        range(&self.0, from, to, limit)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        self.0.insert(key, value).map(|_| ()).map_err(failed)
    }

    fn delete(&mut self, key: &[u8]) -> Result<()> {
        self.0.remove(key).map(|_| ()).map_err(failed)
    }
}

#[cfg(test)]
#[path = "embedded_tests.rs"]
mod tests;
