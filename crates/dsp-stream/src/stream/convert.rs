//! Conversion of messages to samples, and of samples to messages.

use super::protocol::config::{InputConfig, OutputConfig};
use super::protocol::message::{Destination, Header, Message, Output};
use crate::codec::{Codec, Samples, detect, f32le, frame, json};
use crate::error::{Error, Result};
use crate::topic::TopicPartition;

/// Returns the codec of a message under the configured one.
fn codec_of(message: &Message, configured: Codec) -> Codec {
    match configured {
        Codec::Auto => detect(message.header("content-type"), message.value.as_deref().unwrap_or_default()),
        other => other,
    }
}

/// Returns the samples of a message. If it does not contain channels and rate, they come from its headers or the
/// configuration.
///
/// # Errors
/// `Decode` with the reason.
pub fn decode(message: &Message, input: &InputConfig) -> Result<Samples> {
    let Some(value) = message.value.as_deref() else { return Err(Error::decode("it has no value")) };
    let mut samples = match codec_of(message, input.codec) {
        Codec::Frame => frame::decode(value)?,
        Codec::F32 => Samples { data: f32le::decode(value)?, ..Samples::default() },
        Codec::Json | Codec::Auto => json::decode(value)?,
        Codec::Raw => return Err(Error::decode("its content type is not one of samples")),
    };
    describe(&mut samples, message, input);
    let channels = usize::from(samples.channels.unwrap_or(1));
    if channels == 0 || !samples.data.len().is_multiple_of(channels) {
        return Err(Error::decode(format!("{} samples are not a multiple of {channels} channels", samples.data.len())));
    }
    let times = samples.timestamps.as_ref();
    if times.is_some_and(|times| times.iter().any(|t| !t.is_finite())) {
        return Err(Error::decode("a timestamp is not a finite number"));
    }
    if samples.data.len() > dsp_core::limits::MAX_SAMPLES || channels > dsp_core::limits::MAX_CHANNELS {
        return Err(Error::decode("it has too many samples or channels"));
    }
    Ok(samples)
}

/// The samples of a message without a value: none, of the shape that headers or the configuration say.
pub fn without_value(message: &Message, input: &InputConfig) -> Samples {
    let mut samples = Samples::default();
    describe(&mut samples, message, input);
    samples
}

/// Fills in channels and rate from the headers of a message or the configuration, where it does not say.
fn describe(samples: &mut Samples, message: &Message, input: &InputConfig) {
    let header = |name: &str| message.header(name).and_then(|v| std::str::from_utf8(v).ok());
    samples.channels = samples.channels.or_else(|| header("dspx-channels")?.trim().parse().ok()).or(input.channels);
    let rate = samples.sample_rate.or_else(|| header("dspx-sample-rate")?.trim().parse().ok()).or(input.sample_rate);
    samples.sample_rate = rate.filter(|rate| rate.is_finite() && *rate > 0.0);
}

/// The output message for the samples that came out for `message`.
pub fn encode(
    (message, source): (&Message, &TopicPartition),
    samples: &Samples,
    input: &InputConfig,
    output: &OutputConfig,
) -> Output {
    let codec = match output.codec {
        Codec::Auto => codec_of(message, input.codec),
        other => other,
    };
    let (value, content_type) = match codec {
        Codec::Frame => {
            let meta = frame::Meta {
                channels: samples.channels.map(f64::from),
                sample_rate: samples.sample_rate,
                t0: samples.t0,
                timestamps: None,
            };
            (frame::encode(&samples.data, &meta).unwrap_or_default(), frame::CONTENT_TYPE)
        }
        Codec::F32 => (samples.data.iter().flat_map(|x| x.to_le_bytes()).collect(), f32le::CONTENT_TYPE),
        Codec::Json | Codec::Auto | Codec::Raw => (json::encode(samples).into_bytes(), "application/json"),
    };
    let mut headers = source_headers((message, source), content_type);
    if codec == Codec::F32 {
        headers.extend(samples.channels.map(|c| ("dspx-channels".into(), c.to_string().into_bytes())));
        headers.extend(samples.sample_rate.map(|r| ("dspx-sample-rate".into(), r.to_string().into_bytes())));
    }
    if output.tracing {
        headers.extend(trace(message));
    }
    headers.extend(output.headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())));
    let Message { key, timestamp, offset, .. } = message;
    Output {
        key: key.clone(),
        value: Some(value),
        headers,
        timestamp: *timestamp,
        source: *offset,
        destination: Destination::Output,
    }
}

/// The headers that say what a message of ours is, and of which message it was made.
pub(super) fn source_headers((message, source): (&Message, &TopicPartition), content_type: &str) -> Vec<Header> {
    let source = format!("{source}/{}", message.offset);
    vec![("content-type".into(), content_type.into()), ("dspx-source".into(), source.into_bytes())]
}

