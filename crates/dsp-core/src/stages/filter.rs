//! `filter`: FIR, Butterworth, Chebyshev, Bessel and cookbook filters by their options.
//!
//! FIR: `y[n] = Σ h[k]·x[n−k]`. The others run as a cascade of second-order sections in f64. State is per channel and
//! carries its own coefficients. Latency: (taps − 1)/2 samples for an FIR filter, the group delay for the others.

use serde_json::{Value as Json, json};

use crate::block::Block;
use crate::design::options::{self, Design};
use crate::design::zpk::Row;
use crate::error::{Error, Result};
use crate::filter::convolver::Method;
use crate::filter::fir::Fir;
use crate::filter::iir::{Iir, SectionState, same_bits};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, Value};

#[derive(Debug, Clone)]
enum Kind {
    Fir(Fir),
    Iir(Iir),
}

impl Kind {
    /// Whether both run with the same coefficients, bit by bit.
    fn has_coefficients_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Fir(ours), Self::Fir(theirs)) => same_bits(ours.taps(), theirs.taps()),
            (Self::Iir(ours), Self::Iir(theirs)) => ours.has_coefficients_of(theirs),
            _ => false,
        }
    }
}

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Filter {
    kind: Kind,
    design: Design,
    /// `false`: every call starts from zero histories.
    stateful: bool,
    /// 0 until the first samples.
    channels: usize,
}

const TYPES: [&str; 6] = ["fir", "iir", "butterworth", "chebyshev", "bessel", "biquad"];
const MODES: &str = "'lowpass', 'highpass', 'bandpass', 'bandstop', 'notch', 'peak', 'lowshelf', 'highshelf', 'allpass'";

/// JavaScript's idea of a missing option: absent, `null`, 0, NaN, empty text, `false`.
fn is_missing(value: &Value) -> bool {
    match value {
        Value::Undefined | Value::Null | Value::Bool(false) => true,
        Value::Number(x) => *x == 0.0 || x.is_nan(),
        Value::String(s) => s.is_empty(),
        _ => false,
    }
}

fn failed<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::failed(message))
}

/// What `filter` was asked for.
struct Request<'a> {
    options: &'a Value,
    kind: String,
    mode: String,
    design: Design,
}

