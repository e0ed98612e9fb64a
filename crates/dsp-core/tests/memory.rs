//! The heap that a copy of a pipeline holds between calls: a stream has one copy for every key.

mod counting;

use counting::{Heap, count};
use dsp_core::Value;
use dsp_core::engine::workspace::Workspace;
use dsp_core::pipeline::{Pipeline, Stamps};
use serde_json::{Value as Json, json};

fn pipeline<const N: usize>(stages: [(&str, Json); N]) -> Pipeline {
    let mut pipeline = Pipeline::new();
    for (method, params) in stages {
        pipeline.add(method, Value::from(&params)).expect("the parameters are right");
    }
    pipeline
}

/// The four stages of the benchmark of streams.
fn template() -> Pipeline {
    pipeline([
        (
            "filter",
            json!({ "type": "butterworth", "mode": "bandpass", "order": 2, "lowCutoffFrequency": 5,
                    "highCutoffFrequency": 15, "sampleRate": 360 }),
        ),
        ("Differentiator", json!({})),
        ("Square", json!({})),
        ("MovingAverage", json!({ "mode": "moving", "windowSize": 54 })),
    ])
}

fn call(copy: &mut Pipeline, work: &mut Workspace) {
    let mut samples: [f32; 64] = std::array::from_fn(|i| (i as f32 * 0.37).sin());
    copy.process_in(work, &mut samples, 1, Stamps::Generated(Some(360.0)), &[], |_, _| {}).expect("processes");
}

/// A copy that was used in shared buffers, and what it keeps.
fn used(template: &Pipeline, work: &mut Workspace) -> (Heap, Pipeline) {
    count(|| {
        let mut copy = template.fresh_copy();
        (0..3).for_each(|_| call(&mut copy, work));
        copy
    })
}

/// A copy that took a state from the store, and what it keeps.
fn restored(template: &Pipeline, stored: &[u8]) -> (Heap, Pipeline) {
    count(|| {
        let mut copy = template.fresh_copy();
        copy.load_toon(stored).expect("loads");
        copy
    })
}

#[test]
fn an_idle_copy_keeps_no_more_than_its_stored_state_takes() {
    let (template, mut work) = (template(), Workspace::default());
    used(&template, &mut work);
    let (heap, mut copy) = used(&template, &mut work);
    let stored = copy.save_toon(0.0).expect("saves");
    assert!(heap.bytes as usize <= stored.len(), "{heap:?} for a state of {}", stored.len());
    // Of these, 144 are the places of three stages in the stream and how each was made.
    assert!(heap.bytes <= 744 && heap.blocks <= 8, "{heap:?}");

    // Taken back from the store it is no larger.
    let (loaded, mut copy) = restored(&template, &stored);
    assert!(loaded.bytes <= heap.bytes && loaded.blocks <= heap.blocks, "{loaded:?} after {heap:?}");
    assert_eq!(copy.save_toon(0.0).expect("saves"), stored);
}

#[test]
fn copies_share_what_is_computed_from_parameters() {
    let filter = |kind: &str, order: usize| {
        let band = "lowpass";
        json!({ "type": kind, "mode": band, "cutoffFrequency": 90, "sampleRate": 360, "order": order })
    };
    let mut work = Workspace::default();
    // Each may keep its samples or histories. What they share takes 240 kB, 1.6 kB and 0.8 kB.
    for (stage, most) in [
        (("Variance", json!({ "mode": "moving", "windowSize": 10_000 })), 1500),
        (("filter", filter("fir", 199)), 1100),
        (("filter", filter("butterworth", 20)), 500),
    ] {
        let template = pipeline([stage]);
        used(&template, &mut work);
        let (heap, mut copy) = used(&template, &mut work);
        assert!(heap.bytes <= most, "{heap:?}");
        let (loaded, _) = restored(&template, &copy.save_toon(0.0).expect("saves"));
        assert!(loaded.bytes <= most, "{loaded:?}");
    }
}
