//! `FilterBank`: every input channel through every band; C channels and M bands give C·M channels.
//!
//! Output channel `c·M + m` is input channel c through band m. A band with `sos` runs as a cascade of these sections, one
//! without as one direct-form section of any order. The coefficients are always the stage's own.

use serde_json::{Value as Json, json};

use super::filter::{from_ring, read_f64s, to_ring, write_f64s};
use crate::block::{Block, MAX_CHANNELS, Reshape};
use crate::design::zpk::{Row, polynomials};
use crate::error::{Error, Result};
use crate::filter::iir::{Iir, SectionState};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, Value};

/// Highest order of a band.
const MAX_ORDER: usize = 4096;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct FilterBank {
    inputs: usize,
    /// Each with one channel per input.
    bands: Vec<Iir>,
    /// Whether the last load met a state that could not be used.
    foreign: bool,
}

fn wrong(index: usize, what: &str) -> Error {
    Error::type_error(format!("FilterBank: definition[{index}].{what}"))
}

fn coefficients(index: usize, name: &str, value: &Value) -> Result<Vec<f64>> {
    let items = value.as_array().filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| wrong(index, &format!("{name} must be a non-empty array, got {value}")))?;
    if items.len() > MAX_ORDER + 1 {
        return Err(wrong(index, &format!("{name} must have at most {} numbers, got {}", MAX_ORDER + 1, items.len())));
    }
    items.iter().map(|x| x.as_finite()).collect::<Option<_>>().ok_or_else(|| {
        Error::failed(format!("FilterBank: definition[{index}].{name} must hold finite numbers, got {value}"))
    })
}

fn sections(index: usize, value: &Value) -> Result<Vec<Row>> {
    let rule = || wrong(index, "sos must be a non-empty array of rows of six finite numbers with a0 not 0");
    let rows = value.as_array().filter(|rows| !rows.is_empty() && rows.len() <= MAX_ORDER).ok_or_else(rule)?;
    let row = |row: &Value| {
        let numbers: [f64; 6] = row.as_numbers()?.try_into().ok()?;
        let [.., a0, _, _] = numbers;
        let divided = numbers.map(|x| x / a0);
        divided.iter().all(|x| x.is_finite()).then_some([divided[0], divided[1], divided[2], 1.0, divided[4], divided[5]])
    };
    rows.iter().map(|r| row(r).ok_or_else(rule)).collect()
}

/// `given` must be the polynomial that the rows give, but for zeros at its end.
fn check_product(index: usize, name: &str, given: &Value, product: &[f64]) -> Result<()> {
    if given.is_undefined() {
        return Ok(());
    }
    let message = format!("sos does not agree with {name}, which must be the product of its rows");
    let given = given.as_numbers().ok_or_else(|| wrong(index, &message))?;
    let at = |list: &[f64], i: usize| list.get(i).copied().unwrap_or(0.0);
    let largest = product.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let agree = (0..given.len().max(product.len())).all(|i| (at(&given, i) - at(product, i)).abs() <= 1e-6 * largest);
    if agree { Ok(()) } else { Err(wrong(index, &message)) }
}

fn band(index: usize, definition: &Value) -> Result<Iir> {
    let (b, a, sos) = (definition.get("b"), definition.get("a"), definition.get("sos"));
    if sos.is_undefined() {
        return Ok(Iir::direct(coefficients(index, "b", b)?, coefficients(index, "a", a)?));
    }
    let rows = sections(index, sos)?;
    let (product_b, product_a) = polynomials(&rows, 2 * rows.len());
    check_product(index, "b", b, &product_b)?;
    check_product(index, "a", a, &product_a[1..])?;
    Ok(Iir::from_rows(rows))
}

