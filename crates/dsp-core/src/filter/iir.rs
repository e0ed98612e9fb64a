//! Recursive filters: a cascade of second-order sections, or one direct-form section of any order.

use crate::block::Block;
use crate::design::Iir as Design;
use crate::design::zpk::{Row, polynomials};
use crate::error::{Error, Result};
use crate::kernels::cascade::{self, History};

/// Samples that one step converts to f64 and back: with 8 channels a step fits into the first-level cache.
const STEP: usize = 512;

/// Coefficients as they run.
#[derive(Debug, Clone, PartialEq)]
enum Form {
    /// Second-order sections. A single one may stand for a direct form of order 2 or less.
    Cascade(Vec<Row>),
    /// `b` and `a` (without the leading 1) of any length.
    Direct,
}

/// A running recursive filter: coefficients once, histories per channel.
#[derive(Debug, Clone)]
pub struct Iir {
    b: Vec<f64>,
    a: Vec<f64>,
    form: Form,
    /// Whether it was given as a cascade of more than one section; its state then has `sos`.
    is_cascade: bool,
    channels: Vec<Channel>,
    scratch: Scratch,
}

/// Histories of one channel.
#[derive(Debug, Clone, Default, PartialEq)]
struct Channel {
    /// One per section of a cascade.
    sections: Vec<History>,
    /// Inputs and outputs of a direct form, newest first.
    x: Vec<f64>,
    y: Vec<f64>,
}

/// Inputs and outputs of one section, newest first, as many as it has coefficients for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SectionState {
    /// `len(b) − 1` inputs.
    pub x: Vec<f64>,
    /// `len(a)` outputs.
    pub y: Vec<f64>,
}

#[derive(Debug, Clone, Default)]
struct Scratch {
    one: Vec<f64>,
    two: Vec<[f64; 2]>,
    four: Vec<[f64; 4]>,
    eight: Vec<[f64; 8]>,
}

impl Iir {
    /// A filter that runs as its design says, without channels.
    pub fn new(design: &Design) -> Self {
        if design.cascade {
            Self::cascade(design.rows.clone(), design.b.clone(), design.a.clone())
        } else {
            Self::direct(design.b.clone(), design.a.clone())
        }
    }

    /// A cascade of `rows`; `b` and `a` are those of the whole filter, for display.
    fn cascade(rows: Vec<Row>, b: Vec<f64>, a: Vec<f64>) -> Self {
        let is_cascade = rows.len() > 1;
        Self { b, a, form: Form::Cascade(rows), is_cascade, channels: Vec::new(), scratch: Scratch::default() }
    }

    /// A cascade of `rows` (one at least).
    pub fn from_rows(rows: Vec<Row>) -> Self {
        let filled = |row: &Row| if row[2] == 0.0 && row[5] == 0.0 { 1 } else { 2 };
        let poles = rows.iter().map(filled).sum::<usize>();
        let (b, mut a) = polynomials(&rows, poles);
        a.remove(0);
        if rows.len() == 1 { Self::direct(b, a) } else { Self::cascade(rows, b, a) }
    }

    /// One direct-form section of any order (`b` not empty).
    pub fn direct(b: Vec<f64>, a: Vec<f64>) -> Self {
        let at = |list: &[f64], i: usize| list.get(i).copied().unwrap_or(0.0);
        let form = if b.len() <= 3 && a.len() <= 2 {
            Form::Cascade(vec![[b[0], at(&b, 1), at(&b, 2), 1.0, at(&a, 0), at(&a, 1)]])
        } else {
            Form::Direct
        };
        Self { b, a, form, is_cascade: false, channels: Vec::new(), scratch: Scratch::default() }
    }

    /// b0 … bM of the whole filter.
    pub fn b(&self) -> &[f64] {
        &self.b
    }

    /// a1 … aN of the whole filter.
    pub fn a(&self) -> &[f64] {
        &self.a
    }

    /// The rows, if it runs as more than one section.
    pub fn sos(&self) -> Option<&[Row]> {
        match &self.form {
            Form::Cascade(rows) if self.is_cascade => Some(rows),
            _ => None,
        }
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.channels.len()
    }

    /// Sets the number of channels; those that stay keep their histories.
    pub fn set_channels(&mut self, count: usize) {
        let fresh = self.fresh();
        self.channels.resize(count, fresh);
    }

    fn fresh(&self) -> Channel {
        match &self.form {
            Form::Cascade(rows) => Channel { sections: vec![[0.0; 4]; rows.len()], ..Channel::default() },
            Form::Direct => {
                Channel { sections: Vec::new(), x: vec![0.0; self.b.len() - 1], y: vec![0.0; self.a.len()] }
            }
        }
    }

    /// Zeroes all histories.
    pub fn clear(&mut self) {
        let fresh = self.fresh();
        self.channels.fill(fresh);
    }

    /// Filters a block in place, every channel by itself.
    pub fn process_block(&mut self, block: &mut Block<'_>) {
        let channels = block.channels();
        match &self.form {
            Form::Cascade(rows) if channel_steps(channels, rows.len()) < section_steps(channels, rows.len()) => {
                self.process_interleaved(block.interleaved(), channels);
            }
            _ => block.each_channel(|channel, samples| self.process(channel, samples)),
        }
    }

    /// Filters the samples of one channel in place.
    pub fn process(&mut self, channel: usize, samples: &mut [f32]) {
        let Self { b, a, form, channels, scratch, .. } = self;
        let state = &mut channels[channel];
        match form {
            Form::Cascade(rows) => {
                for part in samples.chunks_mut(STEP) {
                    scratch.one.clear();
                    scratch.one.extend(part.iter().map(|&x| f64::from(x)));
                    cascade::sections(rows, &mut state.sections, &mut scratch.one);
                    part.iter_mut().zip(&scratch.one).for_each(|(x, y)| *x = *y as f32);
                }
            }
            Form::Direct => samples.iter_mut().for_each(|x| *x = direct_step(b, a, state, f64::from(*x)) as f32),
        }
    }

