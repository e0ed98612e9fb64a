//! A polyphase filter in single precision, by groups of neighbouring outputs.
//!
//! The outputs of a resampler by `up / down` repeat their phases every `up` outputs and `down` inputs. A *cycle* is one or
//! more of these periods, cut into groups of [`LANES`] outputs, whose taps lie side by side: row j holds what sample j of the
//! group's window contributes to each.
//!
//! Every output is the sum over its own taps, oldest sample first, in single precision: where it stands in its group, and
//! where a call begins or ends, changes no bit. Outputs that meet a sample which is not finite or beyond 1e30 are summed up
//! in double precision.

use crate::kernels::bank::{LANES, LARGE, Row, cycles, four, is_moderate, one};

/// Most periods of a cycle.
const MAX_PERIODS: usize = 16;

/// A cycle is long enough where this part of its lanes holds outputs.
const FILLED: f64 = 0.93;

/// Whole cycles from which on they are computed group by group instead of output by output.
const FEW: usize = 3;

/// Taps for `up` phases, and where the groups of their outputs begin.
#[derive(Debug, Clone)]
pub struct Bank {
    up: usize,
    down: usize,
    periods: usize,
    /// Taps of the longest phase.
    longest: usize,
    /// Rows of a group.
    steps: usize,
    rows: Vec<Row>,
    /// For each phase its place among the `up` outputs of a period.
    places: Vec<usize>,
}

/// Part of one group's outputs.
#[derive(Debug, Clone, Copy)]
struct Job {
    group: usize,
    /// Where the group's window begins in the line.
    start: usize,
    /// The lanes wanted.
    first: usize,
    count: usize,
}

impl Bank {
    /// The filter `taps` at `up` ticks per input sample, of which every `down`-th output is kept.
    pub fn new(up: usize, down: usize, taps: &[f64]) -> Self {
        let longest = taps.len().div_ceil(up);
        let periods = periods(up);
        let mut places = vec![0; up];
        (0..up).for_each(|place| places[place * down % up] = place);
        let mut bank = Self { up, down, periods, longest, steps: 0, rows: vec![], places };
        let groups = (up * periods).div_ceil(LANES);
        let span = |group: usize| bank.frame(bank.last(group)) - bank.frame(group * LANES);
        bank.steps = longest + (0..groups).map(span).max().unwrap_or(0);
        bank.rows = vec![[0.0; LANES]; groups * bank.steps];
        for output in 0..up * periods {
            let (group, lane) = (output / LANES, output % LANES);
            let newest = bank.frame(output) - bank.frame(group * LANES) + longest - 1;
            let phase = output * down % up;
            for (q, tap) in taps[phase.min(taps.len())..].iter().step_by(up).enumerate() {
                bank.rows[group * bank.steps + newest - q][lane] = *tap as f32;
            }
        }
        bank
    }

    /// Rows of all groups together for such a filter.
    pub fn size(up: usize, down: usize, taps: usize) -> f64 {
        let groups = (up * periods(up)).div_ceil(LANES) as f64;
        groups * (taps as f64 / up as f64 + LANES as f64 * down as f64 / up as f64)
    }

    /// Samples that the line must hold up to the first output's newest.
    pub fn before(&self) -> usize {
        self.steps + 1
    }

    /// Samples that the line must hold behind the last output's newest, of any finite value.
    pub fn after(&self) -> usize {
        self.steps - self.longest + 1
    }

    /// Taps of the longest phase: samples that an output depends on.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Multiplications per output.
    pub fn multiplications(&self) -> f64 {
        self.steps as f64
    }

    /// The newest frame of an output, counted from the beginning of its cycle.
    pub fn frame(&self, output: usize) -> usize {
        output * self.down / self.up
    }

    /// The place of the output at `phase` in its period.
    pub fn place(&self, phase: usize) -> usize {
        self.places[phase]
    }

    /// The last output of a group.
    fn last(&self, group: usize) -> usize {
        ((group + 1) * LANES).min(self.up * self.periods) - 1
    }

    fn taps(&self, group: usize) -> &[Row] {
        &self.rows[group * self.steps..][..self.steps]
    }

