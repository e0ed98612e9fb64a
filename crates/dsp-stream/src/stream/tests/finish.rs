//! Streams of keys that end.

use super::*;
use crate::stream::convert::without_value;
use crate::stream::events::encode as encode_events;
use crate::stream::protocol::config::EventsConfig;
use crate::stream::protocol::end::EndOfKey;
use crate::stream::protocol::message::Destination;
use dsp_core::pipeline::Stamps;
use serde_json::json;

/// Holds some samples back, and a gap until it knows its end.
pub(in crate::stream) fn delaying() -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.add("Gaps", Value::from(&json!({ "policy": "hold" }))).unwrap();
    let fir = json!({ "type": "fir", "mode": "lowpass", "order": 7, "sampleRate": 100, "cutoffFrequency": 10 });
    pipeline.add("filter", Value::from(&fir)).unwrap();
    pipeline
}

/// Keys that end, twice even, go on afterwards, or have never begun; one ends with samples, by a header.
pub(in crate::stream) fn ending() -> Vec<Message> {
    let mut log: Vec<Message> =
        (0..18).map(|i| message(i, ["a", "b", "c"][i as usize % 3], &[1.0, 2.0, 0.0, f32::NAN])).collect();
    for (at, key) in [(5, "a"), (8, "b"), (9, "b"), (11, "d"), (15, "a")] {
        log[at] = Message { value: None, ..message(at as i64, key, &[]) };
    }
    log[13] = poison(13, "c");
    log
}

/// The settings of a stream whose keys end with a message without a value.
pub(in crate::stream) fn finishing(s: &mut Settings) {
    s.config.input.finish_on = Some(EndOfKey::Tombstone);
    s.config.events = Some(EventsConfig::default());
    s.config.checkpoint.every_messages = 1;
}

/// States of the keys whose streams go on, and the messages for each offset: output and events.
pub(in crate::stream) type Ends = (BTreeMap<Vec<u8>, Vec<u8>>, BTreeMap<i64, Vec<Vec<u8>>>);

/// [`Ends`] of one pipeline per key that sees every message once.
pub(in crate::stream) fn true_ends(log: &[Message], end: &EndOfKey) -> Ends {
    let (mut keys, mut sent) = (BTreeMap::<Vec<u8>, Pipeline>::new(), BTreeMap::new());
    let (input, place) = (InputConfig::default(), TopicPartition::new("t", 0));
    for message in log {
        let key = message.key.clone().unwrap();
        let mut samples = match &message.value {
            None => without_value(message, &input),
            Some(_) => match decode(message, &input) {
                Ok(samples) => samples,
                Err(_) => continue,
            },
        };
        let mut pipeline = keys.remove(&key).unwrap_or_else(|| {
            let mut pipeline = delaying();
            pipeline.keep_positions();
            pipeline
        });
        pipeline.collect_events();
        if message.value.is_some() {
            pipeline.process(&mut samples.data, 1, Stamps::Generated(None), &[], |_, _| {}).unwrap();
        }
        let is_last = end.is(message);
        if is_last {
            samples.data.extend(pipeline.finish(pipeline.clock_rate()).unwrap());
        }
        samples.channels = Some(1);
        let mut values = Vec::new();
        if !samples.data.is_empty() {
            values.extend(encode((message, &place), &samples, &input, &OutputConfig::default()).value);
        }
        let events = pipeline.take_events().unwrap();
        let events = encode_events((message, &place), &key, &pipeline, &events, &EventsConfig::default());
        values.extend(events.into_iter().map(|event| event.value.unwrap()));
        sent.insert(message.offset, values);
        if !is_last {
            keys.insert(key, pipeline);
        }
    }
    (keys.into_iter().map(|(key, mut p)| (key, p.save_toon(0.0).unwrap())).collect(), sent)
}

/// The records of the keys `a` to `d` in the store: states, without those that are marks of an end.
pub(in crate::stream) async fn living(store: &dyn StateStore) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut states = BTreeMap::new();
    for key in [b"a", b"b", b"c", b"d"] {
        let versions = store.get_many("app/t/0", &[key.to_vec()]).await.unwrap().remove(0);
        if let Some(record) = versions.first().filter(|record| !record.state.is_empty()) {
            let mut loaded = delaying();
            loaded.load_toon(&record.state).unwrap();
            states.insert(key.to_vec(), loaded.save_toon(0.0).unwrap());
        }
    }
    states
}

/// Everything that was sent for each message, in order, dead letters aside.
pub(in crate::stream) fn by_source(sent: &[Output]) -> BTreeMap<i64, Vec<Vec<u8>>> {
    let mut found = BTreeMap::<i64, Vec<Vec<u8>>>::new();
    for output in sent.iter().filter(|output| output.destination != Destination::DeadLetters) {
        found.entry(output.source).or_default().push(output.value.clone().unwrap());
    }
    found
}

