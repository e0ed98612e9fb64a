//! The objects of a state store at the border.

use dsp_stream::store::{Entry, Format, Lease, Manifest, ManifestUpdate, Metrics, Page, Record, Slot, Swap};
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;

/// The manifest of a scope.
#[napi(object)]
#[derive(Clone)]
pub struct NativeManifest {
    /// Number of the owner; it increases with every acquisition.
    pub epoch: f64,
    /// Owner that acquired the scope.
    pub owner: String,
    /// Offset of the first message that is not in any state, as decimal text.
    pub next_offset: Option<String>,
    /// Number of checkpoints written.
    pub seq: f64,
    /// Hash of the pipeline.
    pub definition: String,
    /// Guarantee of the stream that wrote it.
    pub guarantee: String,
    /// Number of partitions of the topic.
    pub partitions: u32,
    /// Id of the store.
    pub store_id: String,
    /// Time of the write in ms since 1970.
    pub updated_at: f64,
}

/// The right to write a scope.
#[napi(object)]
pub struct NativeLease {
    /// The scope.
    pub scope: String,
    /// Epoch of this owner.
    pub epoch: f64,
    /// This owner.
    pub owner: String,
    /// The manifest at the acquisition.
    pub manifest: Option<NativeManifest>,
}

/// One version of a state.
#[napi(object)]
pub struct NativeRecord {
    /// State bytes.
    pub state: Buffer,
    /// `toon` or `json`.
    pub format: String,
    /// Offset of the last message applied, as decimal text.
    pub offset: Option<String>,
    /// Version, which increases with every write of the key.
    pub version: f64,
    /// Epoch of the writer.
    pub epoch: f64,
    /// First 8 bytes of the definition's hash.
    pub definition: String,
    /// Time of the write in ms since 1970.
    pub updated_at: f64,
}

/// A record to write.
#[napi(object)]
pub struct NativeEntry {
    /// Key within the scope.
    pub key: Buffer,
    /// State bytes.
    pub state: Buffer,
    /// Whether the state is JSON.
    pub is_json: bool,
    /// Offset of the last message applied, −1 = none.
    pub offset: f64,
    /// Whether one version is kept beside it.
    pub alternate: bool,
    /// Offset of the version to keep.
    pub keep: Option<f64>,
}

/// The changes of a `put` to the manifest.
#[napi(object)]
pub struct NativeManifestUpdate {
    /// Offset of the first message that is not in any state.
    pub next_offset: Option<f64>,
    /// Number of checkpoints written.
    pub seq: f64,
    /// Hash of the pipeline.
    pub definition: String,
    /// The guarantee of the stream.
    pub guarantee: String,
    /// Number of partitions of the topic.
    pub partitions: u32,
}

/// Result of `compareAndSet`.
#[napi(object)]
pub struct NativeSwap {
    /// Whether the value was written.
    pub ok: bool,
    /// Version in the store afterwards.
    pub version: f64,
}

/// A key and its record.
#[napi(object)]
pub struct NativePair {
    /// Key within the scope.
    pub key: Buffer,
    /// Its newest record.
    pub record: NativeRecord,
}

/// A page of records of a scope.
#[napi(object)]
pub struct NativePage {
    /// The records.
    pub entries: Vec<NativePair>,
    /// Position at which to continue.
    pub next: Option<Buffer>,
}

/// Counters of a store.
#[napi(object)]
pub struct NativeStoreMetrics {
    /// Records requested.
    pub reads: f64,
    /// Records written.
    pub writes: f64,
    /// State bytes read.
    pub bytes_read: f64,
    /// State bytes written.
    pub bytes_written: f64,
    /// Writes refused because another owner has acquired the scope.
    pub fenced: f64,
    /// Calls that failed for other reasons.
    pub errors: f64,
    /// Connections made after the first one.
    pub reconnects: f64,
    /// Number of calls.
    pub calls: f64,
    /// Sum of their times in ms.
    pub latency_ms: f64,
}

/// A store that has been opened.
#[napi(object)]
pub struct OpenedStore {
    /// `redis`, `embedded` or `memory`.
    pub kind: String,
    /// A UUID made with the store.
    pub store_id: String,
    /// Warning to show the user once.
    pub warning: Option<String>,
}

impl From<Manifest> for NativeManifest {
    fn from(m: Manifest) -> Self {
        Self {
            epoch: m.epoch as f64,
            owner: m.owner,
            next_offset: m.next_offset.map(|o| o.to_string()),
            seq: m.seq as f64,
            definition: m.definition,
            guarantee: m.guarantee,
            partitions: m.partitions,
            store_id: m.store_id,
            updated_at: m.updated_at,
        }
    }
}

impl From<Lease> for NativeLease {
    fn from(l: Lease) -> Self {
        Self { scope: l.scope, epoch: l.epoch as f64, owner: l.owner, manifest: l.manifest.map(Into::into) }
    }
}

impl From<Record> for NativeRecord {
    fn from(r: Record) -> Self {
        let text = r.definition.iter().take_while(|b| **b != 0).map(|b| char::from(*b)).collect();
        Self {
            state: r.state.into(),
            format: if r.format == Format::Json { "json" } else { "toon" }.into(),
            offset: r.offset.map(|o| o.to_string()),
            version: r.version as f64,
            epoch: r.epoch as f64,
            definition: text,
            updated_at: r.updated_at,
        }
    }
}

impl From<NativeEntry> for Entry {
    fn from(e: NativeEntry) -> Self {
        Self {
            key: e.key.to_vec(),
            state: e.state.to_vec(),
            format: if e.is_json { Format::Json } else { Format::Toon },
            offset: (e.offset >= 0.0).then_some(e.offset as i64),
            definition: None,
            slot: if e.alternate { Slot::Alternate { keep: e.keep.map(|k| k as i64) } } else { Slot::Only },
        }
    }
}

impl From<NativeManifestUpdate> for ManifestUpdate {
    fn from(m: NativeManifestUpdate) -> Self {
        Self {
            next_offset: m.next_offset.map(|o| o as i64),
            seq: m.seq as u64,
            definition: m.definition,
            guarantee: m.guarantee,
            partitions: m.partitions,
            changelog: None,
        }
    }
}

impl From<Page> for NativePage {
    fn from(page: Page) -> Self {
        let pair = |(key, record): (Vec<u8>, Record)| NativePair { key: key.into(), record: record.into() };
        Self { entries: page.entries.into_iter().map(pair).collect(), next: page.next.map(Into::into) }
    }
}

impl From<NativeLease> for Lease {
    fn from(l: NativeLease) -> Self {
        Self { scope: l.scope, epoch: l.epoch as i64, owner: l.owner, manifest: None, trail: None }
    }
}

impl From<Swap> for NativeSwap {
    fn from(Swap { ok, version }: Swap) -> Self {
        Self { ok, version: version as f64 }
    }
}

impl From<Metrics> for NativeStoreMetrics {
    fn from(m: Metrics) -> Self {
        Self {
            reads: m.reads as f64,
            writes: m.writes as f64,
            bytes_read: m.bytes_read as f64,
            bytes_written: m.bytes_written as f64,
            fenced: m.fenced as f64,
            errors: m.errors as f64,
            reconnects: m.reconnects as f64,
            calls: m.calls as f64,
            latency_ms: m.latency_ms,
        }
    }
}