    /// Fills `out` with outputs one after another, the first of which has the newest sample `line[frame]` and is of `phase`.
    pub fn run(&self, line: &[f32], frame: usize, phase: usize, out: &mut [f32]) {
        if out.is_empty() {
            return;
        }
        let place = self.places[phase];
        let from = frame + 1 - self.before();
        let last = frame + self.frame(place + out.len() - 1) - self.frame(place);
        let clean = is_moderate(&line[from..(last + self.after()).min(line.len())]);
        // Of a line that begins with the period's first output, as the cycle does.
        let mut begin = frame as isize - self.frame(place) as isize;
        let (outputs, frames) = (self.up * self.periods, self.down * self.periods);
        let (mut output, mut at) = (place, 0);
        let mut jobs = Jobs { bank: self, line, clean, jobs: [None; 4], count: 0 };
        while at < out.len() {
            let whole = (out.len() - at) / outputs;
            if output == 0 && clean && whole >= FEW {
                self.whole(line, begin, whole, &mut out[at..][..whole * outputs]);
                at += whole * outputs;
                begin += (whole * frames) as isize;
                continue;
            }
            let group = output / LANES;
            let count = (self.last(group) + 1 - output).min(out.len() - at);
            let start = (begin + self.frame(group * LANES) as isize + 1 - self.longest as isize) as usize;
            jobs.push(Job { group, start, first: output % LANES, count }, at, out);
            at += count;
            output += count;
            if output == outputs {
                output = 0;
                begin += frames as isize;
            }
        }
        jobs.flush(out);
    }

    /// Whole cycles from the first output of one on.
    fn whole(&self, line: &[f32], begin: isize, count: usize, out: &mut [f32]) {
        let (outputs, frames) = (self.up * self.periods, self.down * self.periods);
        for group in 0..outputs.div_ceil(LANES) {
            let first = group * LANES;
            let start = (begin + self.frame(first) as isize + 1 - self.longest as isize) as usize;
            let lanes = self.last(group) + 1 - first;
            cycles(self.taps(group), &line[start..], frames, count, &mut out[first..], outputs, lanes);
        }
    }

    /// One output where samples may be of any kind: lane `lane` of a group whose window begins at `start`.
    fn careful(&self, group: usize, lane: usize, window: &[f32]) -> f32 {
        let newest = self.frame(group * LANES + lane) - self.frame(group * LANES);
        let pairs = || {
            let rows = &self.taps(group)[newest..][..self.longest];
            rows.iter().map(|row| row[lane]).zip(&window[newest..])
        };
        if pairs().all(|(_, x)| x.abs() < LARGE) {
            return pairs().fold(0.0, |sum, (tap, x)| sum + tap * x);
        }
        // The padding of a shorter phase meets no sample.
        let terms = pairs().filter(|(tap, _)| *tap != 0.0).map(|(tap, x)| f64::from(tap) * f64::from(*x));
        let sum = terms.sum::<f64>();
        if sum.is_nan() { f32::NAN } else { sum as f32 }
    }
}

/// Groups that wait until there are four of them.
struct Jobs<'a> {
    bank: &'a Bank,
    line: &'a [f32],
    clean: bool,
    jobs: [Option<(Job, usize)>; 4],
    count: usize,
}

impl Jobs<'_> {
    fn push(&mut self, job: Job, at: usize, out: &mut [f32]) {
        let window = &self.line[job.start..][..self.bank.steps];
        if !self.clean && !is_moderate(window) {
            for k in 0..job.count {
                out[at + k] = self.bank.careful(job.group, job.first + k, window);
            }
            return;
        }
        self.jobs[self.count] = Some((job, at));
        self.count += 1;
        if self.count == 4 {
            self.flush(out);
        }
    }

    fn flush(&mut self, out: &mut [f32]) {
        let (bank, line) = (self.bank, self.line);
        let window = |job: Job| &line[job.start..][..bank.steps];
        let mut store = |(job, at): (Job, usize), sums: Row| {
            out[at..][..job.count].copy_from_slice(&sums[job.first..][..job.count]);
        };
        match self.jobs {
            [Some(job), None, ..] => store(job, one(bank.taps(job.0.group), window(job.0))),
            [Some(first), ..] => {
                let jobs = self.jobs.map(|job| job.unwrap_or(first));
                let sums = four(jobs.map(|job| bank.taps(job.0.group)), jobs.map(|job| window(job.0)));
                jobs.into_iter().zip(sums).for_each(|(job, sums)| store(job, sums));
            }
            _ => {}
        }
        (self.jobs, self.count) = ([None; 4], 0);
    }
}

/// Periods of a cycle: the fewest whose outputs fill their groups well.
fn periods(up: usize) -> usize {
    let filled = |periods: usize| {
        let outputs = up * periods;
        outputs as f64 / (outputs.div_ceil(LANES) * LANES) as f64
    };
    (1..=MAX_PERIODS).find(|periods| filled(*periods) >= FILLED).unwrap_or_else(|| {
        let better = |best: usize, periods: usize| if filled(periods) > filled(best) { periods } else { best };
        (1..=MAX_PERIODS).fold(1, better)
    })
}
