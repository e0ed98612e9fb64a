//! The lowest order that meets a specification, and its edges (`scipy.signal.buttord`, `cheb1ord`, `cheb2ord`,
//! `ellipord`; L. R. Rabiner and B. Gold, *Theory and Application of Digital Signal Processing*, 1975).

use std::f64::consts::PI;

use crate::error::{Error, Result};

crate::texts! {
    /// Families of filters whose lowest order can be computed.
    pub enum Family {
        /// Butterworth.
        Butter = "butter",
        /// Chebyshev, type I.
        Cheby1 = "cheby1",
        /// Chebyshev, type II.
        Cheby2 = "cheby2",
        /// Elliptic.
        Ellip = "ellip",
    }
}

/// The kind of band that the edges of pass- and stop-band describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Passes below its edge.
    LowPass,
    /// Passes above its edge.
    HighPass,
    /// Passes outside its stop-band.
    BandStop,
    /// Passes inside its pass-band.
    BandPass,
}

/// The requirements on a filter: edges in rad/s (warped for a digital filter), losses in dB.
#[derive(Debug, Clone, PartialEq)]
pub struct Specification {
    pass: Vec<f64>,
    stop: Vec<f64>,
    pass_loss: f64,
    stop_loss: f64,
    shape: Shape,
}

/// Precision in rad/s to which a movable edge is optimised, at least, as in SciPy.
const EDGE: f64 = 1e-5;

impl Specification {
    /// Returns the specification of at most `pass_loss` dB at the `pass` edges and at least `stop_loss` dB at the
    /// `stop` edges.
    ///
    /// # Errors
    /// `RangeError` unless there are one or two ascending edges above 0 of both bands that do not overlap, and
    /// 0 < `pass_loss` < `stop_loss`.
    pub fn new(pass: &[f64], stop: &[f64], pass_loss: f64, stop_loss: f64) -> Result<Self> {
        let shape = match (pass, stop) {
            ([p], [s]) if 0.0 < *p && p < s => Shape::LowPass,
            ([p], [s]) if 0.0 < *s && s < p => Shape::HighPass,
            ([p1, p2], [s1, s2]) if 0.0 < *p1 && p1 < s1 && s1 < s2 && s2 < p2 => Shape::BandStop,
            ([p1, p2], [s1, s2]) if 0.0 < *s1 && s1 < p1 && p1 < p2 && p2 < s2 => Shape::BandPass,
            _ => {
                let rule =
                    "wp and ws must be one frequency above 0 each, or two ascending ones, one band inside the other";
                return Err(Error::range(rule));
            }
        };
        if !(pass_loss > 0.0 && stop_loss > pass_loss && stop_loss.is_finite()) {
            return Err(Error::range(format!(
                "gpass must be above 0 dB and below gstop, got {pass_loss} and {stop_loss}"
            )));
        }
        Ok(Self { pass: pass.to_vec(), stop: stop.to_vec(), pass_loss, stop_loss, shape })
    }

    /// Returns the kind of band.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Returns where the stop-band begins in the low-pass prototype whose pass-band ends at 1.
    fn selectivity(&self, pass: &[f64]) -> f64 {
        let of = |stop: f64| match self.shape {
            Shape::LowPass => stop / pass[0],
            Shape::HighPass => pass[0] / stop,
            Shape::BandStop => stop * (pass[0] - pass[1]) / (stop * stop - pass[0] * pass[1]),
            Shape::BandPass => (stop * stop - pass[0] * pass[1]) / (stop * (pass[0] - pass[1])),
        };
        self.stop.iter().map(|&stop| of(stop).abs()).fold(f64::INFINITY, f64::min)
    }

    /// Returns `10^(loss/10) − 1` of the stop-band divided by that of the pass-band.
    fn discrimination(&self) -> f64 {
        super::power_minus_one(self.stop_loss) / super::power_minus_one(self.pass_loss)
    }

    fn order(&self, family: Family, pass: &[f64]) -> f64 {
        let selectivity = self.selectivity(pass);
        let ratio = self.discrimination();
        match family {
            Family::Butter => ratio.log10() / (2.0 * selectivity.log10()),
            Family::Cheby1 | Family::Cheby2 => ratio.sqrt().acosh() / selectivity.acosh(),
            Family::Ellip => integral_ratio(1.0 / selectivity) / integral_ratio(1.0 / ratio.sqrt()),
        }
    }

    /// Returns the pass-band edges that give the lowest order: for a band-stop they may move towards the stop-band.
    fn best_pass(&self, family: Family) -> Vec<f64> {
        let mut pass = self.pass.clone();
        if self.shape == Shape::BandStop {
            let inside = 1e-12;
            pass[0] = least(|edge| self.order(family, &[edge, pass[1]]), pass[0], self.stop[0] - inside, EDGE);
            pass[1] = least(|edge| self.order(family, &[pass[0], edge]), self.stop[1] + inside, pass[1], EDGE);
        }
        pass
    }

