//! `FilterBank`: every input channel filtered by every band; C channels and M bands give C·M channels.
//!
//! Output channel `c·M + m` is input channel c filtered by band m. A band with `sos` runs as a cascade of these
//! sections, one without as one direct-form section of any order. The coefficients are always the stage's own.

use serde_json::Value as Json;

use crate::design::options::BankBand;
use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::reshape::Reshape;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::limits::MAX_CHANNELS;
use crate::params::value::Value;
use crate::params::{FromValue, ToValue};
use crate::signal::filter::design::zpk::{Row, polynomials};
use crate::signal::filter::run::iir::{Iir, SectionState};
use crate::stages::filter::histories::{from_ring, walk_section, walk_section_rings};
use crate::state::archive::Archive;
use crate::state::json;

/// Largest order of a band.
const MAX_ORDER: usize = 4096;
/// Keys of the histories of a section.
const HISTORY: [&str; 2] = ["inputHistory", "outputHistory"];

/// Definitions of bands, at least one: objects with `b` and `a`, `sos`, or both. `FilterBank::new` reads their
/// contents.
#[derive(Debug, Clone, PartialEq)]
pub struct Definitions(Vec<Value>);

impl From<&[BankBand]> for Definitions {
    fn from(bands: &[BankBand]) -> Self {
        let rows = |rows: &Vec<Row>| Value::Array(rows.iter().map(|row| row.to_vec().to_value()).collect());
        let definition = |band: &BankBand| {
            let mut entries = vec![("b".to_owned(), band.b.to_value()), ("a".to_owned(), band.a.to_value())];
            entries.extend(band.sos.as_ref().map(|sos| ("sos".to_owned(), rows(sos))));
            Value::Object(entries)
        };
        Self(bands.iter().map(definition).collect())
    }
}

impl FromValue for Definitions {
    fn from_value(value: &Value, _: &'static [&'static str]) -> Option<Self> {
        value.as_array().filter(|list| !list.is_empty()).map(|list| Self(list.to_vec()))
    }
}

impl ToValue for Definitions {
    fn to_value(&self) -> Value {
        Value::Array(self.0.clone())
    }
}

crate::params! {
    /// Parameters of `FilterBank`.
    pub struct FilterBankParams {
        /// The bands, as `FilterBankDesign` makes them.
        pub definitions: Definitions = value("FilterDefinition[]").rule("a non-empty array"),
        /// Number of input channels.
        pub input_channels: usize = integer().at_least(1.0).range_error(),
    }
}

/// The stage: bands with their own coefficients, each with one history per input channel.
#[derive(Debug, Clone)]
pub struct FilterBank {
    inputs: usize,
    bands: Vec<Iir>,
    /// Whether the last loaded state had histories that could not be used.
    is_foreign: bool,
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
        divided
            .iter()
            .all(|x| x.is_finite())
            .then_some([divided[0], divided[1], divided[2], 1.0, divided[4], divided[5]])
    };
    rows.iter().map(|r| row(r).ok_or_else(rule)).collect()
}

/// Checks that `given` is the polynomial of the rows, up to zeros at its end.
///
/// # Errors
/// If it is another one.
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
            return Err(Error::failed(format!(
                "FilterBank: Channel count mismatch: {inputs} in the state, {ours} here"
            )));
        }
        if bands != self.bands.len() {
            let ours = self.bands.len();
            return Err(Error::failed(format!("FilterBank: Band count mismatch: {bands} in the state, {ours} here")));
        }
        Ok(())
    }

    /// Returns the histories of a band without input: a state without sections for a band with sections comes from a
    /// bank of the original's design and cannot be continued.
    fn start_from_zero(&mut self, band: usize) -> Vec<SectionState> {
        self.is_foreign = true;
        self.bands[band].empty_state()
    }
}

const FOREIGN: &str = "FilterBank: the state is that of a bank without second-order sections and was not used; \
                       to continue it, make the definitions with design: \"dspx\"";

