//! A pipeline that has changed, over the states of the one before.

use super::*;
use serde_json::{Value as Json, json};

/// The pipeline of [`pipeline`] with another stage behind it.
pub(in crate::stream) fn longer() -> Pipeline {
    let mut pipeline = pipeline();
    let window = json!({ "mode": "moving", "windowSize": 3 });
    pipeline.add("MovingAverage", Value::from(&window)).unwrap();
    pipeline
}

/// The state of the first stage of each key in the store, all of which are those of [`longer`].
pub(in crate::stream) async fn first_stages(
    store: &dyn StateStore,
    keys: impl Iterator<Item = &Vec<u8>>,
) -> BTreeMap<Vec<u8>, Json> {
    let mut states = BTreeMap::new();
    for key in keys {
        let record = store.get_many("app/t/0", std::slice::from_ref(key)).await.unwrap().remove(0).remove(0);
        let mut loaded = longer();
        loaded.load_toon(&record.state).unwrap();
        states.insert(key.clone(), first_stage(&mut loaded));
    }
    states
}

fn first_stage(pipeline: &mut Pipeline) -> Json {
    let saved: Json = serde_json::from_str(&pipeline.save_json(0.0).unwrap()).unwrap();
    saved["stages"][0]["state"].clone()
}

/// The same for one pipeline per key that has seen every message once.
pub(in crate::stream) fn true_first_stages(log: &[Message]) -> BTreeMap<Vec<u8>, Json> {
    let load = |toon: Vec<u8>| {
        let mut loaded = pipeline();
        loaded.load_toon(&toon).unwrap();
        first_stage(&mut loaded)
    };
    truth(log).0.into_iter().map(|(key, toon)| (key, load(toon))).collect()
}

/// The settings of a deployment of [`longer`].
fn deployed(s: &mut Settings) {
    s.config.policies.definition_change = DefinitionChange::Migrate;
    s.config.checkpoint.every_messages = 1;
}

fn migrated(running: &Running) -> Vec<(String, usize, Vec<String>)> {
    let happened = running.happened.lock().unwrap();
    let of = |event: &PartitionEvent| match event {
        PartitionEvent::Migrated { key, kept, fresh } => {
            Some((String::from_utf8(key.clone()).unwrap(), *kept, fresh.clone()))
        }
        _ => None,
    };
    happened.iter().filter_map(of).collect()
}

/// One more message for each key of [`example`], from the end of the log on.
fn more(world: &World) {
    let mut log = world.log.lock().unwrap();
    let end = log.last().map_or(0, |m| m.offset + 1);
    log.extend((end..end + 3).map(|i| message(i, ["a", "b", "c"][i as usize % 3], &[i as f32])));
}

#[test]
fn states_go_on_in_a_longer_pipeline_whatever_the_moment_of_the_crash() {
    crate::runtime().block_on(async {
        let (mut crashes, mut takeovers) = (0, 0);
        let often = |s: &mut Settings| s.config.checkpoint.every_messages = 1;
        for steps in 0..50 {
            let (world, store) = (world(example()), store());
            let old = start(&world, &store, Plan { steps, ..IMMORTAL }, often);
            let life = Arc::clone(&old.life);
            old.die(&world).await;
            crashes += i32::from(life.is_over());
            more(&world);
            for steps in [steps / 2, steps / 3] {
                let new = start_with(longer(), &world, &store, Plan { steps, ..IMMORTAL }, deployed);
                let life = Arc::clone(&new.life);
                takeovers += migrated(&new).len();
                new.die(&world).await;
                crashes += i32::from(life.is_over());
            }
            let new = start_with(longer(), &world, &store, IMMORTAL, deployed);
            new.catch_up(&world).await;
            takeovers += migrated(&new).len();
            new.stop().await.unwrap();
            // What is not migrated yet is so without being asked: the partition belongs to the new pipeline.
            more(&world);
            let strict = start_with(longer(), &world, &store, IMMORTAL, often);
            strict.catch_up(&world).await;
            strict.stop().await.unwrap();
            let log = world.log.lock().unwrap().clone();
            let expected = true_first_stages(&log);
            assert_eq!(first_stages(&*store, expected.keys()).await, expected, "{steps} steps");
            let sent = world.sent.lock().unwrap();
            let is_sent = |offset: &i64| sent.iter().any(|o| o.source == *offset && !o.is_dead());
            assert!(truth(&log).1.keys().all(is_sent), "{steps} steps");
        }
        assert!(crashes > 30 && takeovers > 10, "{crashes} lives ended early, {takeovers} states were taken over");
    });
}

