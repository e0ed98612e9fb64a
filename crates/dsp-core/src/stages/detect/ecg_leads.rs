//! Leads of the stages that find the beats of electrocardiograms: one detector a channel, made for the sample rate.

use crate::engine::block::Block;
use crate::engine::events::Events;
use crate::engine::times::Times;
use crate::error::{Error, Result};
use crate::limits::{ensure_memory, filled};
use crate::signal::detect::ecg::detector::{Beat, BeatDetector};
use crate::signal::detect::ecg::plan::{MAX_RATE, MIN_RATE, Plan};
use crate::state::archive::Archive;
use crate::text::js_number;

/// The data of a stage about each lead, besides its detector.
pub trait Watch: Clone {
    /// Visits the numbers of the state; their count is always the same.
    fn walk(&mut self, visit: &mut dyn FnMut(&mut f64));
    /// Whether the numbers can be those of such a state.
    fn fits(&self) -> bool;
}

impl Watch for () {
    fn walk(&mut self, _: &mut dyn FnMut(&mut f64)) {}

    fn fits(&self) -> bool {
        true
    }
}

/// The leads of a stage.
#[derive(Debug, Clone)]
pub struct Leads<W> {
    /// The stage, for messages.
    name: &'static str,
    lag: f64,
    sample_rate: Option<f64>,
    /// Of a new lead.
    fresh: W,
    /// Made for the rate of the first samples, and anew where it changes.
    plan: Option<(f64, Plan)>,
    leads: Vec<(BeatDetector, W)>,
    /// Whether what comes is the silence behind the end.
    has_ended: bool,
}

/// Rate of frames that are 1 ms apart, as they are without any.
const DEFAULT_RATE: f64 = 1000.0;

/// Frames that are remembered while the rate is not known: 400 ms at 10 kHz.
const UNKNOWN_LOOKBACK: usize = 4096;

impl<W: Watch> Leads<W> {
    /// Leads whose beats come at most `lag` milliseconds late, at the given rate or at that of the calls.
    pub fn new(name: &'static str, lag: f64, sample_rate: Option<f64>, fresh: W) -> Self {
        Self { name, lag, sample_rate, fresh, plan: None, leads: vec![], has_ended: false }
    }

    /// Returns how many frames before the current one events may name: `lag` milliseconds, at least 400.
    pub fn lookback(&self) -> usize {
        let rate = self.sample_rate.or(self.plan.as_ref().map(|(rate, _)| *rate));
        rate.map_or(UNKNOWN_LOOKBACK, |rate| (self.lag.max(400.0) / 1000.0 * rate).ceil() as usize)
    }

    fn rate(&self, block: &Block<'_>) -> Result<f64> {
        let name = self.name;
        let rate = match self.sample_rate.or_else(|| block.interval().map(|interval| 1.0 / interval)) {
            Some(rate) => rate,
            // The end of a stream and calls that say no rate are at that of the calls before.
            None if block.times().is_regular() => self.plan.as_ref().map_or(DEFAULT_RATE, |(rate, _)| *rate),
            None => {
                let rule = "sampleRate is required where samples come with timestamps";
                return Err(Error::type_error(format!("{name}: {rule}")));
            }
        };
        if !(MIN_RATE..=MAX_RATE).contains(&rate) {
            let (least, most, got) = (js_number(MIN_RATE), js_number(MAX_RATE), js_number(rate));
            return Err(Error::range(format!("{name}: sampleRate must be in [{least}, {most}], got {got}")));
        }
        Ok(rate)
    }

    fn prepare(&mut self, rate: f64, channels: usize) -> Result<()> {
        // Calls may differ in the last bits of the same rate.
        let is_same = self.plan.as_ref().is_some_and(|(planned, _)| (rate / planned - 1.0).abs() < 1e-9);
        if !is_same {
            self.plan = Some((rate, Plan::new(rate, self.lag / 1000.0)));
            self.leads.clear();
        }
        if let Some((_, plan)) = &self.plan
            && self.leads.len() != channels
        {
            let mut detector = BeatDetector::new(plan);
            let mut numbers = 0;
            detector.walk(&mut |_| numbers += 1);
            ensure_memory(channels, 2 * numbers * size_of::<f64>())?;
            self.leads = filled((detector, self.fresh.clone()), channels)?;
        }
        Ok(())
    }