    /// Returns the lowest order and the edges to design with, in rad/s.
    ///
    /// # Errors
    /// `RangeError` if no finite order meets the specification.
    pub fn lowest_order(&self, family: Family) -> Result<(f64, Vec<f64>)> {
        let pass = self.best_pass(family);
        let order = self.order(family, &pass).ceil().max(1.0);
        let edges = match family {
            Family::Butter => self.butterworth_edges(order, &pass),
            Family::Cheby2 => self.stop_edges(order, &pass),
            Family::Cheby1 | Family::Ellip => pass,
        };
        if order.is_finite() && edges.iter().all(|edge| edge.is_finite()) {
            Ok((order, edges))
        } else {
            Err(Error::range("wp, ws, gpass and gstop are too extreme: no order meets them within float64"))
        }
    }

    /// Returns the −3 dB points of the filter of this order that meets the pass-band exactly.
    fn butterworth_edges(&self, order: f64, pass: &[f64]) -> Vec<f64> {
        let edge = super::power_minus_one(self.pass_loss).powf(-1.0 / (2.0 * order));
        self.band_edges(edge, pass)
    }

    /// Returns where the stop-band begins for the filter of this order that meets the pass-band exactly.
    fn stop_edges(&self, order: f64, pass: &[f64]) -> Vec<f64> {
        let edge = (self.discrimination().sqrt().acosh() / order).cosh();
        self.band_edges(edge, pass)
    }

    /// Returns the frequencies to which the band transform maps `edge` of the prototype whose pass-band ends at 1.
    fn band_edges(&self, edge: f64, pass: &[f64]) -> Vec<f64> {
        let around = |width: f64| {
            let root = (width * width / 4.0 + pass[0] * pass[1]).sqrt();
            let high = width / 2.0 + root;
            vec![pass[0] * pass[1] / high, high]
        };
        match self.shape {
            Shape::LowPass => vec![edge * pass[0]],
            Shape::HighPass => vec![pass[0] / edge],
            Shape::BandStop => around((pass[1] - pass[0]) / edge),
            Shape::BandPass => around((pass[1] - pass[0]) * edge),
        }
    }
}

/// Returns K(k)/K(k′) of the complete elliptic integrals: `agm(1, k)/agm(1, k′)`.
fn integral_ratio(k: f64) -> f64 {
    let mean = |mut b: f64| {
        let mut a = 1.0_f64;
        for _ in 0..64 {
            (a, b) = (f64::midpoint(a, b), (a * b).sqrt());
        }
        a
    };
    mean(k) / mean(((1.0 - k) * (1.0 + k)).sqrt())
}

/// Returns the minimum of `f` between `low` and `high`, to within `precision`: golden sections and parabolas (R. P.
/// Brent, *Algorithms for Minimization without Derivatives*, 1973, chapter 5).
fn least(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64, precision: f64) -> f64 {
    let golden = 0.5 * (3.0 - 5.0_f64.sqrt());
    let mut best = low + golden * (high - low);
    let (mut second, mut third) = (best, best);
    let mut value = f(best);
    let (mut second_value, mut third_value) = (value, value);
    let (mut step, mut step_before) = (0.0_f64, 0.0_f64);
    for _ in 0..500 {
        let middle = 0.5 * (low + high);
        let tolerance = 2.2e-16_f64.sqrt() * best.abs() + precision / 3.0;
        if (best - middle).abs() <= 2.0 * tolerance - 0.5 * (high - low) {
            break;
        }
        let parabola = (step_before.abs() > tolerance)
            .then(|| {
                let r = (best - second) * (value - third_value);
                let q = (best - third) * (value - second_value);
                let p = (best - third) * q - (best - second) * r;
                let q = 2.0 * (q - r);
                (if q > 0.0 { -p } else { p }, q.abs())
            })
            .filter(|&(p, q)| p.abs() < (0.5 * q * step_before).abs() && p > q * (low - best) && p < q * (high - best));
        if let Some((p, q)) = parabola {
            step_before = step;
            step = p / q;
            let at = best + step;
            if at - low < 2.0 * tolerance || high - at < 2.0 * tolerance {
                step = if middle >= best { tolerance } else { -tolerance };
            }
        } else {
            step_before = if best >= middle { low - best } else { high - best };
            step = golden * step_before;
        }
        let at = best + step.abs().max(tolerance).copysign(if step == 0.0 { 1.0 } else { step });
        let here = f(at);
        if here <= value {
            *(if at >= best { &mut low } else { &mut high }) = best;
            (third, third_value) = (second, second_value);
            (second, second_value) = (best, value);
            (best, value) = (at, here);
        } else {
            *(if at < best { &mut low } else { &mut high }) = at;
            if here <= second_value || second == best {
                (third, third_value) = (second, second_value);
                (second, second_value) = (at, here);
            } else if here <= third_value || third == best || third == second {
                (third, third_value) = (at, here);
            }
        }
    }
    best
}

/// Returns `tan(πν)`, the analog frequency that [`unwarp`] maps back.
pub fn warp(nu: f64) -> f64 {
    (PI * nu).tan()
}

/// Returns the digital frequency in cycles per sample for an analog one.
pub fn unwarp(omega: f64) -> f64 {
    omega.atan() / PI
}
