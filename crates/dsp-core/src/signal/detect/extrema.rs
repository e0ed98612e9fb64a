//! Samples that stand out from their neighbours (`scipy.signal.argrelextrema`).

crate::texts! {
    /// How a sample compares with each of its neighbours.
    #[derive(Default)]
    pub enum Comparison {
        /// It is greater.
        #[default]
        Greater = "greater",
        /// It is greater or equal.
        GreaterEqual = "greaterEqual",
        /// It is less.
        Less = "less",
        /// It is less or equal.
        LessEqual = "lessEqual",
    }
}

crate::texts! {
    /// The samples beyond the ends.
    #[derive(Default)]
    pub enum Ends {
        /// The end samples again.
        #[default]
        Clip = "clip",
        /// The other end.
        Wrap = "wrap",
    }
}

impl Comparison {
    fn holds(self, x: f64, y: f64) -> bool {
        match self {
            Self::Greater => x > y,
            Self::GreaterEqual => x >= y,
            Self::Less => x < y,
            Self::LessEqual => x <= y,
        }
    }
}

/// Returns the indices of the samples that compare so with `order` neighbours on either side.
pub fn relative_extrema(x: &[f64], comparison: Comparison, order: usize, ends: Ends) -> Vec<usize> {
    let n = x.len();
    let neighbour = |i: usize, step: usize, forward: bool| match ends {
        Ends::Clip if forward => (i + step).min(n - 1),
        Ends::Clip => i.saturating_sub(step),
        Ends::Wrap if forward => (i + step) % n,
        Ends::Wrap => (i + n - step % n) % n,
    };
    let stands_out = |i: &usize| {
        // Beyond the length the neighbours are the same ones again.
        (1..=order.min(n)).all(|step| {
            comparison.holds(x[*i], x[neighbour(*i, step, true)])
                && comparison.holds(x[*i], x[neighbour(*i, step, false)])
        })
    };
    (0..n).filter(stands_out).collect()
}
