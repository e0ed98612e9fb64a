//! The last N values of a stream as one slice.

use super::numbers::Number;

/// The last N values, each stored twice so that they form a slice at any time.
#[derive(Debug, Clone, PartialEq)]
pub struct History<T> {
    twice: Vec<T>,
    next: usize,
}

impl<T: Number> History<T> {
    /// Returns a history of `length` zeros.
    pub fn new(length: usize) -> Self {
        Self { twice: vec![T::default(); 2 * length], next: 0 }
    }

    /// Returns the number of values.
    pub fn len(&self) -> usize {
        self.twice.len() / 2
    }

    /// Returns whether it holds no values.
    pub fn is_empty(&self) -> bool {
        self.twice.is_empty()
    }

    /// Sets all values.
    pub fn fill(&mut self, value: T) {
        self.twice.fill(value);
    }

    /// Appends a value and drops the oldest.
    #[inline(always)]
    pub fn push(&mut self, value: T) {
        let length = self.len();
        self.twice[self.next] = value;
        self.twice[self.next + length] = value;
        self.next = if self.next + 1 == length { 0 } else { self.next + 1 };
    }

    /// Returns the values, oldest first.
    #[inline]
    pub fn values(&self) -> &[T] {
        &self.twice[self.next..self.next + self.len()]
    }

    /// Visits the values, oldest first; the visitor may change them.
    pub fn walk(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        let length = self.len();
        self.twice.rotate_left(self.next);
        self.next = 0;
        let (first, second) = self.twice.split_at_mut(length);
        for (value, copy) in first.iter_mut().zip(second) {
            value.walk(visit);
            *copy = *value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_values_are_in_order() {
        let mut history = History::new(3);
        (1..=5).for_each(|k| history.push(f64::from(k)));
        assert_eq!(history.values(), [3.0, 4.0, 5.0]);
        let mut seen = vec![];
        history.walk(&mut |x| {
            seen.push(*x);
            *x += 1.0;
        });
        assert_eq!(seen, [3.0, 4.0, 5.0]);
        history.push(9.0);
        assert_eq!(history.values(), [5.0, 6.0, 9.0]);
    }
}
