//! Recursive filters: a cascade of second-order sections, or one direct-form section of any order.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::kernels::cascade;
use crate::kernels::cascade::History;
use crate::limits::resize;
use crate::signal::filter::design::zpk::{Row, polynomials};
use crate::signal::filter::design::{Iir as Design, response};

/// Samples per step of the conversion to f64 and back: with 8 channels a step fits into the first-level cache.
const STEP: usize = 512;

/// Coefficients in the form in which they run.
#[derive(Debug, Clone, PartialEq)]
enum Form {
    /// Second-order sections. A single one may represent a direct form of order 2 or less.
    Cascade(Vec<Row>),
    /// `b` and `a` (without the leading 1) of any length.
    Direct,
}

#[derive(Debug)]
struct Coefficients {
    b: Vec<f64>,
    a: Vec<f64>,
    form: Form,
    /// Whether it was given as a cascade of more than one section; its state then contains `sos`.
    is_cascade: bool,
}

impl Coefficients {
    /// Returns how many numbers the history of one channel has.
    fn history_length(&self) -> usize {
        match &self.form {
            Form::Cascade(rows) => rows.len() * HISTORY,
            Form::Direct => self.b.len() - 1 + self.a.len(),
        }
    }
}

/// A running recursive filter: coefficients shared by all copies, and histories per channel.
#[derive(Debug, Clone)]
pub struct Iir {
    coefficients: Arc<Coefficients>,
    /// Histories channel by channel: a [`History`] per section, or for a direct form the inputs and then the outputs,
    /// newest first.
    histories: Vec<f64>,
}

/// Number of values in a [`History`].
const HISTORY: usize = size_of::<History>() / size_of::<f64>();

/// Inputs and outputs of one section, newest first, one for each coefficient but the first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SectionState {
    /// The last `len(b) − 1` inputs.
    pub x: Vec<f64>,
    /// The last `len(a)` outputs.
    pub y: Vec<f64>,
}

/// Returns whether two lists are equal bit by bit.
pub fn same_bits(x: &[f64], y: &[f64]) -> bool {
    x.len() == y.len() && x.iter().zip(y).all(|(x, y)| x.to_bits() == y.to_bits())
}

impl Iir {
    /// Returns a filter without channels that runs in the form of its design.
    pub fn new(design: &Design) -> Self {
        if design.cascade {
            Self::cascade(design.rows.clone(), design.b.clone(), design.a.clone())
        } else {
            Self::direct(design.b.clone(), design.a.clone())
        }
    }

    /// Returns a cascade of `rows`; `b` and `a` are those of the whole filter, for display.
    fn cascade(rows: Vec<Row>, b: Vec<f64>, a: Vec<f64>) -> Self {
        let is_cascade = rows.len() > 1;
        Self::with(Coefficients { b, a, form: Form::Cascade(rows), is_cascade })
    }

    fn with(coefficients: Coefficients) -> Self {
        Self { coefficients: coefficients.into(), histories: Vec::new() }
    }

    /// Returns a cascade of `rows` (at least one).
    pub fn from_rows(rows: Vec<Row>) -> Self {
        let filled = |row: &Row| if row[2] == 0.0 && row[5] == 0.0 { 1 } else { 2 };
        let poles = rows.iter().map(filled).sum::<usize>();
        let (b, mut a) = polynomials(&rows, poles);
        a.remove(0);
        if rows.len() == 1 { Self::direct(b, a) } else { Self::cascade(rows, b, a) }
    }

    /// Returns one direct-form section of any order (`b` not empty).
    pub fn direct(b: Vec<f64>, a: Vec<f64>) -> Self {
        let at = |list: &[f64], i: usize| list.get(i).copied().unwrap_or(0.0);
        let form = if b.len() <= 3 && a.len() <= 2 {
            Form::Cascade(vec![[b[0], at(&b, 1), at(&b, 2), 1.0, at(&a, 0), at(&a, 1)]])
        } else {
            Form::Direct
        };
        Self::with(Coefficients { b, a, form, is_cascade: false })
    }

    /// Returns b0 … bM of the whole filter.
    pub fn b(&self) -> &[f64] {
        &self.coefficients.b
    }

