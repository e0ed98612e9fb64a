//! Windows of flags: whether any of the last samples has one.

use std::collections::VecDeque;

use crate::error::Result;
use crate::state::archive::Archive;

/// The flags of one channel. The age of the last flag answers whether one is set; the flags themselves are kept because
/// saved states contain them.
#[derive(Debug, Clone)]
pub struct Flags {
    flags: VecDeque<bool>,
    /// Number of samples since the last one with a flag.
    age: usize,
}

impl Default for Flags {
    fn default() -> Self {
        // Older than any window: none was set.
        Self { flags: VecDeque::new(), age: usize::MAX / 2 }
    }
}

impl Flags {
    /// Returns a window that holds `flags`, oldest first.
    pub fn restore(flags: impl IntoIterator<Item = bool>) -> Self {
        let flags: VecDeque<bool> = flags.into_iter().collect();
        let age = flags.iter().rev().position(|set| *set).unwrap_or(Self::default().age);
        Self { flags, age }
    }

    /// Returns whether there have been no samples.
    pub fn is_empty(&self) -> bool {
        self.flags.is_empty()
    }

    /// Returns the number of set flags in the window.
    pub fn count(&self) -> usize {
        self.flags.iter().filter(|set| **set).count()
    }

    /// Adds flags (0 or 1), and replaces each by 1 if one of the last `size` is set, else 0.
    pub fn slide(&mut self, size: usize, flags: &mut [f32]) {
        let kept = flags.len().min(size);
        let excess = (self.flags.len() + kept).saturating_sub(size);
        self.flags.drain(..excess);
        self.flags.extend(flags[flags.len() - kept..].iter().map(|flag| *flag != 0.0));
        for flag in flags {
            self.age = if *flag == 0.0 { self.age + 1 } else { 0 };
            *flag = f32::from(u8::from(self.age < size));
        }
    }

    /// Walks the flags and their count; returns the count, as it was saved.
    ///
    /// # Errors
    /// Reading: they are absent or of another type.
    pub fn state(&mut self, archive: &mut Archive<'_>) -> Result<usize> {
        if let Some(read) = archive.flags("buffer", self.flags.iter().copied())? {
            *self = Self::restore(read);
        }
        archive.count("runningCount", self.count())
    }

    /// Returns the number of flags.
    pub fn len(&self) -> usize {
        self.flags.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_is_said_while_a_flag_is_in_the_window(
            flags in prop::collection::vec(prop::bool::weighted(0.1), 0..200),
            size in 1usize..60,
            cut in 0usize..200,
        ) {
            let numbers: Vec<f32> = flags.iter().map(|f| f32::from(u8::from(*f))).collect();
            let (a, b) = numbers.split_at(cut.min(numbers.len()));
            let (mut a, mut b) = (a.to_vec(), b.to_vec());
            let mut window = Flags::default();
            window.slide(size, &mut a);
            window = Flags::restore(window.flags);
            window.slide(size, &mut b);
            a.extend(b);
            for i in 0..flags.len() {
                let any = flags[(i + 1).saturating_sub(size)..=i].contains(&true);
                prop_assert_eq!(a[i] == 1.0, any, "{}", i);
            }
            let last = &flags[flags.len().saturating_sub(size)..];
            prop_assert_eq!(window.count(), last.iter().filter(|f| **f).count());
            prop_assert_eq!(window.len(), last.len());
        }
    }
}