/// At least once: repeats are whole and equal.
fn check_sent(sent: &[Output], expected: &BTreeMap<i64, Vec<Vec<u8>>>) {
    let found = by_source(sent);
    for (source, values) in expected.iter().filter(|(_, values)| !values.is_empty()) {
        let sent = found.get(source).unwrap_or_else(|| panic!("nothing for {source}"));
        assert!(sent.chunks(values.len()).all(|batch| batch == values), "{source}: {sent:?} instead of {values:?}");
    }
    assert!(found.keys().all(|source| expected[source] != Vec::<Vec<u8>>::new()));
}

#[test]
fn a_stream_that_ends_gives_its_tail_and_leaves_no_state_whatever_the_moment_of_the_crash() {
    crate::runtime().block_on(async {
        let (states, sent) = true_ends(&ending(), &EndOfKey::Tombstone);
        assert_eq!(states.keys().map(Vec::as_slice).collect::<Vec<_>>(), [b"b", b"c"]);
        assert!(sent[&5].len() > 1 && sent[&8].len() > 1 && sent[&9].is_empty() && sent[&11].is_empty(), "{sent:?}");
        let mut crashes = 0;
        for steps in 0..90 {
            let (world, store) = (world(ending()), store());
            for steps in [steps, steps / 2] {
                let running = start_with(delaying(), &world, &store, Plan { steps, ..IMMORTAL }, finishing);
                let life = Arc::clone(&running.life);
                running.die(&world).await;
                crashes += i32::from(life.is_over());
            }
            let running = start_with(delaying(), &world, &store, IMMORTAL, finishing);
            running.catch_up(&world).await;
            running.stop().await.unwrap();
            assert_eq!(living(&*store).await, states, "{steps} steps");
            check_sent(&world.sent.lock().unwrap(), &sent);
        }
        assert!(crashes > 60, "only {crashes} of the lives ended before the log did");
    });
}

#[test]
fn the_mark_of_an_end_is_removed_with_the_next_checkpoint_also_from_the_changelog() {
    crate::runtime().block_on(async {
        let (world, store) = (world(ending()[..6].to_vec()), store());
        let logged = |s: &mut Settings| {
            finishing(s);
            s.config.changelog_topic = Some("log".into());
        };
        let running = start_with(delaying(), &world, &store, IMMORTAL, logged);
        running.until(|s| s.checkpointed == 6).await;
        let found = async || store.get_many("app/t/0", &[b"a".to_vec()]).await.unwrap().remove(0);
        assert!(found().await[0].state.is_empty());
        let state = running.ask(|answer| Command::State(b"a".to_vec(), answer)).await.unwrap();
        assert_eq!(state, None);
        world.log.lock().unwrap().push(message(6, "b", &[1.0]));
        running.until(|s| s.checkpointed == 7).await;
        assert_eq!(found().await, []);
        assert_eq!(running.status.lock().unwrap().counters.keys_finished, 1);
        let last = world.changelog.lock().unwrap().iter().rev().find(|(key, _)| key.ends_with(b"\0a")).cloned();
        assert_eq!(last.unwrap().1, None);
        // A key that goes on has its record, whatever was to be removed.
        let more = [Message { value: None, ..message(7, "b", &[]) }, message(8, "b", &[1.0]), message(9, "c", &[1.0])];
        world.log.lock().unwrap().extend(more);
        running.until(|s| s.checkpointed == 10).await;
        running.stop().await.unwrap();
        let log = world.log.lock().unwrap().clone();
        assert_eq!(living(&*store).await, true_ends(&log, &EndOfKey::Tombstone).0);
        // A store that is filled from the changelog has the same.
        let here = memory();
        let heir = start_with(delaying(), &world, &here, IMMORTAL, logged);
        heir.catch_up(&world).await;
        heir.stop().await.unwrap();
        assert_eq!(living(&*here).await, true_ends(&log, &EndOfKey::Tombstone).0);
    });
}

#[test]
fn a_header_may_end_a_stream_with_samples_or_without() {
    crate::runtime().block_on(async {
        let end = EndOfKey::Header("last".into());
        let mut log = ending();
        for message in &mut log {
            let header = ("last".to_owned(), b"yes".to_vec());
            if message.value.is_none() || message.offset == 4 {
                message.headers.push(header);
            }
        }
        let (states, sent) = true_ends(&log, &end);
        let (world, store) = (world(log), store());
        let running = start_with(delaying(), &world, &store, IMMORTAL, |s| {
            finishing(s);
            s.config.input.finish_on = Some(end);
        });
        running.catch_up(&world).await;
        running.stop().await.unwrap();
        assert_eq!(living(&*store).await, states);
        check_sent(&world.sent.lock().unwrap(), &sent);
        // Without the option a message without a value cannot be processed, as ever.
        let (world, store) = (self::world(vec![Message { value: None, ..message(0, "a", &[]) }]), self::store());
        let running = start_with(delaying(), &world, &store, IMMORTAL, |_| ());
        running.catch_up(&world).await;
        assert_eq!(running.status.lock().unwrap().counters.poison, 1);
        running.stop().await.unwrap();
    });
}
