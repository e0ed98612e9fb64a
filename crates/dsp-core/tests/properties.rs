//! What must hold for every stage in the register: the chunk law, with saves and loads in between, in both formats;
//! channels that do not influence each other; a reset that equals a new stage; damaged states that are refused.

mod counting;

use dsp_core::Value;
use dsp_core::pipeline::{Pipeline, Stamps};
use dsp_core::stages::STAGES;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// What a stage needs to be tried with.
struct Trial {
    method: &'static str,
    params: Vec<Json>,
    /// Channel counts that it accepts.
    channels: &'static [usize],
    /// Whether it keeps to the chunk law (batch modes take each call by itself).
    streams: bool,
    /// Whether channels are independent of each other and all come out.
    independent: bool,
    /// Whether a stage can be built from its saved state.
    rebuilds: bool,
}

const ANY: &[usize] = &[1, 2, 3, 8];

fn trial(method: &'static str, params: Vec<Json>) -> Trial {
    Trial { method, params, channels: ANY, streams: true, independent: true, rebuilds: true }
}

fn windows() -> Vec<Json> {
    let counted = [1, 2, 7, 64, 65, 100].map(|n| json!({ "mode": "moving", "windowSize": n }));
    let timed = [12.5, 0.5].map(|ms| json!({ "mode": "moving", "windowDuration": ms }));
    counted.into_iter().chain(timed).collect()
}

/// Every kind of running filter: history rings of both layouts, one section, cascades of one and more groups of lanes.
fn filters() -> Vec<Json> {
    let low = |kind: &str, order: usize| json!({ "type": kind, "mode": "lowpass", "cutoffFrequency": 100, "sampleRate": 1000, "order": order });
    let band = |kind: &str, order: usize| {
        json!({ "type": kind, "mode": "bandpass", "lowCutoffFrequency": 50, "highCutoffFrequency": 100,
                "sampleRate": 1000, "order": order })
    };
    let peak = json!({ "type": "biquad", "mode": "peak", "cutoffFrequency": 100, "sampleRate": 1000, "gain": 6 });
    let firs = [low("fir", 5), low("fir", 16), band("fir", 31)];
    let iirs = [low("iir", 1), low("butterworth", 4), band("bessel", 5), band("chebyshev", 9), peak];
    firs.into_iter().chain(iirs).collect()
}

/// The same in the original's design: direct forms, one of them of order 4. They are rebuilt from a state as they are.
fn dspx_filters() -> Vec<Json> {
    let mut all = filters();
    all.retain(|f| f["type"] != "bessel" && f["order"] != 9);
    all.push(json!({ "type": "butterworth", "mode": "bandpass", "lowCutoffFrequency": 50, "highCutoffFrequency": 100,
                     "sampleRate": 1000, "order": 3 }));
    all.iter_mut().for_each(|f| f["design"] = "dspx".into());
    all
}

fn ratio(up: u32, down: u32, quality: &str) -> Json {
    json!({ "upFactor": up, "downFactor": down, "sampleRate": 1, "quality": quality })
}

fn rates(from: f64, to: f64) -> Json {
    json!({ "inputRate": from, "outputRate": to })
}

/// A stage of three channels that mixes them.
fn mixing(method: &'static str, params: Json) -> Trial {
    Trial { channels: &[3], independent: false, ..trial(method, vec![params]) }
}

fn trained(matrix: &str, columns: &str) -> Json {
    let values = [0.3, -0.4, 0.7, 0.1, 0.9, -0.2];
    json!({ matrix: { "$f32": values }, "mean": { "$f32": [0.1, -0.2, 0.3] }, "numChannels": 3, columns: 2 })
}

fn canceller() -> Json {
    let (weights, blocking) = ([0.5, 0.25, 0.25], [1, -1, 0, 0, 1, -1]);
    json!({ "numChannels": 3, "steeringWeights": { "$f32": weights }, "blockingMatrix": { "$f32": blocking } })
}