#[test]
fn each_key_tells_which_stages_start_fresh_and_a_filter_of_another_band_does() {
    crate::runtime().block_on(async {
        let filter = |cutoff: f64| {
            let mut pipeline = pipeline();
            let options = json!({
                "type": "butterworth", "mode": "lowpass", "order": 2, "sampleRate": 100, "cutoffFrequency": cutoff,
                "id": "low"
            });
            pipeline.add("filter", Value::from(&options)).unwrap();
            pipeline
        };
        let named = |template: &Pipeline| {
            let (hash, text) = (definition(template).unwrap(), recipe(template).unwrap());
            move |s: &mut Settings| {
                (s.definition, s.pipeline) = (hash, text.into());
                deployed(s);
            }
        };
        let (world, store) = (world(example()), store());
        let first = start_with(filter(10.0), &world, &store, IMMORTAL, named(&filter(10.0)));
        first.catch_up(&world).await;
        first.stop().await.unwrap();
        more(&world);
        let second = start_with(filter(20.0), &world, &store, IMMORTAL, named(&filter(20.0)));
        second.catch_up(&world).await;
        let mut told = migrated(&second);
        told.sort();
        told.dedup();
        let counters = second.status.lock().unwrap().counters;
        second.stop().await.unwrap();
        let fresh = || vec!["stage 2 (filter:iir 'low')".to_owned()];
        assert_eq!(told.iter().map(|(key, ..)| key.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(told.iter().all(|(_, kept, names)| *kept == 1 && *names == fresh()), "{told:?}");
        assert!(counters.keys_migrated >= 3);
        // The filter is the new one, and has begun at the deployment.
        let record = store.get_many("app/t/0", &[b"a".to_vec()]).await.unwrap().remove(0).remove(0);
        assert!(filter(20.0).load_toon_with(&record.state, true).is_ok());
        assert!(filter(10.0).load_toon_with(&record.state, true).is_err());
    });
}

#[test]
fn a_lost_store_is_filled_with_the_states_of_both_pipelines() {
    crate::runtime().block_on(async {
        let (world, first) = (world(example()), store());
        let logged = |s: &mut Settings| {
            s.config.changelog_topic = Some("log".into());
            s.config.max_keys = 100;
        };
        let old = start(&world, &first, IMMORTAL, logged);
        old.catch_up(&world).await;
        old.stop().await.unwrap();
        // One key goes on in the new pipeline, in another store; the others stay as they were.
        world.log.lock().unwrap().push(message(14, "a", &[1.0]));
        let migrating = |s: &mut Settings| {
            logged(s);
            s.config.policies.definition_change = DefinitionChange::Migrate;
        };
        let second = store();
        let new = start_with(longer(), &world, &second, IMMORTAL, migrating);
        new.catch_up(&world).await;
        assert_eq!(migrated(&new).len(), 1);
        new.stop().await.unwrap();
        // A third store, and nobody asks for a migration any more.
        more(&world);
        let third = store();
        let strict = start_with(longer(), &world, &third, IMMORTAL, logged);
        strict.catch_up(&world).await;
        assert_eq!(migrated(&strict).len(), 2);
        strict.stop().await.unwrap();
        let expected = true_first_stages(&world.log.lock().unwrap().clone());
        assert_eq!(first_stages(&*third, expected.keys()).await, expected);
        // The old pipeline does not take over what is now the new one's.
        let back = start(&world, &store(), IMMORTAL, logged);
        back.until(|s| s.state == PartitionState::Stalled).await;
        assert!(back.status.lock().unwrap().reason.as_ref().unwrap().contains("another pipeline"));
        back.stop().await.unwrap();
    });
}

#[test]
fn a_definition_that_the_store_has_lost_stalls() {
    crate::runtime().block_on(async {
        let (world, store) = (world(example()), store());
        let old = start(&world, &store, IMMORTAL, |_| ());
        old.catch_up(&world).await;
        old.stop().await.unwrap();
        store.remove("app/pipelines", None).await.unwrap();
        more(&world);
        let new = start_with(longer(), &world, &store, IMMORTAL, deployed);
        new.until(|s| s.state == PartitionState::Stalled).await;
        assert!(new.status.lock().unwrap().reason.as_ref().unwrap().contains("whose definition is not in the store"));
        new.stop().await.unwrap();
    });
}
