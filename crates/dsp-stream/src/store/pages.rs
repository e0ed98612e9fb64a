//! Iteration over the records of a scope, page by page.

use super::api::StateStore;
use super::record::Record;
use crate::error::Result;

/// Number of records per page.
const PAGE: usize = 100;

/// Iterates over a scope. Records removed or replaced in the meantime do not disturb it.
pub(crate) struct Pages<'a> {
    store: &'a dyn StateStore,
    scope: &'a str,
    from: Option<Vec<u8>>,
    is_over: bool,
}

impl<'a> Pages<'a> {
    /// Returns an iteration at its beginning.
    pub(crate) fn new(store: &'a dyn StateStore, scope: &'a str) -> Self {
        Self { store, scope, from: None, is_over: false }
    }

    /// Returns the next keys with their newest records; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<(Vec<u8>, Record)>>> {
        if self.is_over {
            return Ok(None);
        }
        let page = self.store.scan(self.scope, self.from.as_deref(), PAGE).await?;
        self.from = page.next;
        self.is_over = self.from.is_none();
        Ok(Some(page.entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Entry, Format, Slot, memory};

    #[test]
    fn every_record_comes_once_although_it_is_removed_on_the_way() {
        crate::runtime().block_on(async {
            let store = memory();
            let lease = store.acquire("s", "me").await.unwrap();
            let entry = |n: usize| {
                let key = n.to_string().into_bytes();
                Entry { key, state: vec![], format: Format::Toon, offset: Some(1), definition: None, slot: Slot::Only }
            };
            let entries: Vec<Entry> = (0..2 * PAGE + 1).map(entry).collect();
            store.put(&lease, &entries, None).await.unwrap();
            let (mut pages, mut count) = (Pages::new(&*store, "s"), 0);
            while let Some(page) = pages.next().await.unwrap() {
                for (key, _) in page {
                    count += store.remove("s", Some(&key)).await.unwrap();
                }
            }
            assert_eq!(count, entries.len() as u64);
        });
    }
}