/// Parameters, in which `{"$f32": […]}` is a Float32Array.
fn value(json: &Json) -> Value {
    let Json::Object(entries) = json else { return Value::from(json) };
    match entries.get("$f32").map(Value::from).and_then(|list| list.as_numbers()) {
        Some(numbers) => Value::F32(numbers.into_iter().map(|x| x as f32).collect()),
        None => Value::Object(entries.iter().map(|(key, entry)| (key.clone(), value(entry))).collect()),
    }
}

fn convolutions() -> Vec<Json> {
    let kernel = |taps: usize| json!({ "kernel": (0..taps).map(|k| 1.0 / (k + 1) as f64).collect::<Vec<_>>() });
    let with = |mut params: Json, key: &str, value: &str| {
        params[key] = value.into();
        params
    };
    let fft = with(kernel(7), "method", "fft");
    let partial = with(with(kernel(16), "warmup", "partial"), "operation", "correlation");
    vec![kernel(1), kernel(5), fft, partial, with(kernel(40), "method", "direct")]
}

fn banks(inputs: usize) -> Vec<Json> {
    let direct = json!({ "b": [0.5, 0.1, 0, 0.2], "a": [-0.3, 0.1, 0.05] });
    let sections = json!({ "sos": [[0.1, 0.2, 0.1, 1, -0.5, 0.2], [1, 0, -1, 2, 0, 0.5], [1, 0, 0, 1, 0.1, 0]] });
    let fir = json!({ "b": [0.25, 0.5, 0.25], "a": [0] });
    vec![json!({ "definitions": [direct, sections, fir], "inputChannels": inputs })]
}

fn lms() -> Vec<Json> {
    let leaky = json!({ "numTaps": 17, "mu": 0.02, "lambda": 0.1, "normalized": true });
    vec![json!({ "numTaps": 1 }), json!({ "numTaps": 5, "mu": 1e-3 }), leaky]
}

fn rls() -> Vec<Json> {
    vec![json!({ "numTaps": 1, "lambda": 1 }), json!({ "numTaps": 8, "lambda": 0.98, "delta": 5 })]
}

