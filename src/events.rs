//! Events on their way to JavaScript: columns, from which the JavaScript side makes objects. A million small objects
//! made across the border would cost more than the signal processing.

use dsp_core::engine::events::{EventKind, Events};
use napi::bindgen_prelude::{Float32Array, Float64Array, Uint32Array};
use napi_derive::napi;

/// A kind of events in [`EventColumns`].
#[napi(object, object_from_js = false)]
pub struct EventKindInfo {
    /// Its `type`.
    pub name: &'static str,
    /// Names of the numbers of its events.
    pub fields: Vec<&'static str>,
    /// Whether its events carry an array.
    pub has_data: bool,
}

/// The events of a call: entry `i` of each column belongs to event `i`.
#[napi(object, object_from_js = false)]
pub struct EventColumns {
    pub kinds: Vec<EventKindInfo>,
    /// Index in `kinds`.
    pub kind: Uint32Array,
    pub stage: Uint32Array,
    pub channel: Uint32Array,
    pub sample: Float64Array,
    pub time: Float64Array,
    /// The numbers of all events, one event after the other.
    pub values: Float64Array,
    /// The arrays of all events, one after the other.
    pub data: Float32Array,
    /// Length of each event's array.
    pub data_lengths: Uint32Array,
}

impl From<&Events> for EventColumns {
    fn from(events: &Events) -> Self {
        let list = events.list();
        let mut kinds: Vec<&'static EventKind> = vec![];
        let mut index_of = |kind: &'static EventKind| {
            kinds.iter().position(|known| std::ptr::eq(*known, kind)).unwrap_or_else(|| {
                kinds.push(kind);
                kinds.len() - 1
            }) as u32
        };
        let kind: Vec<u32> = list.iter().map(|event| index_of(event.kind)).collect();
        let info = |kind: &&'static EventKind| EventKindInfo {
            name: kind.name,
            fields: kind.fields.iter().map(|field| field.name).collect(),
            has_data: kind.data.is_some(),
        };
        Self {
            kinds: kinds.iter().map(info).collect(),
            kind: kind.into(),
            stage: list.iter().map(|event| event.stage as u32).collect::<Vec<_>>().into(),
            channel: list.iter().map(|event| event.channel as u32).collect::<Vec<_>>().into(),
            sample: list.iter().map(|event| event.sample as f64).collect::<Vec<_>>().into(),
            time: list.iter().map(|event| event.time).collect::<Vec<_>>().into(),
            values: list.iter().flat_map(|event| event.fields().iter().copied()).collect::<Vec<_>>().into(),
            data: list.iter().flat_map(|event| events.data(event).iter().copied()).collect::<Vec<_>>().into(),
            data_lengths: list.iter().map(|event| events.data(event).len() as u32).collect::<Vec<_>>().into(),
        }
    }
}
