//! Mel-frequency cepstral coefficients: for every frame of `numMelBands` numbers of each channel the first
//! `numCoefficients` of the orthonormal DCT-II of `ln(x + 1e-10)`, liftered by `1 + (Q/2)·sin(πk/Q)`.
//!
//! There is no state but for events. librosa differs: it uses decibels limited to 80 below the largest, and a lifter
//! that begins at k = 1; see the function `mfcc`.

use std::f64::consts::PI;

use crate::engine::block::Block;
use crate::engine::events::EventKind;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::params::Parameters;
use crate::params::value::Value;
use crate::signal::transform::dct::{CosineTable, dct2};
use crate::stages::common::LENGTH;
use crate::stages::spectrum::framed::{FRAME, Frames, LastFrame};
use crate::state::archive::Archive;
use crate::text::js_number;

/// Smallest lifter other than 0: with a smaller one, k/Q would be too large for a meaningful sine.
const MIN_LIFTER: f64 = 1e-6;

crate::params! {
    /// Parameters of `mfcc`.
    pub struct MfccParams {
        /// Numbers in a frame.
        pub num_mel_bands: usize = LENGTH,
        /// Number of output coefficients of a frame, at most `numMelBands`.
        pub num_coefficients: usize = LENGTH.or(13.0).or_null(),
        /// Whether the natural logarithm of the bands is taken (of x + 1e-10).
        pub use_log_energy: bool = flag().or_flag(true).or_null(),
        /// Q of the lifter `1 + (Q/2)·sin(πk/Q)`; 0 is none.
        pub lifter_coefficient: f64 = number().at_least(0.0).rule("a non-negative number").or(0.0).or_null(),
        /// Handling of a frame that is incomplete at the end of the stream, at `finish()`: it is dropped, or padded
        /// with zeros.
        pub last_frame: LastFrame = one_of(LastFrame::TEXTS).or_first(),
    }
}

/// Largest number of entries of a table of cosines; beyond it a transform of the whole frame is faster and needs less
/// memory.
const MAX_TABLE: usize = 1 << 16;

/// The transform of a frame, with its buffer.
#[derive(Debug, Clone)]
pub struct Mfcc {
    bands: usize,
    coefficients: usize,
    log: bool,
    lifter: f64,
    table: Option<CosineTable>,
    frame: Vec<f64>,
    frames: Frames,
}

impl Define for Mfcc {
    type Params = MfccParams;
    const TYPES: &'static [&'static str] = &["mfcc"];
    const METHOD: &'static str = "mfcc";
    const LABEL: &'static str = "Mfcc";
    const EVENTS: &'static [&'static EventKind] = &[&FRAME];
    const DOC: &'static str = "Cepstral coefficients of mel bands: the orthonormal DCT-II of their logarithms, liftered; changes\n\
        the length.\n\
        @throws RangeError if there are more coefficients than bands";

    fn new(params: &MfccParams) -> Result<Self> {
        let MfccParams { num_mel_bands: bands, num_coefficients: coefficients, .. } = *params;
        if coefficients > bands {
            let message = format!("Mfcc: numCoefficients ({coefficients}) cannot exceed numMelBands ({bands})");
            return Err(Error::range(message));
        }
        let table = (bands.saturating_mul(coefficients) <= MAX_TABLE).then(|| CosineTable::new(bands, coefficients));
        let frames = Frames::new(bands, coefficients, params.last_frame);
        let (log, lifter) = (params.use_log_energy, params.lifter_coefficient);
        if lifter > 0.0 && lifter < MIN_LIFTER {
            let given = js_number(lifter);
            return Err(Error::type_error(format!(
                "Mfcc: lifterCoefficient must be 0 or at least 0.000001, got {given}"
            )));
        }
        Ok(Self { bands, coefficients, log, lifter, table, frame: vec![], frames })
    }

    fn label(&self, _: &MfccParams) -> String {
        let log = if self.log { ":log" } else { "" };
        let lift = if self.lifter > 0.0 { format!(":lift{}", js_number(self.lifter)) } else { String::new() };
        format!("mfcc:{}mels→{}coeffs{log}{lift}", self.bands, self.coefficients)
    }

    fn examples() -> Vec<Value> {
        let bands = |num_mel_bands, num_coefficients, use_log_energy, lifter_coefficient| {
            let last_frame = LastFrame::Drop;
            MfccParams { num_mel_bands, num_coefficients, use_log_energy, lifter_coefficient, last_frame }
        };
        let padding = MfccParams { last_frame: LastFrame::Pad, ..bands(7, 3, true, 0.0) };
        let all = [bands(15, 13, false, 0.0), bands(10, 5, true, 22.0), bands(1, 1, true, 0.5), padding];
        all.iter().map(Parameters::to_value).collect()
    }

    fn traits(_: &MfccParams) -> Traits {
        Traits { events: true, ..Traits::BATCH }
    }
}