/// One entry per stage and kind of use. A stage that is not here fails `every_stage_is_tried`.
fn trials() -> Vec<Trial> {
    let batch = || vec![json!({ "mode": "batch" })];
    let peaks = vec![
        json!({ "threshold": 0.1, "minPeakDistance": 5 }),
        json!({ "threshold": 0.1, "mode": "batch", "windowSize": 5 }),
    ];
    let lengths = [1, 5, 64, 65, 100];
    let outputs = ["slope", "intercept", "residuals", "predictions"];
    let regressions = [2, 7, 65].into_iter().zip(outputs.into_iter().cycle().skip(1)).chain([(90, "slope")]);
    let regressions = regressions.map(|(n, output)| json!({ "windowSize": n, "output": output }));
    vec![
        trial("MovingAverage", windows()),
        Trial { streams: false, ..trial("MovingAverage", batch()) },
        trial("Rms", windows()),
        Trial { streams: false, ..trial("Rms", batch()) },
        trial("Variance", windows()),
        Trial { streams: false, ..trial("Variance", batch()) },
        trial("ZScoreNormalize", windows()),
        Trial { streams: false, ..trial("ZScoreNormalize", batch()) },
        trial("MeanAbsoluteValue", windows()),
        Trial { streams: false, ..trial("MeanAbsoluteValue", batch()) },
        trial("ExponentialMovingAverage", [0.01, 0.3, 1.0].map(|a| json!({ "mode": "moving", "alpha": a })).into()),
        Trial { streams: false, ..trial("ExponentialMovingAverage", vec![json!({ "mode": "batch", "alpha": 0.3 })]) },
        trial("CumulativeMovingAverage", vec![json!({ "mode": "moving" })]),
        Trial { streams: false, ..trial("CumulativeMovingAverage", batch()) },
        trial("WaveformLength", lengths.map(|n| json!({ "windowSize": n })).into()),
        trial("SlopeSignChange", lengths.map(|n| json!({ "windowSize": n, "threshold": 0.5 })).into()),
        trial("WillisonAmplitude", lengths.map(|n| json!({ "windowSize": n, "threshold": 15 })).into()),
        trial("LinearRegression", regressions.collect()),
        Trial {
            channels: &[2],
            independent: false,
            ..trial("Snr", lengths.map(|n| json!({ "windowSize": n })).into())
        },
        trial("ClipDetection", vec![json!({ "threshold": 3 })]),
        trial("Integrator", vec![json!({}), json!({ "alpha": 1 })]),
        trial("Amplify", vec![json!({ "gain": 3 })]),
        trial("Rectify", vec![json!({}), json!({ "mode": "half" })]),
        trial("Square", vec![json!({})]),
        trial("Differentiator", vec![json!({})]),
        trial(
            "Interpolate",
            vec![json!({ "factor": 3, "sampleRate": 1 }), json!({ "factor": 5, "sampleRate": 1, "order": 3 })],
        ),
        trial(
            "Decimate",
            vec![json!({ "factor": 2, "sampleRate": 1 }), json!({ "factor": 7, "sampleRate": 1, "order": 101 })],
        ),
        trial("Resample", vec![ratio(3, 2, "dspx"), ratio(5, 7, "dspx"), ratio(2, 3, "high"), ratio(1, 1, "max")]),
        trial("ResampleTo", vec![rates(44_100.0, 48_000.0), rates(1000.0, 333.34), rates(1.0, 1.000_01)]),
        // Each call has a grid of its own.
        Trial { streams: false, ..trial("TimeAlignment", vec![json!({ "targetSampleRate": 100 })]) },
        mixing("PcaTransform", trained("pcaMatrix", "numComponents")),
        mixing("IcaTransform", trained("icaMatrix", "numComponents")),
        mixing("WhiteningTransform", trained("whiteningMatrix", "numComponents")),
        mixing("CspTransform", trained("cspMatrix", "numFilters")),
        mixing("GscPreprocessor", canceller()),
        mixing("ChannelSelector", json!({ "numInputChannels": 3, "numOutputChannels": 2 })),
        mixing("ChannelSelect", json!({ "numInputChannels": 3, "channels": [2, 0, 0, 1] })),
        mixing("ChannelMerge", json!({ "numInputChannels": 3, "mapping": [1] })),
        trial(
            "HilbertEnvelope",
            vec![json!({ "windowSize": 16, "hopSize": 5 }), json!({ "windowSize": 7, "hopSize": 1 })],
        ),
        trial("MedianFilter", [1, 2, 9].map(|n| json!({ "windowSize": n })).to_vec()),
        trial(
            "SavgolFilter",
            vec![json!({ "windowLength": 7, "polyOrder": 2 }), json!({ "windowLength": 1, "polyOrder": 0 })],
        ),
        // Frames stand at the beginning of the call in which they end, those of one channel after those of another.
        Trial { streams: false, independent: false, ..trial("stft", vec![json!({ "windowSize": 8, "hopSize": 3 })]) },
        Trial { streams: false, ..trial("fft", vec![json!({ "size": 8, "type": "fft", "output": "complex" })]) },
        Trial { streams: false, ..trial("mfcc", vec![json!({ "numMelBands": 15, "useLogEnergy": false })]) },
        Trial {
            streams: false,
            ..trial(
                "melSpectrogram",
                vec![
                    json!({ "filterbankMatrix": { "$f32": [1, 0, 2, 0, 3, 0, 0.5, 0] }, "numBins": 4, "numMelBands": 2 }),
                ],
            )
        },
        Trial { streams: false, ..trial("WaveletTransform", vec![json!({ "wavelet": "db3" })]) },
        // A verdict on the last sample of a call comes with the next call.
        Trial { streams: false, ..trial("PeakDetection", peaks) },
        trial("filter", filters()),
        trial("filter", dspx_filters()),
        trial("convolution", convolutions()),
        Trial { streams: false, ..trial("convolution", vec![json!({ "kernel": [1, 2, 3], "mode": "batch" })]) },
        Trial { rebuilds: false, independent: false, channels: &[1], ..trial("FilterBank", banks(1)) },
        Trial { rebuilds: false, independent: false, channels: &[3], ..trial("FilterBank", banks(3)) },
        Trial { channels: &[2], independent: false, ..trial("LmsFilter", lms()) },
        Trial { channels: &[2], independent: false, ..trial("RlsFilter", rls()) },
        Trial { channels: &[1], ..trial("KalmanFilter", vec![json!({ "dimensions": 1 })]) },
        Trial { channels: &[3], independent: false, ..trial("KalmanFilter", vec![json!({ "dimensions": 3 })]) },
        Trial { channels: &[9], independent: false, ..trial("KalmanFilter", vec![json!({ "dimensions": 9 })]) },
    ]
}

