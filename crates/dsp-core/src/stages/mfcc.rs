//! Mel-frequency cepstral coefficients: for every frame of `numMelBands` numbers of each channel the first `numCoefficients`
//! of the orthonormal DCT-II of `ln(x + 1e-10)`, liftered by `1 + (Q/2)·sin(πk/Q)`.
//!
//! Nothing is kept from call to call. librosa differs: decibels limited to 80 below the largest, and a lifter that begins at k = 1;
//! see the function `mfcc`.

use std::f64::consts::PI;

use serde_json::{Value as Json, json};

use super::framed::{length, map_frames};
use crate::block::Block;
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::transform::dct::{CosineTable, dct2};
use crate::value::{Params, Value};

/// The most entries of a table of cosines; beyond, a transform of the whole frame is faster and takes no such memory.
const MAX_TABLE: usize = 1 << 16;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Mfcc {
    bands: usize,
    coefficients: usize,
    log: bool,
    lifter: f64,
    table: Option<CosineTable>,
    frame: Vec<f64>,
}

impl Define for Mfcc {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["mfcc"];
    const METHOD: &'static str = "mfcc";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `mfcc`. */
export interface MfccParams {
  /** Numbers in a frame: an integer ≥ 1. */
  numMelBands: number;
  /** Coefficients that come out of a frame, 1…numMelBands. Default 13. */
  numCoefficients?: number;
  /** Whether the natural logarithm of the bands is taken (of x + 1e-10). Default true. */
  useLogEnergy?: boolean;
  /** Q ≥ 0 of the lifter `1 + (Q/2)·sin(πk/Q)`; 0 is none (default). */
  lifterCoefficient?: number;
}
method {
  /**
   * Cepstral coefficients of mel bands; changes the length.
   * @throws TypeError for parameters outside their ranges, RangeError if there are more coefficients than bands
   */
  mfcc(params: MfccParams): this;
}
"#;

    fn new(p: &Params) -> Result<Self> {
        let bands = length(p, "Mfcc", "numMelBands")?;
        let given = |key: &str| Some(p.get(key)).filter(|value| !value.is_nullish());
        let coefficients = if given("numCoefficients").is_some() { length(p, "Mfcc", "numCoefficients")? } else { 13 };
        if coefficients > bands {
            let message = format!("Mfcc: numCoefficients ({coefficients}) cannot exceed numMelBands ({bands})");
            return Err(Error::range(message));
        }
        let log = given("useLogEnergy").map_or(Some(true), Value::as_bool);
        let log = log.ok_or_else(|| Error::type_error("Mfcc: useLogEnergy must be a boolean"))?;
        let lifter = given("lifterCoefficient").map_or(Some(0.0), Value::as_finite).filter(|q| *q >= 0.0);
        let lifter =
            lifter.ok_or_else(|| Error::type_error("Mfcc: lifterCoefficient must be a non-negative number"))?;
        let table = (bands.saturating_mul(coefficients) <= MAX_TABLE).then(|| CosineTable::new(bands, coefficients));
        Ok(Self { bands, coefficients, log, lifter, table, frame: vec![] })
    }

    fn label(&self, _: &Params) -> String {
        let log = if self.log { ":log" } else { "" };
        let lift = if self.lifter > 0.0 { format!(":lift{}", Value::Number(self.lifter)) } else { String::new() };
        format!("mfcc:{}mels→{}coeffs{log}{lift}", self.bands, self.coefficients)
    }
}

impl Stage for Mfcc {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let Self { bands, coefficients, log, lifter, table, frame } = self;
        let lift = |k: usize, c: f64| if *lifter > 0.0 { c * (1.0 + *lifter / 2.0 * (PI * k as f64 / *lifter).sin()) } else { c };
        map_frames(block, *bands, *coefficients, |x, out| {
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

    fn reset(&mut self) {}

    fn save(&mut self) -> Result<Json> {
        Ok(json!({
            "numMelBands": self.bands,
            "numCoefficients": self.coefficients,
            "useLogEnergy": self.log,
            "lifterCoefficient": json::num(self.lifter),
        }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        if (json::count(state, "numMelBands")?, json::count(state, "numCoefficients")?) != (self.bands, self.coefficients) {
            return Err(Error::failed("MFCC: Dimension mismatch during deserialization"));
        }
        Ok(())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.bands)?;
        out.int(self.coefficients)?;
        out.bool(self.log);
        out.f32(self.lifter as f32);
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let same = (input.count()?, input.count()?) == (self.bands, self.coefficients);
        input.bool()?;
        input.f32()?;
        if same { Ok(()) } else { Err(Error::failed("MFCC: Dimension mismatch during TOON deserialization")) }
    }

    fn cost_hint(&self) -> f64 {
        10.0 + self.coefficients as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{params, run};

    #[test]
    fn equal_bands_have_one_coefficient() {
        let mut stage = Mfcc::new(&params(json!({ "numMelBands": 4, "numCoefficients": 3, "useLogEnergy": false }))).unwrap();
        let out = run(&mut stage, &[2.0; 9], 1);
        assert_eq!(out.len(), 6);
        assert!(out.iter().zip([4.0, 0.0, 0.0].repeat(2)).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn long_frames_take_the_transform() {
        let input: Vec<f32> = (0..2000).map(|i| 1.0 + ((i * 7) % 13) as f32).collect();
        let mut long = Mfcc::new(&params(json!({ "numMelBands": 2000, "numCoefficients": 100 }))).unwrap();
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
            let Err(error) = Mfcc::new(&params(bad)) else { panic!("no error, expected {message}") };
            assert!(error.to_string().contains(message), "{error}");
        }
        assert!(Mfcc::new(&params(json!({ "numMelBands": 20, "numCoefficients": null }))).is_ok());
    }
}