impl Stage for Mfcc {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let Self { coefficients, log, lifter, table, frame, frames, .. } = self;
        let (q, lifts) = (*lifter, *lifter > 0.0);
        let lift = |k: usize, c: f64| if lifts { c * (1.0 + q / 2.0 * (PI * k as f64 / q).sin()) } else { c };
        frames.map(block, |x, out| {
            let energy = |x: &f32| if *log { (f64::from(*x) + 1e-10).ln() } else { f64::from(*x) };
            frame.clear();
            frame.extend(x.iter().map(energy));
            let mut write = |k: usize, c: f64| out[k] = lift(k, c) as f32;
            match table {
                Some(table) => table.apply(frame).enumerate().for_each(|(k, c)| write(k, c)),
                None => dct2(frame).into_iter().take(*coefficients).enumerate().for_each(|(k, c)| write(k, c)),
            }
        })
    }

    fn reset(&mut self) {
        self.frames.reset();
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let ours = (self.bands, self.coefficients);
        let found = (archive.count("numMelBands", ours.0)?, archive.count("numCoefficients", ours.1)?);
        if found != ours {
            return Err(Error::failed("MFCC: Dimension mismatch during deserialization"));
        }
        // What a state says of these is not taken over: the stage keeps its own.
        archive.flag("useLogEnergy", self.log)?;
        archive.rounded("lifterCoefficient", self.lifter)?;
        self.frames.state(archive)
    }

    fn end(&mut self) {
        self.frames.end();
    }

    fn tail(&self, _: u64) -> usize {
        self.frames.tail()
    }

    fn channels(&self) -> usize {
        self.frames.channels()
    }

    fn cost_hint(&self) -> f64 {
        10.0 + self.coefficients as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::json;

    #[test]
    fn equal_bands_have_one_coefficient() {
        let mut stage = make::<Mfcc>(&json!({ "numMelBands": 4, "numCoefficients": 3, "useLogEnergy": false }));
        let out = run(&mut stage, &[2.0; 9], 1);
        assert_eq!(out.len(), 6);
        assert!(out.iter().zip([4.0, 0.0, 0.0].repeat(2)).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn long_frames_take_the_transform() {
        let input: Vec<f32> = (0..2000).map(|i| 1.0 + ((i * 7) % 13) as f32).collect();
        let mut long = make::<Mfcc>(&json!({ "numMelBands": 2000, "numCoefficients": 100 }));
        assert!(long.table.is_none());
        let mut short = Mfcc { table: Some(CosineTable::new(2000, 100)), ..long.clone() };
        let (a, b) = (run(&mut long, &input, 1), run(&mut short, &input, 1));
        // Coefficients of about 1 to 60, rounded to f32 once.
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-5));
    }

    #[test]
    fn parameters_are_checked_in_order() {
        for (bad, message) in [
            (json!({ "numMelBands": 1.5 }), "numMelBands must be a positive integer"),
            (json!({ "numMelBands": 20, "numCoefficients": 0 }), "numCoefficients must be a positive integer"),
            (json!({ "numMelBands": 12 }), "numCoefficients (13) cannot exceed numMelBands (12)"),
            (json!({ "numMelBands": 20, "useLogEnergy": 1 }), "useLogEnergy must be a boolean"),
            (json!({ "numMelBands": 20, "lifterCoefficient": -1 }), "lifterCoefficient must be a non-negative number"),
        ] {
            let Err(error) = try_make::<Mfcc>(&bad) else { panic!("no error, expected {message}") };
            assert!(error.to_string().contains(message), "{error}");
        }
        assert!(try_make::<Mfcc>(&json!({ "numMelBands": 20, "numCoefficients": null })).is_ok());
    }
}