    /// Returns a1 … aN of the whole filter.
    pub fn a(&self) -> &[f64] {
        &self.coefficients.a
    }

    /// Returns the rows, if the filter runs as more than one section.
    pub fn sos(&self) -> Option<&[Row]> {
        match &self.coefficients.form {
            Form::Cascade(rows) if self.coefficients.is_cascade => Some(rows),
            _ => None,
        }
    }

    /// Returns the delay of the output in samples: the group delay at `frequency` cycles per sample, or without one in
    /// the middle of the lowest band in which the filter passes at least half of the largest power.
    pub fn latency(&self, frequency: Option<f64>) -> f64 {
        response::iir_latency(self.sos(), self.b(), self.a(), frequency)
    }

    /// Returns the power gain `|H|²` at `frequency` cycles per sample.
    pub fn power(&self, frequency: f64) -> f64 {
        response::iir_power(self.sos(), self.b(), self.a(), frequency)
    }

    /// Returns whether both run with the same coefficients, bit by bit.
    pub fn has_coefficients_of(&self, other: &Self) -> bool {
        let (ours, theirs) = (&*self.coefficients, &*other.coefficients);
        let same_form = match (&ours.form, &theirs.form) {
            (Form::Cascade(x), Form::Cascade(y)) => same_bits(x.as_flattened(), y.as_flattened()),
            (x, y) => x == y,
        };
        same_form
            && ours.is_cascade == theirs.is_cascade
            && same_bits(&ours.b, &theirs.b)
            && same_bits(&ours.a, &theirs.a)
    }

    /// Returns the number of channels.
    pub fn channels(&self) -> usize {
        self.histories.len() / self.coefficients.history_length()
    }

    /// Sets the number of channels; those that stay keep their histories.
    ///
    /// # Errors
    /// `RangeError` if there is no memory for them.
    pub fn set_channels(&mut self, count: usize) -> Result<()> {
        resize(&mut self.histories, count * self.coefficients.history_length(), 0.0)?;
        self.histories.shrink_to_fit();
        Ok(())
    }

    /// Adds a channel with the histories of a state; channels are added one by one so that the contents of the state
    /// bound the memory.
    ///
    /// # Errors
    /// Those of [`Self::set_state`].
    pub fn push_channel(&mut self, sections: &[SectionState]) -> Result<()> {
        let last = self.channels();
        self.histories.resize((last + 1) * self.coefficients.history_length(), 0.0);
        self.set_state(last, sections)
    }

    /// Sets all histories to zero.
    pub fn clear(&mut self) {
        self.histories.fill(0.0);
    }

    /// Sets the histories of a channel as if all past inputs had been `sample`: the output of every section is then its
    /// input times its gain at 0 Hz. Sets them to zero if that is not finite, as for a pole at 0 Hz.
    pub fn settle(&mut self, channel: usize, sample: f64) {
        let gain = |b: &[f64], a: &[f64]| b.iter().sum::<f64>() / (1.0 + a.iter().sum::<f64>());
        let (Coefficients { b, a, form, .. }, history) = self.parts(channel);
        let mut level = sample;
        match form {
            Form::Cascade(rows) => {
                for (row, history) in rows.iter().zip(history.chunks_mut(HISTORY)) {
                    history[..2].fill(level);
                    level *= gain(&row[..3], &row[4..]);
                    history[2..].fill(level);
                }
            }
            Form::Direct => {
                let (x, y) = history.split_at_mut(b.len() - 1);
                x.fill(level);
                level *= gain(b, a);
                y.fill(level);
            }
        }
        if !history.iter().all(|x| x.is_finite()) {
            history.fill(0.0);
        }
        // Sums that start with +0 never give −0, which JSON could not hold.
        history.iter_mut().for_each(|x| *x += 0.0);
    }

    /// Returns the coefficients and the history of a channel.
    fn parts(&mut self, channel: usize) -> (&Coefficients, &mut [f64]) {
        let length = self.coefficients.history_length();
        (&self.coefficients, &mut self.histories[channel * length..][..length])
    }

    fn history(&self, channel: usize) -> &[f64] {
        let length = self.coefficients.history_length();
        &self.histories[channel * length..][..length]
    }