impl FilterBank {
    fn check_counts(&self, inputs: usize, bands: usize) -> Result<()> {
        if inputs != self.inputs {
            let ours = self.inputs;
            return Err(Error::failed(format!("FilterBank: Channel count mismatch: {inputs} in the state, {ours} here")));
        }
        if bands != self.bands.len() {
            let ours = self.bands.len();
            return Err(Error::failed(format!("FilterBank: Band count mismatch: {bands} in the state, {ours} here")));
        }
        Ok(())
    }

    fn is_cascade(&self, band: usize) -> bool {
        self.bands[band].sos().is_some()
    }

    /// A state without sections for a band that has some comes from a bank of the original's design.
    fn start_from_zero(&mut self, band: usize, channel: usize) -> Result<()> {
        self.foreign = true;
        let zero = SectionState { x: vec![0.0; 2], y: vec![0.0; 2] };
        let count = self.bands[band].state(channel).len();
        self.bands[band].set_state(channel, &vec![zero; count])
    }
}

const FOREIGN: &str = "FilterBank: the state is that of a bank without second-order sections and was not used; \
                       to continue it, make the definitions with design: \"dspx\"";

fn save_section(s: &SectionState, ring: bool) -> Json {
    let list = |x: &[f64]| if ring { json::nums(to_ring(x)) } else { json::nums(x.iter().copied()) };
    json!({ "inputHistory": list(&s.x), "outputHistory": list(&s.y) })
}

impl Define for FilterBank {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["filterBank"];
    const METHOD: &'static str = "FilterBank";
    const TYPESCRIPT: &'static str = r#"
/** One band: `b` and `a` (a1 … aN, without a0), or second-order sections, or both if they agree. */
export type FilterDefinition = FilterCoefficients | { sos: number[][] };
/** Parameters of `FilterBank`. */
export interface FilterBankParams {
  /** The bands, as `FilterBankDesign` makes them. */
  definitions: FilterDefinition[];
  /** Channels that come in. */
  inputChannels: number;
}
method {
  /**
   * Every input channel through every band; all bands of the first channel come out first.
   * @throws TypeError, RangeError, Error if a definition cannot be used
   */
  FilterBank(params: FilterBankParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let definitions = params.get("definitions");
        let Some(list) = definitions.as_array().filter(|list| !list.is_empty()) else {
            return Err(Error::type_error(format!("FilterBank: definitions must be a non-empty array, got {definitions}")));
        };
        let value = params.get("inputChannels");
        let Some(inputs) = value.as_positive_integer() else {
            return Err(Error::range(format!("FilterBank: inputChannels must be a positive integer, got {value}")));
        };
        let outputs = inputs.saturating_mul(list.len());
        if outputs > MAX_CHANNELS {
            return Err(Error::range(format!(
                "FilterBank: inputChannels times bands must be at most {MAX_CHANNELS}, got {outputs}"
            )));
        }
        let mut bands = list.iter().enumerate().map(|(i, d)| band(i, d)).collect::<Result<Vec<_>>>()?;
        bands.iter_mut().for_each(|band| band.set_channels(inputs));
        Ok(Self { inputs, bands, foreign: false })
    }

    fn label(&self, _: &Params) -> String {
        let (m, c) = (self.bands.len(), self.inputs);
        format!("filterBank:{m}bands×{c}ch={}ch", c * m)
    }

    fn from_state(_: &str, _: &Json) -> Result<Self> {
        Err(Error::failed("its state holds no definitions"))
    }
}

impl Stage for FilterBank {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let (channels, inputs) = (block.channels(), self.inputs);
        if channels != inputs {
            return Err(Error::failed(format!("FilterBank: Input channel mismatch: {channels} instead of {inputs}")));
        }
        let count = self.bands.len();
        let bands = &mut self.bands;
        block.with_scratch(|block, scratch| {
            block.reshape(Reshape::to(inputs * count, block.frames()), |source, target, _| {
                for channel in 0..inputs {
                    for (m, band) in bands.iter_mut().enumerate() {
                        let output = target.channel(channel * count + m);
                        output.copy_from_slice(source.channel(channel));
                        band.process(channel, output, &mut scratch.double);
                    }
                }
                Ok(())
            })
        })
    }

