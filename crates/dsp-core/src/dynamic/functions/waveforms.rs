//! Test signals.

use crate::dynamic::functions::arguments::Arguments;
use crate::dynamic::functions::coefficients::{named, numbers, range_error, signal};
use crate::dynamic::functions::object;
use crate::dynamic::functions::scalars::{Rule, integer, needed, needed_integer, within};
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::transform::fft::MAX_SIZE;
use crate::signal::waveforms::{self, Chirp, GaussPulse, MAX_BITS, Sweep};
use crate::text::Texts;

/// `(t, f0, t1, f1, { method = "linear", phi = 0, vertexZero = true })`
pub fn chirp(a: &Arguments<'_>) -> Result<Value> {
    let (t, options) = (signal(a, 0, "t")?, a.options(4)?);
    let (f0, t1, f1) = (needed(a, 1, "f0")?, needed(a, 2, "t1")?, needed(a, 3, "f1")?);
    if t1 <= 0.0 {
        return Err(range_error(a, format!("t1 must be above 0, got {t1}")));
    }
    let sweep = Sweep::of(options.choice("method", Sweep::TEXTS, Sweep::default().text())?).unwrap_or_default();
    let phase = options.number("phi")?.unwrap_or(0.0);
    let vertex_at_zero = options.flag("vertexZero", true)?;
    named(a, Chirp { f0, t1, f1, sweep, vertex_at_zero, phase }.values(&t)).map(Value::F64)
}

/// `sweepPoly(t, poly, { phi = 0 })`: the sweep whose frequency is a polynomial of time; `phi` in degrees.
pub fn sweep_poly(a: &Arguments<'_>) -> Result<Value> {
    let (t, poly) = (signal(a, 0, "t")?, numbers(a, 1, "poly")?);
    let phase = a.options(2)?.number("phi")?.unwrap_or(0.0);
    Ok(Value::F64(waveforms::sweep_poly(&t, &poly, phase)))
}

/// `(t | "cutoff", { fc = 1000, bw = 0.5, bwr = −6, tpr = −60 })`: `{ real, imag, envelope }`, or the cutoff time.
pub fn gausspulse(a: &Arguments<'_>) -> Result<Value> {
    let options = a.options(1)?;
    let above: Rule = ("above 0", |x| x > 0.0);
    let below: Rule = ("below 0", |x| x < 0.0);
    let pulse = GaussPulse {
        centre: within(a, &options, "fc", 1000.0, ("at least 0", |x| x >= 0.0))?,
        bandwidth: within(a, &options, "bw", 0.5, above)?,
        reference: within(a, &options, "bwr", -6.0, below)?,
    };
    let level = within(a, &options, "tpr", -60.0, below)?;
    if a.get(0).as_str() == Some("cutoff") {
        return Ok(Value::Number(pulse.cutoff(level)));
    }
    let [real, imag, envelope] = pulse.values(&signal(a, 0, "t")?);
    Ok(object([("real", Value::F64(real)), ("imag", Value::F64(imag)), ("envelope", Value::F64(envelope))]))
}

fn share(a: &Arguments<'_>, key: &str, default: f64) -> Result<f64> {
    within(a, &a.option(1, key), key, default, ("from 0 to 1", |x| (0.0..=1.0).contains(&x)))
}

/// `sawtooth(t, width = 1)`: the wave of period 2π at the times `t`.
pub fn sawtooth(a: &Arguments<'_>) -> Result<Value> {
    Ok(Value::F64(waveforms::sawtooth(&signal(a, 0, "t")?, share(a, "width", 1.0)?)))
}

/// `square(t, duty = 0.5)`: the wave of period 2π at the times `t`.
pub fn square(a: &Arguments<'_>) -> Result<Value> {
    Ok(Value::F64(waveforms::square(&signal(a, 0, "t")?, share(a, "duty", 0.5)?)))
}

/// `(length, index = 0 | "mid")`
pub fn unit_impulse(a: &Arguments<'_>) -> Result<Value> {
    let length = needed_integer(a, 0, "length", (1, MAX_SIZE))?;
    let index = match a.get(1).as_str() {
        Some("mid") => length / 2,
        _ => integer(a, &a.option(1, "index"), "index", (0, length - 1))?.unwrap_or(0),
    };
    let mut impulse = vec![0.0; length];
    impulse[index] = 1.0;
    Ok(Value::F64(impulse))
}

/// `maxLenSeq(nbits, { state, length = 2^nbits − 1 })`: `{ sequence, state }` of a maximum length sequence.
pub fn max_len_seq(a: &Arguments<'_>) -> Result<Value> {
    let bits = needed_integer(a, 0, "nbits", (2, MAX_BITS))?;
    let options = a.options(1)?;
    let length = integer(a, &options, "length", (0, MAX_SIZE))?.unwrap_or((1 << bits) - 1);
    if length > MAX_SIZE {
        return Err(range_error(a, format!("length must be given for nbits of {bits}, at most {MAX_SIZE}")));
    }
    let mut state = match options.numbers("state")? {
        None => vec![true; bits],
        Some(list) => list.iter().map(|&bit| bit != 0.0).collect(),
    };
    if state.len() != bits || !state.contains(&true) {
        return Err(range_error(a, format!("state must have {bits} bits, not all of them 0")));
    }
    let sequence = waveforms::max_len_seq(&mut state, length);
    let bits = state.into_iter().map(|bit| f64::from(u8::from(bit))).collect();
    Ok(object([("sequence", Value::F64(sequence)), ("state", Value::F64(bits))]))
}