    /// Returns the sections for frames of `channels` samples, if channels side by side run faster than one by one.
    pub fn side_by_side(&mut self, channels: usize) -> Option<SideBySide<'_>> {
        match &self.coefficients.form {
            Form::Cascade(rows) if channel_steps(channels, rows.len()) < section_steps(channels, rows.len()) => {
                Some(SideBySide { rows, histories: &mut self.histories })
            }
            _ => None,
        }
    }

    /// Filters the samples of one channel in place; `wide` is scratch space.
    pub fn process(&mut self, channel: usize, samples: &mut [f32], wide: &mut Vec<f64>) {
        let (Coefficients { b, a, form, .. }, history) = self.parts(channel);
        match form {
            Form::Cascade(rows) => {
                let sections = history.as_chunks_mut().0;
                for part in samples.chunks_mut(STEP) {
                    wide.clear();
                    wide.extend(part.iter().map(|&x| f64::from(x)));
                    cascade::sections(rows, sections, wide);
                    part.iter_mut().zip(wide.iter()).for_each(|(x, y)| *x = *y as f32);
                }
            }
            Form::Direct => {
                let (x, y) = history.split_at_mut(b.len() - 1);
                samples.iter_mut().for_each(|sample| *sample = direct_step(b, a, x, y, f64::from(*sample)) as f32);
            }
        }
    }

    /// Filters f64 samples of one channel in place, at f64 precision.
    pub fn process_f64(&mut self, channel: usize, samples: &mut [f64]) {
        let (Coefficients { b, a, form, .. }, history) = self.parts(channel);
        match form {
            Form::Cascade(rows) => cascade::sections(rows, history.as_chunks_mut().0, samples),
            Form::Direct => {
                let (x, y) = history.split_at_mut(b.len() - 1);
                samples.iter_mut().for_each(|sample| *sample = direct_step(b, a, x, y, *sample));
            }
        }
    }

    /// Returns the histories of a channel without input, section by section.
    pub fn empty_state(&self) -> Vec<SectionState> {
        let Coefficients { b, a, form, is_cascade } = &*self.coefficients;
        let section = |x: usize, y: usize| SectionState { x: vec![0.0; x], y: vec![0.0; y] };
        match form {
            Form::Cascade(rows) if *is_cascade => vec![section(2, 2); rows.len()],
            _ => vec![section(b.len() - 1, a.len())],
        }
    }

    /// Returns the histories of a channel, section by section.
    pub fn state(&self, channel: usize) -> Vec<SectionState> {
        let Coefficients { b, a, form, is_cascade } = &*self.coefficients;
        let section = |x: &[f64], y: &[f64]| SectionState { x: x.to_vec(), y: y.to_vec() };
        let history = self.history(channel);
        match form {
            Form::Direct => {
                let (x, y) = history.split_at(b.len() - 1);
                vec![section(x, y)]
            }
            Form::Cascade(_) if *is_cascade => history.chunks(HISTORY).map(|h| section(&h[..2], &h[2..])).collect(),
            Form::Cascade(_) => vec![section(&history[..b.len() - 1], &history[2..][..a.len()])],
        }
    }

    /// Sets the histories of a channel.
    ///
    /// # Errors
    /// If their number does not fit the coefficients.
    pub fn set_state(&mut self, channel: usize, sections: &[SectionState]) -> Result<()> {
        let expected = self.empty_state();
        let fits = sections.len() == expected.len()
            && sections.iter().zip(&expected).all(|(s, e)| s.x.len() == e.x.len() && s.y.len() == e.y.len());
        if !fits {
            return Err(Error::failed("history size mismatch: it does not fit the coefficients"));
        }
        let (Coefficients { b, form, .. }, history) = self.parts(channel);
        match form {
            Form::Direct => {
                let (x, y) = history.split_at_mut(b.len() - 1);
                x.copy_from_slice(&sections[0].x);
                y.copy_from_slice(&sections[0].y);
            }
            Form::Cascade(_) => {
                for (h, s) in history.chunks_mut(HISTORY).zip(sections) {
                    h.fill(0.0);
                    h[..s.x.len()].copy_from_slice(&s.x);
                    h[2..][..s.y.len()].copy_from_slice(&s.y);
                }
            }
        }
        Ok(())
    }
}

