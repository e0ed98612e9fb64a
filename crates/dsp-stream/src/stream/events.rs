//! Events that stages emit, to messages: one JSON object each.
//!
//! The members are those of an event in JavaScript (`processEvents`), and `key`: the key of the state as text. Numbers
//! are written in the shortest form that reads back as the same number, those that JSON cannot hold as null. So the same
//! messages give the same events to the last byte, however often they are processed.

use dsp_core::Pipeline;
use dsp_core::engine::events::{Event, Events};
use std::fmt::Write as _;

use super::convert::{source_headers, trace};
use super::protocol::config::{EventKey, EventsConfig};
use super::protocol::key::original;
use super::protocol::message::{Destination, Header, Message, Output};
use crate::topic::TopicPartition;

/// The header with the number of an event among those of its message, from 0.
const INDEX: &str = "dspx-event";

/// The messages for the events that the pipeline of `key` emitted over `message`.
pub fn encode(
    (message, source): (&Message, &TopicPartition),
    key: &[u8],
    pipeline: &Pipeline,
    events: &Events,
    config: &EventsConfig,
) -> Vec<Output> {
    let is_wanted =
        |event: &&Event| config.types.as_ref().is_none_or(|types| types.iter().any(|t| t == event.kind.name));
    let wanted: Vec<&Event> = events.list().iter().filter(is_wanted).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let ids: Vec<Option<&str>> = pipeline.definitions().map(|definition| definition.id.as_deref()).collect();
    let mut common: Vec<Header> = source_headers((message, source), "application/json");
    if config.tracing {
        common.extend(trace(message));
    }
    common.extend(config.headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())));
    let state_key = original(key);
    let to_message = |(index, event): (usize, &Event)| {
        let mut headers = common.clone();
        headers.insert(2, (INDEX.into(), index.to_string().into_bytes()));
        Output {
            key: match config.key {
                EventKey::Key => message.key.clone(),
                EventKey::State => state_key.map(<[u8]>::to_vec),
                EventKey::None => None,
            },
            value: Some(
                json(state_key, event, ids.get(event.stage).copied().flatten(), events.data(event)).into_bytes(),
            ),
            headers,
            timestamp: message.timestamp,
            source: message.offset,
            destination: Destination::Events,
        }
    };
    wanted.into_iter().enumerate().map(to_message).collect()
}

/// An event as JSON. A key that is no text is left out.
fn json(key: Option<&[u8]>, event: &Event, id: Option<&str>, data: &[f32]) -> String {
    let mut out = String::with_capacity(160 + 12 * data.len());
    out.push_str("{\"type\":");
    push_text(&mut out, event.kind.name);
    match key.map(std::str::from_utf8) {
        None => out.push_str(",\"key\":null"),
        Some(Ok(key)) => {
            out.push_str(",\"key\":");
            push_text(&mut out, key);
        }
        Some(Err(_)) => {}
    }
    let _ = write!(out, ",\"stage\":{}", event.stage);
    if let Some(id) = id {
        out.push_str(",\"id\":");
        push_text(&mut out, id);
    }
    let _ = write!(out, ",\"channel\":{},\"sample\":{}", event.channel, event.sample);
    let mut numbers = ryu_js::Buffer::new();
    let named = event.kind.fields.iter().map(|field| field.name).zip(event.fields().iter().copied());
    for (name, number) in [("time", event.time)].into_iter().chain(named) {
        let number = if number.is_finite() { numbers.format_finite(number) } else { "null" };
        let _ = write!(out, ",\"{name}\":{number}");
    }
    if event.kind.data.is_some() {
        out.push_str(",\"data\":[");
        for (i, &x) in data.iter().enumerate() {
            out.push_str(if i > 0 { "," } else { "" });
            out.push_str(if x.is_finite() { numbers.format_finite(x) } else { "null" });
        }
        out.push(']');
    }
    out.push('}');
    out
}

