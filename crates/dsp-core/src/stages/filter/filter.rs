//! `filter`: FIR, Butterworth, Chebyshev, Bessel, elliptic and cookbook filters.
//!
//! FIR: `y[n] = Σ h[k]·x[n−k]`. The others run as a cascade of second-order sections in f64. Latency: (taps − 1)/2
//! samples for an FIR filter of symmetric taps, the group delay for the others. [`design::spec`](crate::design::spec)
//! turns options into coefficients.

use serde_json::Value as Json;

use crate::design::options::stage::FilterParams;
use crate::design::rules::MAX_TAPS;
use crate::design::spec::{Band, Coefficients, Design, FilterSpec};
use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::engine::workspace::Scratch;
use crate::error::Result;
use crate::params::Parameters;
use crate::params::value::Value;
use crate::signal::filter::design::bessel::Norm;
use crate::signal::filter::design::fir::Window;
use crate::signal::filter::run::Initial;
use crate::signal::filter::run::convolver::Method;
use crate::signal::filter::run::fir::{Channel, Fir};
use crate::signal::filter::run::iir::{Iir, SectionState};
use crate::stages::filter::coefficients::{Kind, MAX_DIRECT_ORDER, Saved, failed};
use crate::stages::filter::histories::{from_ring, run_sections, walk_section, walk_section_rings, walk_taps};
use crate::state::archive::Archive;
use crate::state::json;
use crate::text::Texts;

/// The stage: one filter for each channel. A loaded state brings its own coefficients.
#[derive(Debug, Clone)]
pub struct Filter {
    kind: Kind,
    design: Design,
    /// Whether histories are kept between calls; `false`: every call starts from zero.
    stateful: bool,
    /// Whether the stage begins in the steady state of its first sample.
    is_steady: bool,
    /// Whether there has been a sample since the stage was made or reset.
    has_begun: bool,
    /// Number of channels; 0 until the first samples.
    channels: usize,
}

/// Keys of the histories of a section.
const HISTORY: [&str; 2] = ["xState", "yState"];

impl Filter {
    fn set_channels(&mut self, count: usize) -> Result<()> {
        self.kind.set_channels(count)?;
        self.channels = count;
        Ok(())
    }

    /// Sets the histories as if all past inputs had equalled the first frame of the block.
    fn settle(&mut self, block: &Block<'_>) {
        for channel in 0..block.channels() {
            let first = block.sample(channel, 0);
            match &mut self.kind {
                Kind::Fir(fir) => fir.channels[channel].settle(first),
                Kind::Iir(iir) => iir.settle(channel, f64::from(first)),
            }
        }
    }

    /// Walks whether the first sample is still to come; only states of filters that begin in a steady state contain it.
    fn walk_beginning(&mut self, archive: &mut Archive<'_>, has_channels: bool) -> Result<()> {
        if archive.is_loading() {
            self.has_begun = has_channels;
        }
        if !self.is_steady {
            return Ok(());
        }
        archive.constant("initial", Initial::Steady.text());
        if archive.optional("hasBegun", true) {
            self.has_begun = archive.flag("hasBegun", self.has_begun)?;
        } else if let Some(begun) = archive.appendix_count(usize::from(self.has_begun), 1)? {
            self.has_begun = begun == 1;
        }
        Ok(())
    }

    /// Returns a copy of the filter without channels.
    fn emptied(&self) -> Result<Kind> {
        let mut kind = self.kind.clone();
        kind.set_channels(0)?;
        Ok(kind)
    }

    /// Returns the filter that a state describes.
    fn kind_of(&self, Saved { b, a, rows, .. }: Saved) -> Result<Kind> {
        let is_finite = |list: &[f64]| list.iter().all(|c| c.is_finite());
        let rows_are_finite = rows.as_deref().unwrap_or_default().iter().all(|row| is_finite(row));
        if b.is_empty() || !is_finite(&b) || !is_finite(&a) || !rows_are_finite {
            return failed("the state's coefficients have the wrong size or are not finite");
        }
        let most = if self.kind.is_fir() { MAX_TAPS } else { MAX_DIRECT_ORDER };
        if b.len().max(a.len()) > most {
            return failed("the state's coefficients have the wrong size: there are too many");
        }
        let kind = match rows {
            _ if self.kind.is_fir() => Kind::Fir(Fir::new(b, Method::Auto)),
            Some(rows) => Kind::Iir(Iir::from_rows(rows)),
            None => Kind::Iir(Iir::direct(b, a)),
        };
        // Coefficients that are ours already are shared: a stream has a copy of this stage for every key.
        if self.kind.has_coefficients_of(&kind) { self.emptied() } else { Ok(kind) }
    }