    fn reset(&mut self) {
        self.bands.iter_mut().for_each(Iir::clear);
    }

    fn save(&mut self) -> Result<Json> {
        let filter = |band: &Iir, channel: usize| {
            let sections = band.state(channel);
            if band.sos().is_some() {
                json!({ "sections": sections.iter().map(|s| save_section(s, false)).collect::<Vec<_>>() })
            } else {
                save_section(&sections[0], true)
            }
        };
        let channel = |c: usize| self.bands.iter().map(|band| filter(band, c)).collect::<Vec<_>>();
        Ok(json!({
            "type": "filterBank",
            "numInputChannels": self.inputs,
            "numBands": self.bands.len(),
            "filterStates": (0..self.inputs).map(channel).collect::<Vec<_>>(),
        }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        self.check_counts(json::count(state, "numInputChannels")?, json::count(state, "numBands")?)?;
        let size = || Error::failed("FilterBank: size mismatch of 'filterStates', which must be an array of channels of bands");
        let channels = json::list(state, "filterStates")?;
        if channels.len() != self.inputs {
            return Err(size());
        }
        for (channel, filters) in channels.iter().enumerate() {
            let filters = filters.as_array().filter(|list| list.len() == self.bands.len()).ok_or_else(size)?;
            for (m, filter) in filters.iter().enumerate() {
                self.load_band(m, channel, filter)?;
            }
        }
        Ok(())
    }

    fn take_warning(&mut self) -> Option<String> {
        std::mem::take(&mut self.foreign).then(|| FOREIGN.to_owned())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.inputs)?;
        out.int(self.bands.len())?;
        for channel in 0..self.inputs {
            for band in &self.bands {
                let sections = band.state(channel);
                out.negative_int(sections.len())?;
                for section in &sections {
                    if band.sos().is_some() {
                        write_f64s(out, &section.x)?;
                        write_f64s(out, &section.y)?;
                    } else {
                        write_f64s(out, &to_ring(&section.x))?;
                        write_f64s(out, &to_ring(&section.y))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        self.check_counts(input.count()?, input.count()?)?;
        for channel in 0..self.inputs {
            for band in 0..self.bands.len() {
                self.read_band(input, band, channel)?;
            }
        }
        Ok(())
    }

    fn takes_incomplete_frames(&self) -> bool {
        true
    }

    fn cost_hint(&self) -> f64 {
        3.0 * self.bands.len() as f64
    }
}

impl FilterBank {
    /// The state of a band that runs as one section, from its rings.
    fn set_ring(&mut self, band: usize, channel: usize, x: &[f64], y: &[f64]) -> Result<()> {
        let iir = &mut self.bands[band];
        let x = from_ring(x, iir.b().len() - 1, "inputHistory")?;
        let y = from_ring(y, iir.a().len(), "outputHistory")?;
        iir.set_state(channel, &[SectionState { x, y }])
    }

    fn load_band(&mut self, band: usize, channel: usize, state: &Json) -> Result<()> {
        let lists = |s: &Json| Ok::<_, Error>((json::numbers(s, "inputHistory")?, json::numbers(s, "outputHistory")?));
        if state.get("sections").is_none() {
            let (x, y) = lists(state)?;
            if self.is_cascade(band) {
                return self.start_from_zero(band, channel);
            }
            return self.set_ring(band, channel, &x, &y);
        }
        let section = |s: &Json| lists(s).map(|(x, y)| SectionState { x, y });
        let sections = json::list(state, "sections")?.iter().map(section).collect::<Result<Vec<_>>>()?;
        self.bands[band].set_state(channel, &sections)
    }

    fn read_band(&mut self, input: &mut toon::Reader<'_>, band: usize, channel: usize) -> Result<()> {
        let first = input.int()?;
        if first < 0 {
            let count = first.unsigned_abs() as usize;
            let cascade = self.bands[band].sos().map_or(1, <[Row]>::len);
            if count != cascade {
                return Err(Error::failed(format!("FilterBank: size mismatch: {count} sections instead of {cascade}")));
            }
            let mut sections = vec![];
            for _ in 0..count {
                sections.push(SectionState { x: read_f64s(input)?, y: read_f64s(input)? });
            }
            if self.is_cascade(band) {
                return self.bands[band].set_state(channel, &sections);
            }
            return self.set_ring(band, channel, &sections[0].x, &sections[0].y);
        }
        let mut floats = |count: usize| (0..count).map(|_| input.f32().map(f64::from)).collect::<Result<Vec<_>>>();
        let x = floats(first as usize)?;
        let count = input.item_count()?;
        let y = (0..count).map(|_| input.f32().map(f64::from)).collect::<Result<Vec<_>>>()?;
        if self.is_cascade(band) {
            return self.start_from_zero(band, channel);
        }
        self.set_ring(band, channel, &x, &y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, noise, run, try_make};

    fn bank() -> Json {
        json!({ "inputChannels": 2, "definitions": [
            { "b": [1, 0.5], "a": [0.2] },
            { "b": [1, 0, 0, 0, 0.5], "a": [0] },
            { "sos": [[0.1, 0.2, 0.1, 1, -0.5, 0.2], [2, 0, -2, 2, 0, 0.5]] },
        ] })
    }

    #[test]
    fn all_bands_of_the_first_channel_come_first() {
        let y = run(&mut make::<FilterBank>(&bank()), &[1.0, 2.0, 0.0, 0.0], 2);
        // Impulses of 1 and 2: first values b0 of each band, then b1 − a1·b0.
        assert_eq!(y[..6], [1.0, 1.0, 0.1, 2.0, 2.0, 0.2]);
        let close = |x: f32, y: f32| (x - y).abs() < 1e-6;
        assert!(close(y[6], 0.3) && close(y[7], 0.0) && close(y[8], 0.25) && close(y[9], 0.6), "{y:?}");
    }

    #[test]
    fn a_state_without_sections_starts_from_zero_with_a_warning() {
        let mut stage = make::<FilterBank>(&bank());
        run(&mut stage, &noise(20), 2);
        let mut state = stage.save().unwrap();
        state["filterStates"][1][2] = json!({ "inputHistory": [1, 2, 3, 4], "outputHistory": [1, 2, 3, 4] });
        let mut loaded = make::<FilterBank>(&bank());
        loaded.load(&state).unwrap();
        assert!(loaded.take_warning().unwrap().contains("design: \"dspx\""));
        assert_eq!(loaded.take_warning(), None);
    }

    #[test]
    fn errors() {
        let with = |definition: Json| json!({ "inputChannels": 1, "definitions": [definition] });
        for (params, text) in [
            (json!({ "definitions": [] }), "definitions must be a non-empty array"),
            (json!({ "definitions": [{}], "inputChannels": 0 }), "inputChannels must be a positive integer"),
            (json!({ "definitions": [{}], "inputChannels": 1e9 }), "at most"),
            (with(json!({ "b": 3, "a": [0] })), "definition[0].b must be a non-empty array"),
            (with(json!({ "b": [1], "a": [] })), "definition[0].a must be a non-empty array"),
            (with(json!({ "b": ["x"], "a": [0] })), "must hold finite numbers"),
            (with(json!({ "sos": [] })), "definition[0].sos"),
            (with(json!({ "sos": [[1, 0, 0, 0, 0, 0]] })), "definition[0].sos"),
            (with(json!({ "sos": [[1, 0, 0, 1, 0, 0]], "b": [2], "a": [0] })), "definition[0].sos"),
        ] {
            let error = try_make::<FilterBank>(&params).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }
}