/// Appends a JSON string.
fn push_text(out: &mut String, text: &str) {
    // Text can always be written.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::protocol::key::stored;
    use dsp_core::Value;
    use dsp_core::pipeline::Stamps;
    use serde_json::{Value as Json, json};

    /// The events of a pipeline over samples of one message with the key `a"b`.
    fn events(
        stages: &[(&str, Json)],
        mut samples: Vec<f32>,
        key: Option<&[u8]>,
        config: &EventsConfig,
    ) -> Vec<Output> {
        let mut pipeline = Pipeline::new();
        for (method, params) in stages {
            pipeline.add(method, Value::from(params)).unwrap();
        }
        pipeline.collect_events();
        pipeline.process(&mut samples, 1, Stamps::Generated(Some(100.0)), &[], |_, _| {}).unwrap();
        let found = pipeline.take_events().unwrap();
        let message = Message { offset: 7, timestamp: 5, key: Some(b"m".to_vec()), ..Message::default() };
        encode((&message, &TopicPartition::new("t", 3)), &stored(key), &pipeline, &found, config)
    }

    fn text(output: &Output) -> &str {
        std::str::from_utf8(output.value.as_ref().unwrap()).unwrap()
    }

    #[test]
    fn an_event_has_the_members_of_java_script_and_its_key() {
        let peaks = [("Rectify", json!({})), ("PeakDetection", json!({ "threshold": 1, "id": "a\"b" }))];
        let found = events(&peaks, vec![0.0, 0.0, -2.5, 0.0, 3.0, 0.0], Some(b"k\"1"), &EventsConfig::default());
        assert_eq!(
            found.iter().map(text).collect::<Vec<_>>(),
            [
                r#"{"type":"peak","key":"k\"1","stage":1,"id":"a\"b","channel":0,"sample":2,"time":20,"value":2.5}"#,
                r#"{"type":"peak","key":"k\"1","stage":1,"id":"a\"b","channel":0,"sample":4,"time":40,"value":3}"#
            ]
        );
        let header = |name: &str| &found[1].headers.iter().find(|(n, _)| n == name).unwrap().1;
        assert_eq!((&header("dspx-source")[..], &header(INDEX)[..]), (&b"t/3/7"[..], &b"1"[..]));
        assert_eq!((found[1].key.as_deref(), found[1].timestamp, found[1].source), (Some(&b"m"[..]), 5, 7));
        assert!(found.iter().all(|event| event.destination == Destination::Events));
    }

    #[test]
    fn frames_are_arrays_and_keys_may_be_none_or_bytes() {
        let stft = [("stft", json!({ "windowSize": 4, "hopSize": 4 }))];
        for (key, expected) in
            [(None, Some(Json::Null)), (Some(&b"x"[..]), Some("x".into())), (Some(&b"\xff"[..]), None)]
        {
            let config = EventsConfig { key: EventKey::State, ..EventsConfig::default() };
            let found = events(&stft, vec![1.0, f32::NAN, 0.25, 0.0, 1.0, 0.5, 0.25, 0.0], key, &config);
            assert_eq!(found.len(), 2);
            let value: Json = serde_json::from_str(text(&found[0])).unwrap();
            assert_eq!((value.get("key"), found[0].key.as_deref()), (expected.as_ref(), key));
            assert!(value["data"].as_array().unwrap().iter().all(Json::is_null), "{value}");
            let value: Json = serde_json::from_str(text(&found[1])).unwrap();
            assert!(value["data"].as_array().unwrap().iter().all(Json::is_number), "{value}");
        }
    }

    #[test]
    fn only_the_types_that_are_wanted_are_written() {
        let stages = [("ClipDetection", json!({ "threshold": 2 })), ("PeakDetection", json!({ "threshold": 0.5 }))];
        let samples = vec![0.0, 3.0, 0.0, 0.0];
        let all = events(&stages, samples.clone(), None, &EventsConfig::default());
        let wanted = EventsConfig { types: Some(vec!["clip".into()]), key: EventKey::None, ..EventsConfig::default() };
        let some = events(&stages, samples, None, &wanted);
        assert!(all.len() > some.len() && some.len() == 1 && text(&some[0]).starts_with(r#"{"type":"clip","#));
        assert_eq!(some[0].key, None);
    }
}