fn pipeline(method: &str, params: &Json) -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.add(method, value(params)).unwrap_or_else(|e| panic!("{method} {params}: {e}"));
    pipeline
}

fn run(pipeline: &mut Pipeline, samples: &[f32], channels: usize, stamps: Option<&[f64]>) -> Vec<u32> {
    let mut input = samples.to_vec();
    let stamps = stamps.map_or(Stamps::Generated(Some(360.0)), Stamps::Explicit);
    let output = pipeline.process(&mut input, channels, stamps, &[], |_, _| {}).expect("processes");
    output.unwrap_or(input).iter().map(|x| x.to_bits()).collect()
}

/// Moves the state into a fresh pipeline: by JSON into an empty one (where it can be rebuilt), by TOON into one of the same
/// stages.
fn reload(from: &mut Pipeline, t: &Trial, params: &Json, binary: bool) -> Pipeline {
    let mut fresh = if t.rebuilds && !binary { Pipeline::new() } else { pipeline(t.method, params) };
    let warnings = if binary {
        fresh.load_toon(&from.save_toon(1.5).expect("saves"))
    } else {
        fresh.load_json(&from.save_json(1.5).expect("saves"))
    };
    assert_eq!(warnings.expect("loads"), Vec::<String>::new());
    fresh
}

fn samples() -> impl Strategy<Value = Vec<f32>> {
    let value = prop_oneof![20 => -10f32..10.0, 1 => Just(0.0f32), 1 => -1e6f32..1e6];
    prop::collection::vec(value, 0..400)
}

/// A stream, and where it is cut: frames in the call, and what happens after it (nothing, JSON, TOON).
fn cut_stream() -> impl Strategy<Value = (Vec<f32>, Vec<(usize, u8)>)> {
    (samples(), prop::collection::vec((0usize..60, 0..3u8), 0..12))
}

fn cases() -> ProptestConfig {
    let quick = std::env::var_os("DSPX_QUICK").is_some();
    ProptestConfig { cases: if quick { 4 } else { 24 }, ..ProptestConfig::default() }
}

/// Each combination of a trial's parameters and channel counts.
fn combinations(t: &Trial) -> impl Iterator<Item = (&Json, usize)> {
    t.params.iter().flat_map(|p| t.channels.iter().map(move |c| (p, *c)))
}