    /// Filters f64 samples of one channel in place, at f64 precision.
    pub fn process_f64(&mut self, channel: usize, samples: &mut [f64]) {
        let Self { b, a, form, channels, .. } = self;
        let state = &mut channels[channel];
        match form {
            Form::Cascade(rows) => cascade::sections(rows, &mut state.sections, samples),
            Form::Direct => samples.iter_mut().for_each(|x| *x = direct_step(b, a, state, *x)),
        }
    }

    /// Interleaved frames: eight, four or two channels side by side, the last odd one alone.
    fn process_interleaved(&mut self, samples: &mut [f32], channels: usize) {
        let Form::Cascade(rows) = &self.form else { return };
        let (states, scratch) = (&mut self.channels[..], &mut self.scratch);
        for part in samples.chunks_mut(STEP * channels) {
            let mut first = 0;
            while first < channels {
                let group = channels - first;
                first += match group {
                    5.. => lanes(rows, states, part, channels, first, &mut scratch.eight, cascade::channels_8),
                    3 | 4 => lanes(rows, states, part, channels, first, &mut scratch.four, cascade::channels_4),
                    _ => lanes(rows, states, part, channels, first, &mut scratch.two, cascade::channels_2),
                };
            }
        }
    }

    /// Histories of a channel, section by section.
    pub fn state(&self, channel: usize) -> Vec<SectionState> {
        let state = &self.channels[channel];
        match &self.form {
            Form::Direct => vec![SectionState { x: state.x.clone(), y: state.y.clone() }],
            Form::Cascade(_) if self.is_cascade => {
                state.sections.iter().map(|h| SectionState { x: h[..2].to_vec(), y: h[2..].to_vec() }).collect()
            }
            Form::Cascade(_) => {
                let h = &state.sections[0];
                vec![SectionState { x: h[..self.b.len() - 1].to_vec(), y: h[2..][..self.a.len()].to_vec() }]
            }
        }
    }

    /// Sets the histories of a channel.
    ///
    /// # Errors
    /// If their number does not fit the coefficients.
    pub fn set_state(&mut self, channel: usize, sections: &[SectionState]) -> Result<()> {
        let expected = self.state(channel);
        let fits = sections.len() == expected.len()
            && sections.iter().zip(&expected).all(|(s, e)| s.x.len() == e.x.len() && s.y.len() == e.y.len());
        if !fits {
            return Err(Error::failed("history size mismatch: it does not fit the coefficients"));
        }
        let state = &mut self.channels[channel];
        match &self.form {
            Form::Direct => {
                state.x.copy_from_slice(&sections[0].x);
                state.y.copy_from_slice(&sections[0].y);
            }
            Form::Cascade(_) => {
                for (h, s) in state.sections.iter_mut().zip(sections) {
                    *h = [0.0; 4];
                    h[..s.x.len()].copy_from_slice(&s.x);
                    h[2..][..s.y.len()].copy_from_slice(&s.y);
                }
            }
        }
        Ok(())
    }
}

/// Passes over the data, in units of one section's latency, with channels in lanes and with sections in lanes.
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

/// A kernel that runs frames of `L` channels through one section.
type ChannelKernel<const L: usize> = fn(&Row, &mut [[f64; L]; 4], &mut [[f64; L]]);

/// Runs up to `L` channels from `first` on through all sections; returns how many.
fn lanes<const L: usize>(
    rows: &[Row],
    states: &mut [Channel],
    samples: &mut [f32],
    channels: usize,
    first: usize,
    frames: &mut Vec<[f64; L]>,
    kernel: ChannelKernel<L>,
) -> usize {
    let count = L.min(channels - first);
    frames.clear();
    frames.extend(samples.chunks_exact(channels).map(|frame| {
        let mut lanes = [0.0; L];
        lanes.iter_mut().zip(&frame[first..first + count]).for_each(|(lane, x)| *lane = f64::from(*x));
        lanes
    }));
    for (section, row) in rows.iter().enumerate() {
        let mut histories = [[0.0; L]; 4];
        for (lane, state) in states[first..first + count].iter().enumerate() {
            (0..4).for_each(|i| histories[i][lane] = state.sections[section][i]);
        }
        kernel(row, &mut histories, frames);
        for (lane, state) in states[first..first + count].iter_mut().enumerate() {
            (0..4).for_each(|i| state.sections[section][i] = histories[i][lane]);
        }
    }
    for (frame, lanes) in samples.chunks_exact_mut(channels).zip(frames) {
        frame[first..first + count].iter_mut().zip(lanes).for_each(|(x, lane)| *x = *lane as f32);
    }
    count
}

/// One sample through a direct form of any order, in the order of sums of a second-order section.
fn direct_step(b: &[f64], a: &[f64], state: &mut Channel, u: f64) -> f64 {
    let mut v = 0.0 + b[0] * u;
    for (b, x) in b[1..].iter().zip(&state.x) {
        v += b * x;
    }
    for (a, y) in a.iter().zip(&state.y).rev() {
        v -= a * y;
    }
    shift(&mut state.x, u);
    shift(&mut state.y, v);
    v
}

/// Puts `newest` in front.
fn shift(history: &mut [f64], newest: f64) {
    if let Some(last) = history.len().checked_sub(1) {
        history.copy_within(..last, 1);
        history[0] = newest;
    }
}