    /// Takes a block. `on_beat` is given each beat with its channel, the frame with which it became known, what is kept about
    /// the lead, the sample rate, and the list for events where somebody asks for them.
    ///
    /// # Errors
    /// `TypeError` for timestamps without a rate, `RangeError` for a rate that is too low or too high.
    pub fn process(
        &mut self,
        block: &mut Block<'_>,
        mut on_beat: impl FnMut(Told<'_, W>, Times<'_>, Option<&mut Events>),
    ) -> Result<()> {
        if block.is_empty() {
            return Ok(());
        }
        let rate = match &self.plan {
            Some((rate, _)) if self.has_ended => *rate,
            _ => self.rate(block)?,
        };
        self.prepare(rate, block.channels())?;
        let Self { plan, leads, has_ended, .. } = self;
        let Some((_, plan)) = plan else { return Ok(()) };
        let (mut planes, times, mut events) = block.planes_and_events();
        for (channel, (detector, watch)) in leads.iter_mut().enumerate() {
            let samples = planes.channel(channel);
            let notice = |at: usize, beat: Beat| {
                let told = Told { channel, at, beat, watch: &mut *watch, rate };
                on_beat(told, times, events.as_deref_mut());
            };
            if *has_ended {
                detector.finish(plan, samples.len(), notice);
            } else {
                detector.process(plan, samples, notice);
            }
        }
        Ok(())
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.plan = None;
        self.leads.clear();
        self.has_ended = false;
    }

    /// Walks the leads of a state at the rate `running`, 0 while there was none.
    ///
    /// # Errors
    /// Numbers that are not those of such leads.
    pub fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let name = self.name;
        let running = archive.f64("runningRate", self.plan.as_ref().map_or(0.0, |(rate, _)| *rate))?;
        if archive.is_loading() {
            if running != 0.0 && !(MIN_RATE..=MAX_RATE).contains(&running) {
                return Err(Error::failed(format!("{name}: 'runningRate' must be a sample rate")));
            }
            self.reset();
            self.plan = (running != 0.0).then(|| (running, Plan::new(running, self.lag / 1000.0)));
        }
        let Some((_, plan)) = &self.plan else {
            let without = || Error::failed(format!("{name}: leads without a rate"));
            return archive.channels(&mut vec![], || (), |(), _| Err(without()));
        };
        let fresh = &self.fresh;
        archive.channels(
            &mut self.leads,
            || (BeatDetector::new(plan), fresh.clone()),
            |(detector, watch), archive| {
                let mut numbers = vec![];
                detector.walk(&mut |number| numbers.push(*number));
                watch.walk(&mut |number| numbers.push(*number));
                let Some(read) = archive.doubles("numbers", &numbers)? else {
                    return Ok(());
                };
                let wrong = || Error::failed(format!("{name}: 'numbers' must be those of a lead at this sample rate"));
                if read.len() != numbers.len() || !read.iter().all(|number| number.is_finite()) {
                    return Err(wrong());
                }
                let mut next = read.into_iter();
                let mut take = |number: &mut f64| *number = next.next().unwrap_or_default();
                detector.walk(&mut take);
                watch.walk(&mut take);
                if detector.fits(plan) && watch.fits() { Ok(()) } else { Err(wrong()) }
            },
        )
    }

    /// Says that only the silence behind the end follows.
    pub fn end(&mut self) {
        self.has_ended = true;
    }

    /// Samples of silence that bring out the last beats.
    pub fn tail(&self) -> usize {
        self.plan.as_ref().map_or(0, |(_, plan)| plan.tail())
    }

    /// Number of leads; 0 before the first samples.
    pub fn channels(&self) -> usize {
        self.leads.len()
    }
}

/// A beat of a lead.
pub struct Told<'a, W> {
    /// The lead.
    pub channel: usize,
    /// Frame of the block with which it became known.
    pub at: usize,
    /// The beat.
    pub beat: Beat,
    /// The data of the stage about the lead.
    pub watch: &'a mut W,
    /// Hz.
    pub rate: f64,
}