impl Define for FilterBank {
    type Params = FilterBankParams;
    const TYPES: &'static [&'static str] = &["filterBank"];
    const METHOD: &'static str = "FilterBank";
    const DOC: &'static str = "Every input channel through every band; all bands of the first channel come out first.\n\
        @throws TypeError, Error if a definition cannot be used";

    fn new(params: &FilterBankParams) -> Result<Self> {
        let (definitions, inputs) = (&params.definitions.0, params.input_channels);
        let outputs = inputs.saturating_mul(definitions.len());
        if outputs > MAX_CHANNELS {
            return Err(Error::range(format!(
                "FilterBank: inputChannels times bands must be at most {MAX_CHANNELS}, got {outputs}"
            )));
        }
        let mut bands = definitions.iter().enumerate().map(|(i, d)| band(i, d)).collect::<Result<Vec<_>>>()?;
        bands.iter_mut().try_for_each(|band| band.set_channels(inputs))?;
        Ok(Self { inputs, bands, is_foreign: false })
    }

    fn label(&self, _: &FilterBankParams) -> String {
        let (m, c) = (self.bands.len(), self.inputs);
        format!("filterBank:{m}bands×{c}ch={}ch", c * m)
    }

    fn from_state(_: &str, _: &Json, _: Design) -> Result<Self> {
        Err(Error::failed("its state holds no definitions, so the pipeline must have the stage before it loads"))
    }

    fn examples() -> Vec<Value> {
        let direct = BankBand { b: vec![0.5, 0.1, 0.0, 0.2], a: vec![-0.3, 0.1, 0.05], sos: None };
        let fir = BankBand { b: vec![0.25, 0.5, 0.25], a: vec![0.0], sos: None };
        let rows = [[0.1, 0.2, 0.1, 1.0, -0.5, 0.2], [1.0, 0.0, -1.0, 2.0, 0.0, 0.5], [1.0, 0.0, 0.0, 1.0, 0.1, 0.0]];
        let rows = Value::Array(rows.map(|row| row.to_vec().to_value()).to_vec());
        let mut definitions = Definitions::from(&[direct, fir][..]);
        definitions.0.push(Value::Object(vec![("sos".into(), rows)]));
        let bank = |inputs: usize| FilterBankParams { definitions: definitions.clone(), input_channels: inputs };
        [1, 3].map(|inputs| crate::params::Parameters::to_value(&bank(inputs))).to_vec()
    }

    fn traits(params: &FilterBankParams) -> Traits {
        // The examples have no other counts.
        let channels: &'static [usize] = if params.input_channels == 1 { &[1] } else { &[3] };
        Traits { channels, independent: false, rebuilds: false, ..Traits::STREAM }
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

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.constant("type", "filterBank");
        let inputs = archive.count("numInputChannels", self.inputs)?;
        let bands = archive.count("numBands", self.bands.len())?;
        self.check_counts(inputs, bands)?;
        match archive.json_in() {
            Some(state) => return self.read_histories(state),
            None if archive.is_json() => archive.constant("filterStates", self.histories()?),
            None => {
                for (channel, band) in self.filters() {
                    self.toon_history(band, channel, archive)?;
                }
            }
        }
        Ok(())
    }

    fn take_warning(&mut self) -> Option<String> {
        std::mem::take(&mut self.is_foreign).then(|| FOREIGN.to_owned())
    }

    fn takes_incomplete_frames(&self) -> bool {
        true
    }

    /// Returns the latency at a frequency for the band that passes most of it; without a frequency that of the slowest
    /// band.
    fn latency(&self, frequency: Option<f64>) -> f64 {
        let best = |nu: f64| {
            let power = |band: &&Iir| band.power(nu);
            self.bands.iter().max_by(|x, y| power(x).total_cmp(&power(y))).map(|band| band.latency(frequency))
        };
        let latest = || self.bands.iter().map(|band| band.latency(None)).max_by(f64::total_cmp);
        frequency.map_or_else(latest, best).unwrap_or(0.0)
    }

    fn cost_hint(&self) -> f64 {
        3.0 * self.bands.len() as f64
    }
}