fn whole_frames(x: &[f32], channels: usize) -> &[f32] {
    &x[..x.len() / channels * channels]
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn chunk_law((x, cuts) in cut_stream(), explicit in any::<bool>(), jitter in 0u64..1000) {
        for t in trials().iter().filter(|t| t.streams) {
            for (params, channels) in combinations(t) {
                let x = whole_frames(&x, channels);
                let time = |k: usize| 1.7e12 + k as f64 * 2.7 + ((k as u64 * 7919 + jitter) % 13) as f64 * 0.1;
                let times: Vec<f64> = (0..x.len()).map(|i| time(i / channels)).collect();
                let whole = run(&mut pipeline(t.method, params), x, channels, explicit.then_some(&times));
                let mut cut = pipeline(t.method, params);
                let (mut got, mut at) = (vec![], 0);
                for (frames, save) in cuts.iter().copied().chain([(usize::MAX / channels, 0)]) {
                    let end = at + (frames * channels).min(x.len() - at);
                    got.extend(run(&mut cut, &x[at..end], channels, explicit.then_some(&times[at..end])));
                    at = end;
                    if save > 0 {
                        cut = reload(&mut cut, t, params, save == 2);
                    }
                }
                prop_assert_eq!(got, whole, "{} {} with {} channels", t.method, params, channels);
            }
        }
    }

    #[test]
    fn a_reset_stage_is_a_new_one(x in samples(), y in samples()) {
        for t in &trials() {
            for (params, channels) in combinations(t) {
                let (x, y) = (whole_frames(&x, channels), whole_frames(&y, channels));
                let mut used = pipeline(t.method, params);
                run(&mut used, x, channels, None);
                used.clear();
                let fresh = run(&mut pipeline(t.method, params), y, channels, None);
                prop_assert_eq!(run(&mut used, y, channels, None), fresh, "{} {}", t.method, params);
            }
        }
    }

    #[test]
    fn channels_are_independent(x in samples()) {
        for t in trials().iter().filter(|t| t.independent) {
            for (params, channels) in combinations(t) {
                let x = whole_frames(&x, channels);
                let together = run(&mut pipeline(t.method, params), x, channels, None);
                for c in 0..channels {
                    let of = |v: &[u32]| v.iter().skip(c).step_by(channels).copied().collect::<Vec<_>>();
                    let alone: Vec<f32> = x.iter().skip(c).step_by(channels).copied().collect();
                    let alone = run(&mut pipeline(t.method, params), &alone, 1, None);
                    prop_assert_eq!(of(&together), alone, "{} {}", t.method, params);
                }
            }
        }
    }

    #[test]
    fn a_damaged_state_is_refused_and_changes_nothing(
        x in samples(),
        at in any::<prop::sample::Index>(),
        bit in 0u8..8,
    ) {
        for t in &trials() {
            let (params, channels) = (&t.params[0], t.channels[0]);
            let mut p = pipeline(t.method, params);
            run(&mut p, whole_frames(&x, channels), channels, None);
            let before = p.save_json(0.0).expect("saves");
            let mut bytes = p.save_toon(0.0).expect("saves");
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(p.load_toon(&bytes).is_err(), "{}: bit {bit} of byte {at}", t.method);
            prop_assert_eq!(p.save_json(0.0).expect("saves"), before);
        }
    }
}

#[test]
fn every_stage_is_tried() {
    let tried: Vec<&str> = trials().iter().map(|t| t.method).collect();
    for def in STAGES {
        assert!(tried.contains(&def.method), "{} has no trial in this file", def.method);
    }
}

#[test]
fn every_stage_takes_empty_input() {
    for t in &trials() {
        for (params, channels) in combinations(t) {
            let mut p = pipeline(t.method, params);
            assert_eq!(run(&mut p, &[], channels, None), Vec::<u32>::new(), "{} {params}", t.method);
        }
    }
}

#[test]
fn a_call_in_steady_state_allocates_nothing_but_a_new_result() {
    for t in &trials() {
        for (params, channels) in combinations(t) {
            let mut p = pipeline(t.method, params);
            let source: Vec<f32> = (0..512 * channels).map(|i| (i as f32 * 0.37).sin()).collect();
            let times: Vec<f64> = (0..source.len()).map(|i| (i / channels) as f64).collect();
            let mut input = source.clone();
            let mut call = |times: &[f64]| {
                input.copy_from_slice(&source);
                let output =
                    p.process(&mut input, channels, Stamps::Explicit(times), &[], |_, _| {}).expect("processes");
                output.is_some()
            };
            let shifted = |k: usize| times.iter().map(|t| t + (k * 512) as f64).collect::<Vec<_>>();
            // Windows turn over and buffers find their size in the first calls.
            let mut new_result = false;
            (0..40).for_each(|k| new_result = call(&shifted(k)));
            let next = shifted(40);
            let (heap, _) = counting::count(|| call(&next));
            let count = heap.allocations;
            assert!(count <= usize::from(new_result), "{} {params}, {channels} channels: {count}", t.method);
        }
    }
}