/// A cascade for interleaved frames: eight, four or two channels run side by side, a remaining one alone.
#[derive(Debug)]
pub struct SideBySide<'a> {
    rows: &'a [Row],
    histories: &'a mut [f64],
}

impl SideBySide<'_> {
    /// Filters frames of `channels` samples in place; `wide` is scratch space.
    pub fn process(&mut self, samples: &mut [f32], channels: usize, wide: &mut Vec<f64>) {
        let Self { rows, histories } = self;
        for part in samples.chunks_mut(STEP * channels) {
            let mut first = 0;
            while first < channels {
                let group = channels - first;
                first += match group {
                    5.. => lanes(rows, histories, part, channels, first, wide, cascade::channels_8),
                    3 | 4 => lanes(rows, histories, part, channels, first, wide, cascade::channels_4),
                    _ => lanes(rows, histories, part, channels, first, wide, cascade::channels_2),
                };
            }
        }
    }
}

/// Returns the number of passes over the data with channels in lanes and with sections in lanes, in units of one
/// section's latency.
fn channel_steps(channels: usize, sections: usize) -> usize {
    let rest = match channels % 8 {
        0 => 0,
        _ => 1,
    };
    (channels / 8 + rest) * sections
}

fn section_steps(channels: usize, sections: usize) -> usize {
    channels * sections.div_ceil(cascade::SECTION_LANES)
}

/// A kernel that filters frames of `L` channels by one section.
type ChannelKernel<const L: usize> = fn(&Row, &mut [[f64; L]; 4], &mut [[f64; L]]);

/// Filters up to `L` channels from `first` on by all sections; returns how many.
fn lanes<const L: usize>(
    rows: &[Row],
    histories: &mut [f64],
    samples: &mut [f32],
    channels: usize,
    first: usize,
    wide: &mut Vec<f64>,
    kernel: ChannelKernel<L>,
) -> usize {
    let count = L.min(channels - first);
    let room = samples.len() / channels * L;
    // Never shortened, so that it need not be filled anew for every part.
    wide.resize(wide.len().max(room), 0.0);
    let frames = wide[..room].as_chunks_mut::<L>().0;
    for (lanes, frame) in frames.iter_mut().zip(samples.chunks_exact(channels)) {
        *lanes = [0.0; L];
        lanes.iter_mut().zip(&frame[first..first + count]).for_each(|(lane, x)| *lane = f64::from(*x));
    }
    let states = histories.as_chunks_mut::<HISTORY>().0;
    for (section, row) in rows.iter().enumerate() {
        let at = |lane: usize| (first + lane) * rows.len() + section;
        let mut side_by_side = [[0.0; L]; HISTORY];
        for lane in 0..count {
            (0..HISTORY).for_each(|i| side_by_side[i][lane] = states[at(lane)][i]);
        }
        kernel(row, &mut side_by_side, frames);
        for lane in 0..count {
            (0..HISTORY).for_each(|i| states[at(lane)][i] = side_by_side[i][lane]);
        }
    }
    for (frame, lanes) in samples.chunks_exact_mut(channels).zip(frames) {
        frame[first..first + count].iter_mut().zip(lanes).for_each(|(x, lane)| *x = *lane as f32);
    }
    count
}

/// Filters one sample by a direct form of any order, with sums in the order of a second-order section. `x` and `y` are
/// the previous inputs and outputs, newest first.
fn direct_step(b: &[f64], a: &[f64], x: &mut [f64], y: &mut [f64], u: f64) -> f64 {
    let mut v = 0.0 + b[0] * u;
    for (b, x) in b[1..].iter().zip(x.iter()) {
        v += b * x;
    }
    for (a, y) in a.iter().zip(y.iter()).rev() {
        v -= a * y;
    }
    shift(x, u);
    shift(y, v);
    v
}

/// Inserts `newest` at the front and drops the last.
fn shift(history: &mut [f64], newest: f64) {
    if let Some(last) = history.len().checked_sub(1) {
        history.copy_within(..last, 1);
        history[0] = newest;
    }
}