/// Histories: in JSON a list of channels of lists of bands. A cascade has sections, a direct form the rings of the
/// original.
impl FilterBank {
    /// Returns channel and band of every filter, in the order of the state.
    fn filters(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let bands = self.bands.len();
        (0..self.inputs).flat_map(move |channel| (0..bands).map(move |band| (channel, band)))
    }

    fn is_cascade(&self, band: usize) -> bool {
        self.bands[band].sos().is_some()
    }

    fn histories(&mut self) -> Result<Json> {
        let mut channels = vec![vec![]; self.inputs];
        for (channel, band) in self.filters() {
            let mut archive = Archive::json_writer();
            self.json_history(band, channel, &mut archive)?;
            channels[channel].push(archive.into_json());
        }
        Ok(channels.into())
    }

    fn read_histories(&mut self, state: &Json) -> Result<()> {
        let size = || {
            Error::failed("FilterBank: size mismatch of 'filterStates', which must be an array of channels of bands")
        };
        let channels = json::list(state, "filterStates")?;
        let is_of_bands = |channel: &Json| channel.as_array().is_some_and(|bands| bands.len() == self.bands.len());
        if channels.len() != self.inputs || !channels.iter().all(is_of_bands) {
            return Err(size());
        }
        self.filters().try_for_each(|(channel, band)| {
            self.json_history(band, channel, &mut Archive::json_reader(&channels[channel][band]))
        })
    }

    fn json_history(&mut self, band: usize, channel: usize, archive: &mut Archive<'_>) -> Result<()> {
        let mut sections = self.bands[band].state(channel);
        let is_cascade = self.is_cascade(band);
        if archive.optional("sections", is_cascade) {
            archive.items("sections", &mut sections, SectionState::default, |s, archive| {
                walk_section(s, archive, HISTORY)
            })?;
        } else if is_cascade {
            walk_section(&mut SectionState::default(), archive, HISTORY)?;
            sections = self.start_from_zero(band);
        } else {
            walk_section_rings(&mut sections[0], archive, HISTORY)?;
        }
        self.bands[band].set_state(channel, &sections)
    }

    /// Walks a history in TOON, where the count of sections is negative, to distinguish it from the number of inputs in
    /// a state of the original.
    fn toon_history(&mut self, band: usize, channel: usize, archive: &mut Archive<'_>) -> Result<()> {
        let mut sections = self.bands[band].state(channel);
        if let Some(out) = archive.tokens_out() {
            out.negative_int(sections.len())?;
        }
        if let Some(input) = archive.tokens_in() {
            let first = input.int()?;
            if let Ok(inputs) = usize::try_from(first) {
                return self.read_single(band, channel, inputs, archive);
            }
            let (count, ours) = (first.unsigned_abs() as usize, sections.len());
            if count != ours {
                return Err(Error::failed(format!("FilterBank: size mismatch: {count} sections instead of {ours}")));
            }
        }
        let is_cascade = self.is_cascade(band);
        for section in &mut sections {
            if is_cascade {
                walk_section(section, archive, HISTORY)
            } else {
                walk_section_rings(section, archive, HISTORY)
            }?;
        }
        self.bands[band].set_state(channel, &sections)
    }

    /// Reads the histories of the original's TOON: rings in single precision, of which the first has `inputs` numbers.
    fn read_single(&mut self, band: usize, channel: usize, inputs: usize, archive: &mut Archive<'_>) -> Result<()> {
        let Some(input) = archive.tokens_in() else { return Ok(()) };
        let x = (0..inputs).map(|_| input.f32().map(f64::from)).collect::<Result<Vec<_>>>()?;
        let outputs = input.item_count()?;
        let y = (0..outputs).map(|_| input.f32().map(f64::from)).collect::<Result<Vec<_>>>()?;
        let sections = if self.is_cascade(band) {
            self.start_from_zero(band)
        } else {
            let [x_name, y_name] = HISTORY;
            let iir = &self.bands[band];
            let (x, y) = (from_ring(&x, iir.b().len() - 1, x_name)?, from_ring(&y, iir.a().len(), y_name)?);
            vec![SectionState { x, y }]
        };
        self.bands[band].set_state(channel, &sections)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, noise, run, try_make};
    use serde_json::json;

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