impl Request<'_> {
    fn build(&self) -> Result<Kind> {
        let dspx = self.design == Design::Dspx;
        match self.kind.as_str() {
            "fir" => self.fir(),
            "iir" => {
                let order = self.options.get("order").as_number().unwrap_or(f64::NAN);
                if order.is_nan() || order < 1.0 {
                    return failed("IIR filter requires order >= 1");
                }
                if dspx && order < 2.0 {
                    return self.first_order();
                }
                if dspx && matches!(self.mode.as_str(), "bandstop" | "notch") {
                    return failed("IIR bandstop/notch filters are not implemented in design 'dspx'");
                }
                self.classic("Butterworth", "IIR")
            }
            "butterworth" => self.classic("Butterworth", "Butterworth"),
            "chebyshev" => self.classic("Chebyshev", "Chebyshev"),
            "bessel" if !dspx => self.classic("Bessel", "Bessel"),
            "biquad" if dspx => self.dspx_biquad(),
            "biquad" => self.biquad(),
            _ => failed(format!(
                "Filter type not supported. Valid types: 'fir', 'iir', 'butterworth', 'chebyshev',{} 'biquad'",
                if dspx { "" } else { " 'bessel'," }
            )),
        }
    }

    fn unsupported<T>(&self, name: &str) -> Result<T> {
        failed(format!("Unsupported {name} filter mode: {}", self.mode))
    }

    fn has(&self, key: &str) -> bool {
        !is_missing(self.options.get(key))
    }

    fn has_edges(&self) -> bool {
        self.has("lowCutoffFrequency") && self.has("highCutoffFrequency")
    }

    fn need_cutoff(&self) -> Result<()> {
        if self.has("cutoffFrequency") {
            return Ok(());
        }
        failed(format!("cutoffFrequency required for {} filter", self.mode))
    }

    fn need_edges(&self, name: &str) -> Result<()> {
        if self.has_edges() {
            return Ok(());
        }
        failed(format!("lowCutoffFrequency and highCutoffFrequency required for {name} filter"))
    }

    /// The band that the mode names, for the types that have just the four; its frequencies are there.
    fn band(&self, name: &str) -> Result<&'static str> {
        let (band, edges) = match self.mode.as_str() {
            "lowpass" => ("LowPass", false),
            "highpass" => ("HighPass", false),
            "bandpass" => ("BandPass", true),
            "bandstop" | "notch" => ("BandStop", true),
            _ => return self.unsupported(name),
        };
        if edges {
            self.need_edges(if band == "BandPass" { "bandpass" } else { "bandstop" })?;
        } else {
            self.need_cutoff()?;
        }
        Ok(band)
    }

    fn fir(&self) -> Result<Kind> {
        let band = self.band("FIR")?;
        let designed = options::fir(band, &self.renamed(&[]), self.design)?;
        Ok(Kind::Fir(Fir::new(designed.filter, Method::Auto)))
    }

    fn iir(&self, method: &str, renamed: &[(&'static str, &str)]) -> Result<Kind> {
        Ok(Kind::Iir(Iir::new(&options::iir(method, &self.renamed(renamed), self.design)?.filter)))
    }

    fn classic(&self, family: &str, name: &str) -> Result<Kind> {
        if self.design == Design::Dspx && matches!(self.mode.as_str(), "bandstop" | "notch") {
            return self.unsupported(name);
        }
        let band = self.band(name)?;
        self.iir(&format!("{family}{band}"), &[("rippleDb", "ripple")])
    }

    fn first_order(&self) -> Result<Kind> {
        let band = match self.mode.as_str() {
            "lowpass" => "LowPass",
            "highpass" => "HighPass",
            _ => {
                return failed(
                    "First-order IIR filter only supports lowpass and highpass modes. \
                     For bandpass, use order > 1 or a different filter type",
                );
            }
        };
        self.need_cutoff()?;
        self.iir(&format!("FirstOrder{band}"), &[])
    }

    fn biquad(&self) -> Result<Kind> {
        let (method, by_edges) = match self.mode.as_str() {
            "lowpass" => ("BiquadLowPass", false),
            "highpass" => ("BiquadHighPass", false),
            "bandpass" => ("BiquadBandPass", true),
            "bandstop" | "notch" => ("Notch", true),
            "allpass" => ("AllPass", false),
            "peak" | "peaking" => ("PeakingEQ", false),
            "lowshelf" => ("LowShelf", false),
            "highshelf" => ("HighShelf", false),
            _ => return self.unsupported("Biquad"),
        };
        if by_edges && self.has_edges() {
            return self.iir(method, &[]);
        }
        self.need_cutoff()?;
        let mut options = self.renamed(&[("centerFrequency", "cutoffFrequency"), ("Q", "q"), ("gainDb", "gain")]);
        if let Value::Object(entries) = &mut options {
            entries.retain(|(key, _)| key != "lowCutoffFrequency" && key != "highCutoffFrequency");
            for (key, default) in [("Q", crate::design::biquad::DEFAULT_Q), ("gainDb", 0.0)] {
                let absent = |(k, v): &(String, Value)| k == key && v.is_undefined();
                entries.iter_mut().filter(|e| absent(e)).for_each(|(_, v)| *v = Value::Number(default));
            }
        }
        Ok(Kind::Iir(Iir::new(&options::iir(method, &options, Design::Standard)?.filter)))
    }

    fn dspx_biquad(&self) -> Result<Kind> {
        let method = match self.mode.as_str() {
            "lowpass" => "ButterworthLowPass",
            "highpass" => "ButterworthHighPass",
            "bandpass" | "bandstop" | "notch" => {
                return failed(format!("Biquad {} filters are not implemented in design 'dspx'", self.mode));
            }
            "peak" | "peaking" => "PeakingEQ",
            "lowshelf" => "LowShelf",
            "highshelf" => "HighShelf",
            _ => return self.unsupported("Biquad"),
        };
        self.need_cutoff()?;
        let number = |key: &str, default: f64| match self.options.get(key) {
            Value::Undefined => Value::Number(default),
            value => value.clone(),
        };
        let options = Value::Object(vec![
            ("sampleRate".into(), self.options.get("sampleRate").clone()),
            ("cutoffFrequency".into(), self.options.get("cutoffFrequency").clone()),
            ("centerFrequency".into(), self.options.get("cutoffFrequency").clone()),
            ("order".into(), Value::Number(2.0)),
            ("Q".into(), number("q", crate::design::dspx::DEFAULT_Q)),
            ("gainDb".into(), number("gain", 0.0)),
        ]);
        Ok(Kind::Iir(Iir::new(&options::iir(method, &options, Design::Dspx)?.filter)))
    }

    /// The options under the names that the class methods have: `(theirs, ours)`.
    fn renamed(&self, names: &[(&'static str, &str)]) -> Value {
        let Value::Object(entries) = self.options else { return Value::Undefined };
        let kept = entries.iter().filter(|(key, _)| key != "design" && !names.iter().any(|(theirs, _)| theirs == key));
        let mut all: Vec<_> = kept.cloned().collect();
        all.extend(names.iter().map(|(theirs, ours)| (theirs.to_string(), self.options.get(ours).clone())));
        Value::Object(all)
    }
}

impl Filter {
    fn is_fir(&self) -> bool {
        matches!(self.kind, Kind::Fir(_))
    }

    fn set_channels(&mut self, count: usize) -> Result<()> {
        match &mut self.kind {
            Kind::Fir(fir) => fir.set_channels(count)?,
            Kind::Iir(iir) => iir.set_channels(count),
        }
        self.channels = count;
        Ok(())
    }

    /// A copy of the filter with no channels.
    fn emptied(&self) -> Result<Kind> {
        let mut kind = self.kind.clone();
        match &mut kind {
            Kind::Fir(fir) => fir.set_channels(0)?,
            Kind::Iir(iir) => iir.set_channels(0),
        }
        Ok(kind)
    }

    /// The filter that a state stands for: its own coefficients, unless this is of the original's design.
    fn kind_of(&self, b: Vec<f64>, a: Vec<f64>, sos: Option<Vec<Row>>) -> Result<Kind> {
        let finite = |list: &[f64]| list.iter().all(|c| c.is_finite());
        let rows = sos.as_deref().unwrap_or_default();
        if b.is_empty() || !finite(&b) || !finite(&a) || !rows.iter().all(|row| finite(row)) {
            return failed("the state's coefficients have the wrong size or are not finite");
        }
        let most = if self.is_fir() { options::MAX_TAPS } else { MAX_DIRECT_ORDER };
        if b.len().max(a.len()) > most {
            return failed("the state's coefficients have the wrong size: there are too many");
        }
        let kind = match sos {
            _ if self.is_fir() => Kind::Fir(Fir::new(b, Method::Auto)),
            Some(rows) => Kind::Iir(Iir::from_rows(rows)),
            None => Kind::Iir(Iir::direct(b, a)),
        };
        // Coefficients that are ours already are shared: a stream has a copy of this stage for every key.
        if self.kind.has_coefficients_of(&kind) { self.emptied() } else { Ok(kind) }
    }

    /// In the original's design the stage keeps its coefficients, and the state must be of their size.
    fn check_own_size(&self, b: usize, a: usize, has_sos: bool) -> Result<()> {
        let (ours_b, ours_a) = match &self.kind {
            Kind::Fir(fir) => (fir.taps().len(), a),
            Kind::Iir(iir) => (iir.b().len(), iir.a().len()),
        };
        if has_sos || (b, a) != (ours_b, ours_a) {
            return failed(format!(
                "coefficient size mismatch: the stage has {ours_b} and {ours_a}, the state {b} and {a} or sections"
            ));
        }
        Ok(())
    }

    /// A copy of the filter with the coefficients to go on with and no channels.
    fn prepared(&self, b: Vec<f64>, a: Vec<f64>, sos: Option<Vec<Row>>) -> Result<Kind> {
        if self.design == Design::Standard {
            return self.kind_of(b, a, sos);
        }
        self.check_own_size(b.len(), a.len(), sos.is_some())?;
        self.emptied()
    }
}

/// Highest order of a direct form that a state may bring.
const MAX_DIRECT_ORDER: usize = 4096;

fn ring_length(used: usize) -> usize {
    used.max(1).next_power_of_two()
}

/// The ring of the original with its newest sample in slot 0: the one before is in the last slot.
pub(super) fn to_ring(newest_first: &[f64]) -> Vec<f64> {
    let length = ring_length(newest_first.len());
    let mut ring = vec![0.0; length];
    newest_first.iter().enumerate().for_each(|(back, x)| ring[(length - back) % length] = *x);
    ring
}

/// The counterpart of [`to_ring`] for `used` samples.
pub(super) fn from_ring(ring: &[f64], used: usize, name: &str) -> Result<Vec<f64>> {
    if ring.len() != ring_length(used) {
        return Err(Error::failed(format!("{name} size mismatch: {} numbers for {used} coefficients", ring.len())));
    }
    Ok((0..used).map(|back| ring[(ring.len() - back) % ring.len()]).collect())
}

/// Rows from a JSON list of lists.
fn rows_from(state: &Json) -> Result<Option<Vec<Row>>> {
    if state.get("sos").is_none() {
        return Ok(None);
    }
    let row = |row: &Json| {
        let numbers: Option<Vec<f64>> = row.as_array().and_then(|r| r.iter().map(json::as_num).collect());
        let row: Option<Row> = numbers.and_then(|r| r.try_into().ok());
        row.filter(|r| r[3] == 1.0).ok_or_else(|| Error::failed("'sos' rows must be six numbers with a0 = 1"))
    };
    let rows: Vec<Row> = json::list(state, "sos")?.iter().map(row).collect::<Result<_>>()?;
    if rows.is_empty() || rows.len() > MAX_DIRECT_ORDER {
        return failed("'sos' has the wrong size");
    }
    Ok(Some(rows))
}

impl Define for Filter {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["filter:fir", "filter:iir"];
    const METHOD: &'static str = "filter";
    const TYPESCRIPT: &'static str = include_str!("filter.d.ts");

    fn new(params: &Params) -> Result<Self> {
        let options = params.value();
        if options.is_nullish() {
            return Err(Error::type_error("filter: options must be an object"));
        }
        let text = |key: &str| Some(params.get(key)).filter(|v| !is_missing(v)).map(|v| v.to_string());
        let Some(kind) = text("type") else {
            return failed("Filter 'type' is required. Valid types: 'fir', 'iir', 'butterworth', 'chebyshev', 'bessel', 'biquad'");
        };
        let Some(mode) = text("mode") else {
            return failed(format!("Filter 'mode' is required. Valid modes: {MODES}"));
        };
        let design = Design::from_value(params.get("design"), Design::Standard)?;
        let refused_anyway = kind == "bessel" && design == Design::Dspx;
        if TYPES.contains(&kind.as_str()) && is_missing(params.get("sampleRate")) && !refused_anyway {
            return failed(format!(
                "Filter type '{kind}' requires 'sampleRate' parameter. Example: {{ type: 'fir', mode: 'lowpass', \
                 cutoffFrequency: 1000, sampleRate: 8000, order: 51, windowType: 'hamming' }}"
            ));
        }
        let request = Request { options, kind, mode, design };
        let built = request.build().map_err(|cause| {
            Error::failed(format!(
                "Failed to create {} filter (mode: {}): {cause}. Check that all required parameters are provided \
                 (sampleRate, cutoffFrequency/frequencies, order, etc.)",
                request.kind, request.mode
            ))
        })?;
        let stateful = design == Design::Dspx || *params.get("stateful") != Value::Bool(false);
        Ok(Self { kind: built, design, stateful, channels: 0 })
    }

    fn label(&self, params: &Params) -> String {
        format!("filter:{}:{}", params.get("type"), params.get("mode"))
    }

    fn type_name(&self) -> &'static str {
        Self::TYPES[usize::from(!self.is_fir())]
    }

    fn from_state(_: &str, state: &Json) -> Result<Self> {
        let is_fir = json::numbers(state, "aCoeffs")? == [1.0];
        let kind = if is_fir { Kind::Fir(Fir::new(vec![1.0], Method::Auto)) } else { Kind::Iir(Iir::direct(vec![1.0], vec![])) };
        let stateful = state.get("stateful") != Some(&Json::Bool(false));
        Ok(Self { kind, design: Design::Standard, stateful, channels: 0 })
    }
}

impl Stage for Filter {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let channels = block.channels();
        if self.channels > 0 && channels != self.channels {
            return failed(format!("filter: channel count changed from {} to {channels}", self.channels));
        }
        if block.is_empty() {
            return Ok(());
        }
        if self.channels == 0 {
            self.set_channels(channels)?;
        }
        if !self.stateful {
            self.reset();
        }
        match &mut self.kind {
            Kind::Fir(fir) => block.with_scratch(|block, scratch| {
                block.each_channel(|channel, samples| fir.process(channel, samples, scratch));
            }),
            Kind::Iir(iir) => iir.process_block(block),
        }
        Ok(())
    }

    fn reset(&mut self) {
        match &mut self.kind {
            Kind::Fir(fir) => fir.clear(),
            Kind::Iir(iir) => iir.clear(),
        }
    }

    fn set_design(&mut self, design: Design) {
        self.design = design;
    }

    fn save(&mut self) -> Result<Json> {
        let mut state = match &self.kind {
            Kind::Fir(fir) => json!({
                "filterType": "fir",
                "bCoeffs": json::nums(fir.taps().iter().copied()),
                "aCoeffs": [1],
                "channels": fir.save_channels(),
            }),
            Kind::Iir(iir) => {
                let channels: Vec<Json> = (0..iir.channels()).map(|c| save_channel(iir, c)).collect();
                let mut state = json!({
                    "filterType": "iir",
                    "bCoeffs": json::nums(iir.b().iter().copied()),
                    "aCoeffs": json::nums(iir.a().iter().copied()),
                    "channels": channels,
                });
                if let Some(rows) = iir.sos() {
                    state["sos"] = rows.iter().map(|row| json::nums(row.iter().copied())).collect();
                }
                state
            }
        };
        state["numChannels"] = self.channels.into();
        if !self.stateful {
            state["stateful"] = false.into();
        }
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        let (b, a) = (json::numbers(state, "bCoeffs")?, json::numbers(state, "aCoeffs")?);
        let mut kind = self.prepared(b, a, rows_from(state)?)?;
        let channels = json::list(state, "channels")?;
        match &mut kind {
            Kind::Fir(fir) => fir.load_channels(channels)?,
            Kind::Iir(iir) => {
                for channel in channels {
                    load_channel(iir, channel)?;
                }
            }
        }
        self.kind = kind;
        let count = if channels.is_empty() { self.channels } else { channels.len() };
        self.set_channels(count)
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        match &self.kind {
            Kind::Fir(fir) => {
                out.str("fir");
                write_f64s(out, fir.taps())?;
                write_f64s(out, &[1.0])?;
                out.int(self.channels)?;
                for (slots, index) in fir.rings() {
                    out.f32s(slots.into_iter());
                    out.int(index)?;
                }
            }
            Kind::Iir(iir) => {
                out.str("iir64");
                let sections: Vec<(&[f64], &[f64])> = match iir.sos() {
                    Some(rows) => rows.iter().map(|row| (&row[..3], &row[4..])).collect(),
                    None => vec![(iir.b(), iir.a())],
                };
                out.int(sections.len())?;
                for (b, a) in sections {
                    write_f64s(out, b)?;
                    write_f64s(out, a)?;
                }
                out.int(self.channels)?;
                for channel in 0..self.channels {
                    for section in iir.state(channel) {
                        write_f64s(out, &section.x)?;
                        write_f64s(out, &section.y)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let name = input.str()?;
        let is_fir = match name {
            "fir" => true,
            "iir" | "iir64" => false,
            other => return failed(format!("filter type mismatch: {other} is no filter type")),
        };
        if is_fir != self.is_fir() {
            return failed("filter type mismatch between stage and state");
        }
        let (kind, channels) = if name == "iir64" { self.read_sections(input)? } else { self.read_original(input)? };
        self.kind = kind;
        let count = if channels == 0 { self.channels } else { channels };
        self.set_channels(count)
    }

    fn takes_incomplete_frames(&self) -> bool {
        true
    }

    fn cost_hint(&self) -> f64 {
        match &self.kind {
            Kind::Fir(fir) => (fir.taps().len() as f64 * 0.05).clamp(0.5, 10.0),
            Kind::Iir(_) => 3.0,
        }
    }
}

impl Filter {
    fn read_sections(&self, input: &mut toon::Reader<'_>) -> Result<(Kind, usize)> {
        let sections = input.item_count()?;
        if sections == 0 {
            return failed("a filter of no sections: the size of the state is wrong");
        }
        let mut parts = Vec::new();
        for _ in 0..sections {
            parts.push((read_f64s(input)?, read_f64s(input)?));
        }
        let mut kind = match &parts[..] {
            [(b, a)] => self.prepared(b.clone(), a.clone(), None)?,
            _ => self.prepared(vec![1.0], vec![], Some(parts.iter().map(to_row).collect::<Result<_>>()?))?,
        };
        let channels = input.item_count()?;
        let Kind::Iir(iir) = &mut kind else { return failed("filter type mismatch between stage and state") };
        for _ in 0..channels {
            let mut states = Vec::new();
            for _ in 0..sections {
                states.push(SectionState { x: read_f64s(input)?, y: read_f64s(input)? });
            }
            iir.push_channel(&states)?;
        }
        Ok((kind, channels))
    }

    fn read_original(&self, input: &mut toon::Reader<'_>) -> Result<(Kind, usize)> {
        let (b, a) = (read_f64s(input)?, read_f64s(input)?);
        let (used_x, used_y) = (b.len().saturating_sub(1), a.len());
        let mut kind = self.prepared(b, a, None)?;
        let channels = input.item_count()?;
        match &mut kind {
            Kind::Fir(fir) => {
                let mut rings = Vec::new();
                for _ in 0..channels {
                    rings.push((input.f32s()?, input.count()?));
                }
                fir.set_rings(&rings)?;
            }
            Kind::Iir(iir) => {
                for _ in 0..channels {
                    let mut ring = || Ok::<_, Error>(input.f32s()?.into_iter().map(f64::from).collect::<Vec<f64>>());
                    let (x, y) = (from_ring(&ring()?, used_x, "xState")?, from_ring(&ring()?, used_y, "yState")?);
                    iir.push_channel(&[SectionState { x, y }])?;
                }
            }
        }
        Ok((kind, channels))
    }
}

fn to_row((b, a): &(Vec<f64>, Vec<f64>)) -> Result<Row> {
    match (&b[..], &a[..]) {
        (&[b0, b1, b2], &[a1, a2]) => Ok([b0, b1, b2, 1.0, a1, a2]),
        _ => failed("section size mismatch: a cascade has three b's and two a's in each"),
    }
}

fn save_channel(iir: &Iir, channel: usize) -> Json {
    let sections = iir.state(channel);
    if iir.sos().is_none() {
        let SectionState { x, y } = &sections[0];
        return json!({ "xState": json::nums(to_ring(x)), "yState": json::nums(to_ring(y)) });
    }
    let section = |s: SectionState| json!({ "xState": json::nums(s.x), "yState": json::nums(s.y) });
    json!({ "sections": sections.into_iter().map(section).collect::<Vec<_>>() })
}

fn load_channel(iir: &mut Iir, state: &Json) -> Result<()> {
    let sections = if iir.sos().is_none() {
        let x = from_ring(&json::numbers(state, "xState")?, iir.b().len() - 1, "xState")?;
        let y = from_ring(&json::numbers(state, "yState")?, iir.a().len(), "yState")?;
        vec![SectionState { x, y }]
    } else {
        let section =
            |s: &Json| Ok(SectionState { x: json::numbers(s, "xState")?, y: json::numbers(s, "yState")? });
        let wrong = || Error::failed("history size mismatch: 'sections' must be an array with one entry per row of 'sos'");
        let sections = state.get("sections").and_then(Json::as_array).ok_or_else(wrong)?;
        sections.iter().map(section).collect::<Result<_>>()?
    };
    iir.push_channel(&sections)
}

/// i32 count, then that many f64 tokens.
pub(super) fn write_f64s(out: &mut toon::Writer, values: &[f64]) -> Result<()> {
    out.int(values.len())?;
    values.iter().for_each(|x| out.f64(*x));
    Ok(())
}

/// The counterpart of [`write_f64s`].
pub(super) fn read_f64s(input: &mut toon::Reader<'_>) -> Result<Vec<f64>> {
    (0..input.item_count()?).map(|_| input.f64()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, noise, run, try_make};

    fn butterworth() -> Json {
        json!({ "type": "butterworth", "mode": "lowpass", "cutoffFrequency": 100, "sampleRate": 1000, "order": 4 })
    }

    #[test]
    fn a_slow_low_pass_settles_at_one() {
        let options = json!({ "type": "butterworth", "mode": "lowpass", "cutoffFrequency": 0.01, "sampleRate": 1000, "order": 4 });
        let y = run(&mut make::<Filter>(&options), &vec![1.0; 500_000], 1);
        // Contract: figures to six digits, then 1 within 1e-6.
        assert!((y[30_000 - 1] - 0.180628).abs() < 2e-6, "{}", y[30_000 - 1]);
        assert!((y[100_000 - 1] - 1.08644).abs() < 2e-6, "{}", y[100_000 - 1]);
        assert!((y[499_999] - 1.0).abs() < 1e-6, "{}", y[499_999]);
    }

    #[test]
    fn a_state_brings_its_coefficients() {
        let mut saved = make::<Filter>(&butterworth());
        run(&mut saved, &noise(30), 1);
        let other = json!({ "type": "iir", "mode": "highpass", "cutoffFrequency": 30, "sampleRate": 1000, "order": 1 });
        let mut loaded = make::<Filter>(&other);
        loaded.load(&saved.save().unwrap()).unwrap();
        assert_eq!(run(&mut loaded, &noise(50), 1), run(&mut saved, &noise(50), 1));
    }

    #[test]
    fn a_changed_channel_count_is_an_error_also_when_cleared() {
        let mut stage = make::<Filter>(&butterworth());
        run(&mut stage, &noise(10), 2);
        stage.reset();
        let (mut samples, mut work) = (vec![0.0; 6], crate::block::Workspace::default());
        let mut block = Block::regular(&mut samples, 3, &mut work, 0.0, 0.0, 1000.0);
        assert!(stage.process(&mut block).unwrap_err().to_string().contains("channel count changed"));
    }

    #[test]
    fn stateless_calls_begin_at_rest() {
        let mut options = butterworth();
        options["stateful"] = false.into();
        let mut stage = make::<Filter>(&options);
        assert_eq!(run(&mut stage, &noise(20), 1), run(&mut stage, &noise(20), 1));
    }

    #[test]
    fn errors_name_what_is_wrong() {
        for (options, text) in [
            (json!({}), "'type' is required"),
            (json!({ "type": "fir" }), "'mode' is required"),
            (json!({ "type": "fir", "mode": "lowpass" }), "'fir' requires 'sampleRate'"),
            (json!({ "type": "iir", "mode": "lowpass", "sampleRate": 10, "cutoffFrequency": 1 }), "requires order >= 1"),
            (json!({ "type": "fir", "mode": "peak", "sampleRate": 10 }), "Unsupported FIR filter mode: peak"),
            (json!({ "type": "fir", "mode": "notch", "sampleRate": 10 }), "lowCutoffFrequency and highCutoffFrequency required"),
            (json!({ "type": "x", "mode": "y", "sampleRate": 10 }), "not supported"),
        ] {
            let error = try_make::<Filter>(&options).unwrap_err();
            assert!(matches!(error, Error::Failed(_)) && error.to_string().contains(text), "{error}");
        }
        let design = try_make::<Filter>(&json!({ "type": "fir", "mode": "lowpass", "design": null })).unwrap_err();
        assert!(matches!(design, Error::Type(_)), "{design}");
    }

    #[test]
    fn damaged_states_are_refused() {
        let mut saved = make::<Filter>(&butterworth());
        run(&mut saved, &noise(30), 1);
        let state = saved.save().unwrap();
        for (path, value) in [
            ("/bCoeffs", json!([])),
            ("/sos", json!([])),
            ("/sos/0", json!([1, 2, 3])),
            ("/channels/0/sections", json!([])),
            ("/channels/0/sections/1/xState", json!([1])),
            ("/channels/0/sections/1", json!(null)),
        ] {
            let mut bad = state.clone();
            *bad.pointer_mut(path).unwrap() = value;
            assert!(make::<Filter>(&butterworth()).load(&bad).is_err(), "{path}");
        }
    }
}
