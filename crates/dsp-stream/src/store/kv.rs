//! Ordered keys and values with transactions, the basis of local stores.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::error::Result;

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// One transaction.
pub trait Tx {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>>;
    /// Returns at most `limit` pairs with `from ≤ key < to`, in order.
    fn range(&self, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Pair>>;
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<()>;
    fn delete(&mut self, key: &[u8]) -> Result<()>;
}

/// Runs transactions one after another. The writes of a failed transaction are undone, unless all its checks come
/// before its writes.
pub trait Kv: Send + Sync + 'static {
    fn transact(&self, write: bool, body: &mut dyn FnMut(&mut dyn Tx) -> Result<()>) -> Result<()>;
}

/// In memory.
#[derive(Default)]
pub struct MemoryKv(Mutex<BTreeMap<Vec<u8>, Vec<u8>>>);

impl Kv for MemoryKv {
    fn transact(&self, _: bool, body: &mut dyn FnMut(&mut dyn Tx) -> Result<()>) -> Result<()> {
        body(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Tx for BTreeMap<Vec<u8>, Vec<u8>> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.get(key).cloned())
    }

    fn range(&self, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Pair>> {
        let pairs = self.range(from.to_vec()..to.to_vec()).take(limit);
        Ok(pairs.map(|(k, v)| (k.clone(), v.clone())).collect())
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        self.insert(key.to_vec(), value.to_vec());
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Result<()> {
        self.remove(key);
        Ok(())
    }
}
