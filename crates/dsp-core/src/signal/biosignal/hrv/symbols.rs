//! Symbolic dynamics (Porta 2007, Cysarz 2013): intervals in four classes of equal probability, and how three of them in a
//! row vary.

use super::{Columns, named};
use crate::signal::biosignal::numbers::{percentile, sorted};

/// Number of classes.
const CLASSES: usize = 4;

pub fn columns(values: &[f64]) -> Columns {
    let ordered = sorted(values);
    let edges: Vec<f64> = (1..CLASSES).map(|k| percentile(&ordered, k as f64 / CLASSES as f64)).collect();
    let symbols: Vec<usize> = values.iter().map(|x| edges.iter().filter(|edge| *x >= **edge).count()).collect();
    let mut counts = [0.0; 4];
    for word in symbols.windows(3) {
        let changes = usize::from(word[0] != word[1]) + usize::from(word[1] != word[2]);
        let is_monotone = (word[0] < word[1]) == (word[1] < word[2]);
        counts[if changes == 2 && !is_monotone { 3 } else { changes }] += 1.0;
    }
    let total: f64 = counts.iter().sum();
    let [none, one, like, unlike] = counts.map(|count| count / total);
    named([
        ("Symbolic_EqualProb4_0V", none),
        ("Symbolic_EqualProb4_1V", one),
        ("Symbolic_EqualProb4_2LV", like),
        ("Symbolic_EqualProb4_2UV", unlike),
    ])
}
