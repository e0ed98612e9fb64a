//! Functions from a signal to a signal.

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::engine::block::Block;
use crate::engine::stage::Define;
use crate::engine::workspace::Workspace;
use crate::error::Result;
use crate::params::Parameters;
use crate::params::value::Value;
use crate::signal::smooth::extend::Edge;
use crate::signal::smooth::median;
use crate::signal::smooth::savgol::{Ends, Savgol};
use crate::stages::{HilbertEnvelope, WaveletTransform};

/// Sends the signal as one channel through a new stage that keeps the length.
fn through<S: Define>(a: &Arguments<'_>, params: Vec<(String, Value)>) -> Result<Value> {
    let mut stage = S::new(&S::Params::read(S::LABEL, &Value::Object(params))?)?;
    let mut samples = a.samples(0, "signal")?.into_owned();
    let mut work = Workspace::default();
    stage.process(&mut Block::regular(&mut samples, 1, &mut work, 0.0, 0.0, 1000.0))?;
    Ok(Value::F32(samples))
}

/// `dwt(signal, wavelet)`: one step of the wavelet transform.
pub fn dwt(a: &Arguments<'_>) -> Result<Value> {
    through::<WaveletTransform>(a, vec![("wavelet".into(), a.get(1).clone())])
}

/// `hilbertEnvelope(signal, windowSize = 512, hopSize?)`: the envelope, as long as the signal.
pub fn hilbert_envelope(a: &Arguments<'_>) -> Result<Value> {
    let size = if a.get(1).is_undefined() { Value::Number(512.0) } else { a.get(1).clone() };
    through::<HilbertEnvelope>(a, vec![("windowSize".into(), size), ("hopSize".into(), a.get(2).clone())])
}

/// `medianFilter(x, windowSize, { mode = "constant" })`: the running median, as long as `x`.
pub fn median_filter(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (a.samples(0, "x")?, a.options(2)?);
    let size = a.option(1, "windowSize").integer("windowSize", 1)?;
    let size = size.filter(|n| n % 2 == 1).ok_or_else(|| a.type_error("windowSize must be an odd integer"))?;
    let edge = Edge::of(options.choice("mode", &Edge::NAMES, "constant")?).expect("one of the names");
    median::median_filter(&x, size, edge).map(Value::F32)
}

/// `savgolFilter(x, windowLength, polyOrder, { deriv, delta, mode = "interp" })`: the smoothed signal or its
/// derivative, as long as `x`.
pub fn savgol_filter(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (a.samples(0, "x")?, a.options(3)?);
    let needed = |options: Options, key: &str| {
        options.integer(key, 0)?.ok_or_else(|| a.type_error(format!("{key} must be an integer")))
    };
    let window = needed(a.option(1, "windowLength"), "windowLength")?;
    let order = needed(a.option(2, "polyOrder"), "polyOrder")?;
    let derivative = options.integer("deriv", 0)?.unwrap_or(0);
    let filter = Savgol::new(window, order, derivative, options.number("delta")?.unwrap_or(1.0))?;
    let modes = ["interp", "constant", "nearest", "mirror", "reflect", "wrap"];
    let ends = Edge::of(options.choice("mode", &modes, "interp")?).map_or(Ends::Fit, Ends::Extend);
    filter.filter(&x, ends).map(Value::F32)
}