    /// Checks the size of the coefficients for the original's design, where the stage keeps its own.
    ///
    /// # Errors
    /// If the state has coefficients of another size.
    fn check_own_size(&self, saved: &Saved) -> Result<()> {
        let (b, a) = (saved.b.len(), saved.a.len());
        let (ours_b, ours_a) = match &self.kind {
            Kind::Fir(fir) => (fir.taps().len(), a),
            Kind::Iir(iir) => (iir.b().len(), iir.a().len()),
        };
        if saved.rows.is_some() || (b, a) != (ours_b, ours_a) {
            return failed(format!(
                "coefficient size mismatch: the stage has {ours_b} and {ours_a}, the state {b} and {a} or sections"
            ));
        }
        Ok(())
    }

    /// Returns a copy of the filter without channels, with the coefficients to continue with: those of the state,
    /// unless the design is the original's.
    fn prepared(&self, saved: Saved) -> Result<Kind> {
        if self.design == Design::Standard {
            return self.kind_of(saved);
        }
        self.check_own_size(&saved)?;
        self.emptied()
    }
}

impl Define for Filter {
    type Params = FilterParams;
    const TYPES: &'static [&'static str] = &["filter:fir", "filter:iir"];
    const METHOD: &'static str = "filter";
    const DOC: &'static str = "FIR, Butterworth, Chebyshev, Bessel, elliptic and cookbook filters, each channel by itself, \
        state kept from call\nto call. A loaded state brings its own coefficients.\n\
        @throws Error if an option is missing or out of range";

    fn new(params: &FilterParams) -> Result<Self> {
        let kind = match params.spec.design()? {
            Coefficients::Fir(taps) => Kind::Fir(Fir::new(taps, Method::Auto)),
            Coefficients::Iir(design) => Kind::Iir(Iir::new(&design)),
        };
        let (design, stateful) = (params.spec.design, params.stateful);
        let is_steady = params.initial == Initial::Steady;
        Ok(Self { kind, design, stateful, is_steady, has_begun: false, channels: 0 })
    }

    fn label(&self, params: &FilterParams) -> String {
        format!("filter:{}:{}", params.kind.text(), params.mode.text())
    }

    fn type_name(&self) -> &'static str {
        Self::TYPES[usize::from(!self.kind.is_fir())]
    }

    fn from_state(_: &str, state: &Json, design: Design) -> Result<Self> {
        let is_fir = json::numbers(state, "aCoeffs")? == [1.0];
        let kind = if is_fir {
            Kind::Fir(Fir::new(vec![1.0], Method::Auto))
        } else {
            Kind::Iir(Iir::direct(vec![1.0], vec![]))
        };
        let stateful = state.get("stateful") != Some(&Json::Bool(false));
        let is_steady = state.get("initial").is_some_and(|initial| *initial == Initial::Steady.text());
        let mut filter = Self { kind, design: Design::Standard, stateful, is_steady, has_begun: false, channels: 0 };
        // The coefficients are those of the state; from then on a filter of the original's design keeps them.
        filter.load(state)?;
        Ok(Self { design, ..filter })
    }

    /// Returns every kind of running filter: rings of both layouts, one section, cascades of one and of several groups
    /// of lanes, and direct forms of the original's design.
    fn examples() -> Vec<Value> {
        let (low, band, rate) = (Band::LowPass(100.0), Band::BandPass(50.0, 100.0), 1000.0);
        let windowed = |taps, band| FilterSpec::fir(taps, band, Window::Hamming, rate);
        let peak = FilterSpec { gain_db: 6.0, ..FilterSpec::biquad(0.9, Band::Peak(100.0), rate) };
        let both = [
            windowed(5, low),
            windowed(16, low),
            windowed(31, band),
            FilterSpec::butterworth(1, low, rate),
            FilterSpec::butterworth(4, low, rate),
            FilterSpec::butterworth(3, band, rate),
            peak,
        ];
        let standard = [
            FilterSpec::bessel(5, Norm::default(), band, rate),
            FilterSpec::chebyshev1(9, 0.5, band, rate),
            FilterSpec::elliptic(4, 1.0, 60.0, low, rate),
        ];
        let dspx = both.clone().map(|spec| FilterSpec { design: Design::Dspx, ..spec });
        let steady = [windowed(16, low), FilterSpec::butterworth(3, band, rate), FilterSpec::butterworth(1, low, rate)];
        let steady = steady.map(|spec| FilterParams { initial: Initial::Steady, ..FilterParams::from(spec) });
        let resting = both.into_iter().chain(standard).chain(dspx).map(FilterParams::from);
        resting.chain(steady).map(|params| params.to_value()).collect()
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
        if self.is_steady && !self.has_begun {
            self.settle(block);
        }
        self.has_begun = true;
        match &mut self.kind {
            Kind::Fir(fir) => block.with_scratch(|block, Scratch { single, double, .. }| {
                block.each_channel(|channel, samples| fir.process(channel, samples, single, double));
            }),
            Kind::Iir(iir) => run_sections(iir, block),
        }
        Ok(())
    }

    fn reset(&mut self) {
        match &mut self.kind {
            Kind::Fir(fir) => fir.clear(),
            Kind::Iir(iir) => iir.clear(),
        }
        self.has_begun = false;
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let saved = if archive.is_json() {
            self.kind.json_coefficients(archive)
        } else {
            self.kind.toon_coefficients(archive)
        }?;
        let is_single = saved.as_ref().is_some_and(|saved| saved.is_single);
        if let Some(saved) = saved {
            self.kind = self.prepared(saved)?;
        }
        let count = match &mut self.kind {
            Kind::Fir(fir) => {
                let taps = fir.taps().len();
                archive.channels(&mut fir.channels, || Channel::new(taps), walk_taps)?;
                fir.channels.len()
            }
            Kind::Iir(iir) => walk_histories(iir, is_single, archive)?,
        };
        if !self.stateful {
            archive.constant("stateful", false);
        }
        self.walk_beginning(archive, count > 0)?;
        // A state of a filter that never ran leaves the number of channels as it is.
        self.set_channels(if count == 0 { self.channels } else { count })
    }

    fn takes_incomplete_frames(&self) -> bool {
        true
    }

    fn latency(&self, frequency: Option<f64>) -> f64 {
        self.kind.latency(frequency)
    }

    /// Returns the delay of an FIR filter; the response of a recursive one has no end.
    fn tail(&self, _: u64) -> usize {
        match &self.kind {
            Kind::Fir(fir) if self.stateful => fir.tail(),
            Kind::Fir(_) | Kind::Iir(_) => 0,
        }
    }

    fn channels(&self) -> usize {
        self.channels
    }

    fn cost_hint(&self) -> f64 {
        match &self.kind {
            Kind::Fir(fir) => (fir.taps().len() as f64 * 0.05).clamp(0.5, 10.0),
            Kind::Iir(_) => 3.0,
        }
    }
}