/// Trace headers of an output: the input's trace id with a span id of its own; the others unchanged.
pub(super) fn trace(message: &Message) -> Vec<Header> {
    let mut headers = Vec::new();
    if let Some((trace_id, flags)) = message.header("traceparent").and_then(traceparent) {
        let span = &uuid::Uuid::new_v4().simple().to_string()[16..];
        headers.push(("traceparent".into(), format!("00-{trace_id}-{span}-{flags}").into_bytes()));
        headers.extend(message.header("tracestate").map(|v| ("tracestate".to_owned(), v.to_vec())));
    }
    headers.extend(message.header("correlation-id").map(|v| ("correlation-id".to_owned(), v.to_vec())));
    headers
}

/// Returns trace id and flags of a W3C `traceparent`.
fn traceparent(value: &[u8]) -> Option<(&str, &str)> {
    let text = std::str::from_utf8(value).ok()?;
    let parts: Vec<&str> = text.split('-').collect();
    let [version, trace, span, flags] = parts[..] else { return None };
    let hex = |part: &str, len: usize| {
        part.len() == len && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let is_zero = |part: &str| part.bytes().all(|b| b == b'0');
    let valid =
        version == "00" && hex(trace, 32) && hex(span, 16) && hex(flags, 2) && !is_zero(trace) && !is_zero(span);
    valid.then_some((trace, flags))
}

/// Returns the dead letter of a message.
pub fn dead_letter(message: &Message, from: &TopicPartition, group: &str, reason: &str) -> Output {
    let mut reason = reason.to_owned();
    let end = (0..=reason.len().min(1024)).rev().find(|at| reason.is_char_boundary(*at));
    reason.truncate(end.unwrap_or_default());
    let added = [
        ("dspx-dlq-topic", from.topic.clone()),
        ("dspx-dlq-partition", from.partition.to_string()),
        ("dspx-dlq-offset", message.offset.to_string()),
        ("dspx-dlq-timestamp", message.timestamp.to_string()),
        ("dspx-dlq-group", group.to_owned()),
        ("dspx-dlq-attempts", "1".to_owned()),
        ("dspx-dlq-error-class", "KafkaDecodeError".to_owned()),
        ("dspx-dlq-error-message", reason),
        ("dspx-dlq-at", format!("{:.0}", crate::store::now_ms())),
    ];
    let mut headers = message.headers.clone();
    headers.extend(added.into_iter().map(|(name, value)| (name.to_owned(), value.into_bytes())));
    let Message { key, value, timestamp, offset, .. } = message.clone();
    Output { key, value, headers, timestamp, source: offset, destination: Destination::DeadLetters }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(value: &str, headers: &[(&str, &str)]) -> Message {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), v.as_bytes().to_vec())).collect();
        Message { offset: 7, timestamp: 5, key: Some(b"k".to_vec()), value: Some(value.into()), headers }
    }

    #[test]
    fn shape_comes_from_the_message_then_its_headers_then_the_configuration() {
        let input = InputConfig { channels: Some(4), sample_rate: Some(100.0), ..InputConfig::default() };
        let shape = |m: &Message| decode(m, &input).map(|s| (s.channels, s.sample_rate));
        assert_eq!(shape(&message("[1,2,3,4]", &[])).unwrap(), (Some(4), Some(100.0)));
        assert_eq!(shape(&message("[1,2]", &[("dspx-channels", "2")])).unwrap(), (Some(2), Some(100.0)));
        let own = r#"{"data":[1,2],"channels":1,"sampleRate":50}"#;
        assert_eq!(shape(&message(own, &[("dspx-channels", "2")])).unwrap(), (Some(1), Some(50.0)));
        assert!(shape(&message("[1,2,3]", &[])).is_err());
        assert!(shape(&message("nonsense", &[])).is_err());
        assert!(decode(&Message::default(), &input).is_err());
    }

    #[test]
    fn outputs_carry_their_source_and_the_trace() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let m = message("[1]", &[("traceparent", parent), ("tracestate", "a=b"), ("correlation-id", "c")]);
        let (source, input) = (TopicPartition::new("t", 3), InputConfig::default());
        let headers = [("x".to_owned(), "y".to_owned())].into();
        let output = OutputConfig { headers, ..OutputConfig::default() };
        let samples = Samples { data: vec![0.5], channels: Some(1), ..Samples::default() };
        let out = encode((&m, &source), &samples, &input, &output);
        let as_message = Message { headers: out.headers.clone(), ..Message::default() };
        let get = |name: &str| String::from_utf8(as_message.header(name).unwrap().to_vec()).unwrap();
        assert_eq!(
            (get("dspx-source"), get("content-type"), get("x")),
            ("t/3/7".into(), "application/json".into(), "y".into())
        );
        assert!(get("traceparent").starts_with("00-0af7651916cd43dd8448eb211c80319c-") && get("traceparent") != parent);
        assert_eq!((get("tracestate"), get("correlation-id")), ("a=b".into(), "c".into()));
        assert_eq!((out.value.unwrap(), out.timestamp), (br#"{"data":[0.5],"channels":1}"#.to_vec(), 5));
        assert_eq!(traceparent(b"00-00000000000000000000000000000000-b7ad6b7169203331-01"), None);
        assert_eq!(traceparent(b"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"), None);
    }
}
