//! The Poincaré plot of each interval over the one before it: its ellipse, its asymmetry (Piskorski and Guzik 2011, Yan
//! 2017), and how fragmented the sequence is (Costa 2017).

use std::f64::consts::{FRAC_PI_4, PI, SQRT_2};

use super::{Columns, Intervals, named};
use crate::signal::biosignal::numbers::{deviation, mean};

pub fn columns(intervals: &Intervals) -> Columns {
    let across: Vec<f64> = intervals.pairs().map(|(x, y)| (x - y) / SQRT_2).collect();
    let along: Vec<f64> = intervals.pairs().map(|(x, y)| (x + y) / SQRT_2).collect();
    let (sd1, sd2) = (deviation(&across), deviation(&along));
    let (transverse, longitudinal) = (4.0 * sd1, 4.0 * sd2);
    named([
        ("SD1", sd1),
        ("SD2", sd2),
        ("SD1SD2", sd1 / sd2),
        ("S", PI * sd1 * sd2),
        ("CSI", longitudinal / transverse),
        ("CVI", (longitudinal * transverse).log10()),
        ("CSI_Modified", longitudinal * longitudinal / transverse),
    ])
}

/// Lengths of runs of numbers that follow one another.
fn runs(places: impl Iterator<Item = usize>) -> Vec<usize> {
    let (mut lengths, mut expected) = (vec![], usize::MAX);
    for place in places {
        match lengths.last_mut() {
            Some(length) if place == expected => *length += 1,
            _ => lengths.push(1),
        }
        expected = place + 1;
    }
    lengths
}

/// Shares of inflection points, of short segments of one direction and of alternation.
pub fn fragmentation(differences: &[f64]) -> Columns {
    let sign = |x: f64| if x == 0.0 { 0.0 } else { x.signum() };
    let crossings: Vec<usize> =
        (1..differences.len()).filter(|k| sign(differences[*k]) != sign(differences[*k - 1])).map(|k| k - 1).collect();
    let direction = |wanted: f64| (0..differences.len()).filter(move |k| sign(differences[*k]) == wanted);
    let mut segments = runs(direction(1.0));
    segments.extend(runs(direction(-1.0)));
    let total: usize = segments.iter().sum();
    let short: usize = segments.iter().filter(|length| **length < 3).sum();
    let alternations = runs(crossings.iter().copied());
    let long = alternations.iter().filter(|length| **length >= 4).count();
    named([
        ("PIP", crossings.len() as f64 / (differences.len() + 1) as f64),
        ("IALS", segments.len() as f64 / total as f64),
        ("PSS", short as f64 / total as f64),
        ("PAS", long as f64 / alternations.len() as f64),
    ])
}

/// Contributions of decelerations (points above the line of identity) and of accelerations.
pub fn asymmetry(intervals: &Intervals) -> Columns {
    let (x, y): (Vec<f64>, Vec<f64>) = intervals.pairs().unzip();
    let n = x.len() as f64;
    let centre = mean(&x) + mean(&y);
    let (mut above, mut below, mut on) = (Side::default(), Side::default(), Side::default());
    for (x, y) in x.iter().zip(&y) {
        let side = if y > x {
            &mut above
        } else if y < x {
            &mut below
        } else {
            &mut on
        };
        let distance = (y - x).abs() / SQRT_2;
        let angle = (FRAC_PI_4 - (y / x).atan()).abs();
        side.count += 1.0;
        side.distance += distance;
        side.distances += distance * distance;
        side.along += (x + y - centre).powi(2) / 2.0;
        side.angle += angle;
        side.area += 0.5 * angle * (x * x + y * y);
    }
    let share = |part: fn(&Side) -> f64| 100.0 * part(&above) / (part(&above) + part(&below) + part(&on));
    let short = |side: &Side| side.distances / (n - 1.0);
    let long = |side: &Side| (side.along + 0.5 * on.along) / (n - 1.0);
    let (short_d, short_a, long_d, long_a) = (short(&above), short(&below), long(&above), long(&below));
    let (total_d, total_a) = (0.5 * (short_d + long_d), 0.5 * (short_a + long_a));
    named([
        ("GI", share(|side| side.distance)),
        ("SI", share(|side| side.angle)),
        ("AI", share(|side| side.area)),
        ("PI", 100.0 * below.count / (above.count + below.count)),
        ("C1d", short_d / (short_d + short_a)),
        ("C1a", short_a / (short_d + short_a)),
        ("SD1d", short_d.sqrt()),
        ("SD1a", short_a.sqrt()),
        ("C2d", long_d / (long_d + long_a)),
        ("C2a", long_a / (long_d + long_a)),
        ("SD2d", long_d.sqrt()),
        ("SD2a", long_a.sqrt()),
        ("Cd", total_d / (total_d + total_a)),
        ("Ca", total_a / (total_d + total_a)),
        ("SDNNd", total_d.sqrt()),
        ("SDNNa", total_a.sqrt()),
    ])
}

/// Sums over the points on one side of the line of identity.
#[derive(Debug, Clone, Copy, Default)]
struct Side {
    count: f64,
    /// Distances from the line, and their squares.
    distance: f64,
    distances: f64,
    /// Squared distances from the centre along the line.
    along: f64,
    angle: f64,
    area: f64,
}
