//! Events of the stages, with the guarantee of the outputs.

use super::*;
use crate::stream::events::encode;
use crate::stream::protocol::config::EventsConfig;
use crate::stream::protocol::message::Destination;

/// Emits events, some of them about samples of messages before.
fn emitting() -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.add("PeakDetection", Value::from(&serde_json::json!({ "threshold": 0.5, "id": "top" }))).unwrap();
    pipeline
}

/// The events that one pipeline per key emits that sees every message once: by source, in order.
fn true_events(log: &[Message]) -> BTreeMap<i64, Vec<Vec<u8>>> {
    let (mut keys, mut found) = (BTreeMap::<Vec<u8>, Pipeline>::new(), BTreeMap::new());
    for message in log {
        let key = message.key.clone().unwrap();
        let pipeline = keys.entry(key.clone()).or_insert_with(emitting);
        let Ok(mut samples) = decode(message, &InputConfig::default()) else { continue };
        pipeline.collect_events();
        pipeline
            .process(&mut samples.data, 1, dsp_core::pipeline::Stamps::Generated(None), &[], |_, _| {})
            .expect("processes");
        let events = pipeline.take_events().unwrap();
        let place = (message, &TopicPartition::new("t", 0));
        let outputs = encode(place, &key, pipeline, &events, &EventsConfig::default());
        found.insert(message.offset, outputs.into_iter().map(|output| output.value.unwrap()).collect());
    }
    found
}

/// Messages whose peaks are at their ends, so that some of them become known with the next message of the key.
fn peaks() -> Vec<Message> {
    let mut log: Vec<Message> =
        (0..14).map(|i| message(i, ["a", "b", "c"][i as usize * 7 % 3], &[0.0, 1.0 + i as f32, 0.0, 2.0])).collect();
    log[5] = poison(5, "b");
    log
}

/// All events that were sent for each message, in the order in which they were; a batch that came twice is twice there.
fn check_events(sent: &[Output], expected: &BTreeMap<i64, Vec<Vec<u8>>>) {
    let mut found: BTreeMap<i64, Vec<Vec<u8>>> = BTreeMap::new();
    for event in sent.iter().filter(|o| o.destination == Destination::Events) {
        found.entry(event.source).or_default().push(event.value.clone().unwrap());
    }
    for (source, events) in expected.iter().filter(|(_, events)| !events.is_empty()) {
        let sent = found.remove(source).unwrap_or_default();
        assert!(!sent.is_empty() && sent.chunks(events.len()).all(|batch| batch == events), "the events of {source}");
    }
    assert_eq!(found.len(), 0, "events that nothing has emitted");
}

#[test]
fn every_event_is_sent_and_repeated_to_the_last_byte_whatever_the_moment_of_the_crash() {
    crate::runtime().block_on(async {
        let (mut crashes, mut repeats) = (0, 0);
        let expected = true_events(&peaks());
        let total: usize = expected.values().map(Vec::len).sum();
        assert!(total > 20 && expected.values().any(|events| events.len() == 2), "{expected:?}");
        let evented = |s: &mut Settings| {
            s.config.events = Some(EventsConfig::default());
            s.config.checkpoint.every_messages = 1;
        };
        for steps in 0..60 {
            let (world, store) = (world(peaks()), store());
            let running = start_with(emitting(), &world, &store, Plan { steps, ..IMMORTAL }, evented);
            let life = Arc::clone(&running.life);
            running.die(&world).await;
            crashes += i32::from(life.is_over());
            let running = start_with(emitting(), &world, &store, IMMORTAL, evented);
            running.catch_up(&world).await;
            running.stop().await.unwrap();
            let sent = world.sent.lock().unwrap();
            check_events(&sent, &expected);
            repeats += usize::from(sent.iter().filter(|o| o.destination == Destination::Events).count() > total);
        }
        assert!(crashes > 30 && repeats > 0, "{crashes} of the lives ended before the log did, {repeats} with repeats");
    });
}

#[test]
fn events_are_counted_and_one_that_is_too_large_makes_its_message_poison() {
    crate::runtime().block_on(async {
        let (world, store) = (world(peaks()), store());
        let evented = |s: &mut Settings| s.config.events = Some(EventsConfig::default());
        let running = start_with(emitting(), &world, &store, Plan { too_large: vec![7], ..IMMORTAL }, evented);
        running.until(|s| s.checkpointed == 14).await;
        let counters = running.status.lock().unwrap().counters;
        running.stop().await.unwrap();
        let without: Vec<Message> = peaks().into_iter().filter(|message| message.offset != 7).collect();
        let expected = true_events(&without);
        let sent = world.sent.lock().unwrap();
        check_events(&sent, &expected);
        assert!(sent.iter().any(|o| o.is_dead() && o.source == 7));
        assert!(counters.poison >= 2);
        // What was handed over when the message turned out to be poison may have been sent again, or not at all.
        let least = expected.values().map(Vec::len).sum::<usize>() as u64;
        assert!(counters.events >= least && counters.emitted >= 12, "{counters:?}");
    });
}

#[test]
fn a_run_that_brings_out_very_much_ends_early_and_goes_on_with_the_rest() {
    crate::runtime().block_on(async {
        let log: Vec<Message> = (0..6).map(|i| message(i, "a", &vec![0.5; 40_000])).collect();
        let (world, store) = (world(log), store());
        let mut frames = Pipeline::new();
        let stft = serde_json::json!({ "windowSize": 64, "hopSize": 1, "mode": "moving" });
        frames.add("stft", Value::from(&stft)).unwrap();
        let evented = |s: &mut Settings| {
            s.config.events = Some(EventsConfig::default());
            s.config.checkpoint.every_messages = 1000;
        };
        let running = start_with(frames, &world, &store, IMMORTAL, evented);
        running.catch_up(&world).await;
        running.stop().await.unwrap();
        let sent = world.sent.lock().unwrap();
        let sources: Vec<i64> =
            sent.iter().filter(|o| o.destination == Destination::Output).map(|o| o.source).collect();
        assert_eq!(sources, [0, 1, 2, 3, 4, 5]);
        let events = sent.iter().filter(|o| o.destination == Destination::Events).count();
        assert_eq!(events, 6 * 40_000 - 63);
    });
}
