//! The last samples of a stream as one slice, and the times at which frames are due.

/// Keeps the last `window` samples. Samples are appended, and moved to the front only after another `window` of them,
/// so the cost of pushing is proportional to the number of samples pushed.
#[derive(Debug, Clone, Default)]
pub struct Sliding {
    window: usize,
    samples: Vec<f32>,
}

/// Number of samples beyond a short window that may gather before they are moved to the front.
const SLACK: usize = 1024;

impl Sliding {
    /// Returns an empty window of `window` samples.
    pub fn new(window: usize) -> Self {
        Self { window, samples: Vec::new() }
    }

    /// Returns a window that holds the last of `samples`.
    pub fn holding(window: usize, samples: &[f32]) -> Self {
        Self { window, samples: samples[samples.len().saturating_sub(window)..].to_vec() }
    }

    /// Appends samples.
    pub fn push(&mut self, samples: &[f32]) {
        if samples.len() >= self.window {
            self.samples.clear();
            return self.samples.extend_from_slice(&samples[samples.len() - self.window..]);
        }
        if self.samples.len() + samples.len() > 2 * self.window + SLACK {
            let kept = self.window - samples.len();
            let from = self.samples.len() - kept;
            self.samples.copy_within(from.., 0);
            self.samples.truncate(kept);
        }
        self.samples.extend_from_slice(samples);
    }

    /// Returns the samples held, oldest first.
    pub fn samples(&self) -> &[f32] {
        &self.samples[self.samples.len().saturating_sub(self.window)..]
    }

    /// Returns the number of samples held.
    pub fn len(&self) -> usize {
        self.samples.len().min(self.window)
    }

    /// Returns whether no sample is held.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Returns whether the window is full.
    pub fn is_full(&self) -> bool {
        self.len() == self.window
    }

    /// Drops all samples.
    pub fn clear(&mut self) {
        self.samples.clear();
    }
}

/// Decides when frames of a stream are due: the first when the window is full, then one every `hop` samples.
///
/// Samples are counted from the start; a frame is due at the sample at which the window is full and `hop` or more
/// samples have been counted, and the count restarts there.
#[derive(Debug, Clone)]
pub struct Framing {
    /// The window.
    pub window: Sliding,
    /// Samples since the last frame.
    pub counter: usize,
}

impl Framing {
    /// Returns an empty window of `window` samples, with the count at 0.
    pub fn new(window: usize) -> Self {
        Self { window: Sliding::new(window), counter: 0 }
    }

    /// Returns how many more samples the next frame needs, at least 1.
    pub fn until_due(&self, hop: usize) -> usize {
        let missing = self.window.window - self.window.len();
        missing.max(hop.saturating_sub(self.counter)).max(1)
    }

    /// Takes samples up to the next frame; returns how many, and whether a frame is due after them.
    pub fn take(&mut self, samples: &[f32], hop: usize) -> (usize, bool) {
        let due = self.until_due(hop);
        let n = due.min(samples.len());
        self.window.push(&samples[..n]);
        self.counter = if n == due { 0 } else { self.counter.saturating_add(n) };
        (n, n == due)
    }

    /// Empties the window and the count.
    pub fn reset(&mut self) {
        self.window.clear();
        self.counter = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn holds_the_last_samples_however_they_come(window in 1_usize..50, cuts in prop::collection::vec(0_usize..120, 1..60)) {
            let mut sliding = Sliding::new(window);
            let mut all: Vec<f32> = vec![];
            for n in cuts {
                let chunk: Vec<f32> = (0..n).map(|i| (all.len() + i) as f32).collect();
                sliding.push(&chunk);
                all.extend(chunk);
                prop_assert_eq!(sliding.samples(), &all[all.len().saturating_sub(window)..]);
                prop_assert!(sliding.samples.len() <= 2 * window + SLACK);
            }
        }

        #[test]
        fn frames_are_due_as_if_samples_came_one_by_one(window in 1_usize..12, hop in 1_usize..12, cuts in prop::collection::vec(0_usize..30, 1..20)) {
            let hop = hop.min(window);
            let total: usize = cuts.iter().sum();
            let due: Vec<usize> = (1..=total).filter(|&i| i >= window && (i - window) % hop == 0).collect();
            let (mut framing, mut at, mut got) = (Framing::new(window), 0, vec![]);
            for n in cuts {
                let chunk = vec![0.0; n];
                let mut rest = &chunk[..];
                while !rest.is_empty() {
                    let (taken, frame) = framing.take(rest, hop);
                    rest = &rest[taken..];
                    at += taken;
                    if frame {
                        got.push(at);
                    }
                }
            }
            prop_assert_eq!(got, due);
        }
    }
}