/// Walks the histories of all channels; returns the number of channels. `is_single`: they are those of the original's
/// TOON.
fn walk_histories(iir: &mut Iir, is_single: bool, archive: &mut Archive<'_>) -> Result<usize> {
    let is_cascade = iir.sos().is_some();
    let mut channels: Vec<Vec<SectionState>> = (0..iir.channels()).map(|c| iir.state(c)).collect();
    let empty = iir.empty_state();
    archive.channels(
        &mut channels,
        || empty.clone(),
        |sections, archive| match (archive.is_json(), is_cascade) {
            (true, true) => archive
                .items("sections", sections, SectionState::default, |s, archive| walk_section(s, archive, HISTORY)),
            (true, false) => walk_section_rings(&mut sections[0], archive, HISTORY),
            (false, _) if is_single => read_single(&mut sections[0], archive),
            (false, _) => sections.iter_mut().try_for_each(|section| walk_section(section, archive, HISTORY)),
        },
    )?;
    if archive.is_loading() {
        iir.set_channels(0)?;
        channels.iter().try_for_each(|sections| iir.push_channel(sections))?;
    }
    Ok(channels.len())
}

/// Reads the histories of the original's TOON: rings in single precision.
fn read_single(section: &mut SectionState, archive: &mut Archive<'_>) -> Result<()> {
    let [x, y] = HISTORY;
    for (name, history) in [(x, &mut section.x), (y, &mut section.y)] {
        let ring = archive.samples(name, [])?.unwrap_or_default();
        let ring: Vec<f64> = ring.into_iter().map(f64::from).collect();
        *history = from_ring(&ring, history.len(), name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::stages::testing::{make, noise, run, try_make};
    use serde_json::json;

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
        let (mut samples, mut work) = (vec![0.0; 6], crate::engine::workspace::Workspace::default());
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
            (
                json!({ "type": "iir", "mode": "lowpass", "sampleRate": 10, "cutoffFrequency": 1 }),
                "requires order >= 1",
            ),
            (json!({ "type": "fir", "mode": "peak", "sampleRate": 10 }), "Unsupported FIR filter mode: peak"),
            (
                json!({ "type": "fir", "mode": "notch", "sampleRate": 10 }),
                "lowCutoffFrequency and highCutoffFrequency required",
            ),
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
