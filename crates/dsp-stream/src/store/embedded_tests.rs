//! A file that is damaged while the store is open.

use std::os::unix::fs::FileExt;

use super::*;

/// A folder that is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dspx-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("can be made");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn key(number: u32) -> [u8; 4] {
    number.to_be_bytes()
}

fn value(number: u32) -> Vec<u8> {
    vec![number as u8; 300]
}

/// A generator of numbers (xorshift).
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

const KEYS: u32 = 400;

/// An open store without a cache, so that what it reads comes from the file.
fn filled(path: &Path) -> RedbKv {
    let kv = RedbKv::open(path, 0).expect("opens");
    let mut fill = |tx: &mut dyn Tx| (0..KEYS).try_for_each(|n| tx.put(&key(n), &value(n)));
    kv.transact(true, &mut fill).expect("writes");
    kv
}

/// The outcome of a call on the damaged store: nothing, or that the file is damaged and which.
fn judge(result: Result<()>, path: &Path) -> bool {
    match result {
        Ok(()) => false,
        Err(Error::Corrupted { file, what }) => {
            assert!(file.starts_with(&path.display().to_string()) && !what.is_empty(), "{file}: {what}");
            true
        }
        Err(other) => panic!("{other:?}"),
    }
}

/// Reads, writes and walks.
fn use_all(kv: &RedbKv, path: &Path, numbers: &mut u64) -> usize {
    let mut found = 0;
    for _ in 0..6 {
        let number = random(numbers) as u32 % KEYS;
        let mut read = |tx: &mut dyn Tx| tx.get(&key(number)).map(drop);
        found += usize::from(judge(kv.transact(false, &mut read), path));
        let mut walk = |tx: &mut dyn Tx| tx.range(&key(0), &key(KEYS), 1000).map(drop);
        found += usize::from(judge(kv.transact(false, &mut walk), path));
        let mut write = |tx: &mut dyn Tx| tx.put(&key(number), b"new");
        found += usize::from(judge(kv.transact(true, &mut write), path));
        let mut delete = |tx: &mut dyn Tx| tx.delete(&key(number ^ 1));
        found += usize::from(judge(kv.transact(true, &mut delete), path));
    }
    found
}

#[test]
fn damage_of_an_open_file_is_told_with_its_name() {
    let folder = Folder::new("damaged");
    let (mut numbers, mut found) = (0x9e37_79b9_7f4a_7c15, 0);
    for round in 0..40 {
        let path = folder.0.join(round.to_string());
        std::fs::create_dir(&path).expect("can be made");
        let kv = filled(&path);
        let file = OpenOptions::new().write(true).open(path.join(FILE)).expect("is there");
        let length = file.metadata().expect("is there").len();
        if round % 8 == 7 {
            file.set_len(length / 2).expect("can be cut");
        } else {
            for _ in 0..1 + random(&mut numbers) % 200 {
                let junk = random(&mut numbers).to_le_bytes();
                file.write_all_at(&junk, random(&mut numbers) % (length - 8)).expect("is written");
            }
        }
        found += use_all(&kv, &path, &mut numbers);
        // Closing writes too.
        drop(kv);
    }
    assert!(found > 0, "nothing of the damage was seen");
}
