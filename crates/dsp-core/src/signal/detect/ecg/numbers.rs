//! States as sequences of numbers: each part visits its numbers in one order, for writing and for reading.

/// A number of a state.
pub trait Number: Copy + Default {
    /// Visits the number as a float64; the visitor may change it.
    fn walk(&mut self, visit: &mut dyn FnMut(&mut f64));
}

/// Implements [`Number`] for types that a float64 represents exactly; values read saturate.
macro_rules! numbers {
    ($($kind:ty),*) => {$(
        impl Number for $kind {
            fn walk(&mut self, visit: &mut dyn FnMut(&mut f64)) {
                let mut value = *self as f64;
                visit(&mut value);
                *self = value as $kind;
            }
        }
    )*};
}

numbers!(f64, f32, usize, u64, i64);

impl Number for bool {
    fn walk(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        let mut value = f64::from(u8::from(*self));
        visit(&mut value);
        *self = value != 0.0;
    }
}

/// Returns the lower median of up to eight values; 0 if there are none.
pub fn middle(values: &[f64]) -> f64 {
    ranked(values, values.len() / 2)
}

/// Returns the element with index `rank` of up to eight values in order; 0 if there is none.
pub fn ranked(values: &[f64], rank: usize) -> f64 {
    let mut sorted = [0.0; RECENT];
    let count = values.len().min(RECENT);
    sorted[..count].copy_from_slice(&values[..count]);
    sorted[..count].sort_unstable_by(f64::total_cmp);
    sorted[..count].get(rank).copied().unwrap_or(0.0)
}

/// Returns the median distance of the values from their median, relative to it.
pub fn spread(values: &[f64]) -> f64 {
    let centre = middle(values);
    let mut distances = [0.0; RECENT];
    let count = values.len().min(RECENT);
    for (distance, value) in distances.iter_mut().zip(values) {
        *distance = (value - centre).abs();
    }
    if centre > 0.0 { middle(&distances[..count]) / centre } else { 1.0 }
}

/// Number of recent beats that are remembered.
pub const RECENT: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_few_values() {
        assert_eq!(middle(&[]), 0.0);
        assert_eq!(middle(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(middle(&[4.0, 1.0, 2.0, 3.0]), 3.0);
        assert_eq!(ranked(&[4.0, 1.0, 2.0, 3.0], 1), 2.0);
        assert_eq!(spread(&[2.0, 2.0, 3.0]), 0.0);
        assert_eq!(spread(&[1.0, 2.0, 4.0]), 0.5);
    }
}
