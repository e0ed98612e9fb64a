//! The training functions by name, with JavaScript values as arguments and results: the bindings call them, at once or
//! on a worker thread.

use crate::error::{Error, Result};
use crate::params::value::{Value, to_f32};
use crate::signal::spatial::beamformer::beamformer_weights;
use crate::signal::spatial::csp::csp;
use crate::signal::spatial::ica::ica;
use crate::signal::spatial::pca::pca;
use crate::signal::spatial::whitening::whitening;

/// Largest number of channels for training: an eigenproblem of this size takes seconds, and the time grows with its
/// cube.
pub const MAX_CHANNELS: usize = 1024;

/// Largest number of iterations of ICA: a run that has not converged by then will not.
const MAX_ITERATIONS: usize = 1_000_000;

/// Largest number of channels of a beamformer: its blocking matrix grows with the square.
const MAX_ELEMENTS: usize = 4096;

/// A training function whose arguments have been checked, with a copy of the data.
#[derive(Debug)]
pub struct Training(Request);

#[derive(Debug)]
enum Request {
    Pca { data: Vec<f32>, channels: usize },
    Whitening { data: Vec<f32>, channels: usize, regularization: f64 },
    Ica { data: Vec<f32>, channels: usize, max_iterations: usize, tolerance: f64 },
    Csp { classes: [Vec<f32>; 2], channels: usize, filters: usize },
    Beamformer { channels: usize, geometry: String, angle: f32 },
}

impl Training {
    /// Returns the request for the function `name` with its arguments.
    ///
    /// # Errors
    /// `TypeError` or `RangeError` for arguments that are not as documented in `lib/signal/spatial/types.d.ts`.
    pub fn new(name: &str, arguments: Vec<Value>) -> Result<Self> {
        let mut arguments = Arguments { values: arguments };
        match name {
            "calculatePca" => arguments.pca(),
            "calculateWhitening" => arguments.whitening(),
            "calculateIca" => arguments.ica(),
            "calculateCommonSpatialPatterns" => arguments.csp(),
            "calculateBeamformerWeights" => arguments.beamformer(),
            _ => Err(Error::type_error(format!("{name} is not the name of a training function"))),
        }
        .map(Self)
        .map_err(|error| error.within(name))
    }

    /// Computes the result, an object.
    pub fn run(&self) -> Value {
        match &self.0 {
            Request::Pca { data, channels } => {
                let found = pca(data, *channels);
                object([
                    ("mean", Value::F32(found.mean)),
                    ("pcaMatrix", Value::F32(found.matrix)),
                    ("eigenvalues", Value::F32(found.eigenvalues)),
                    ("explainedVariance", Value::F32(found.explained_variance)),
                    ("numChannels", number(*channels)),
                    ("numComponents", number(*channels)),
                ])
            }
            Request::Whitening { data, channels, regularization } => {
                let found = whitening(data, *channels, *regularization);
                object([
                    ("mean", Value::F32(found.mean)),
                    ("whiteningMatrix", Value::F32(found.matrix)),
                    ("numChannels", number(*channels)),
                    ("numComponents", number(*channels)),
                    ("regularization", Value::Number(*regularization)),
                ])
            }
            Request::Ica { data, channels, max_iterations, tolerance } => {
                let found = ica(data, *channels, *max_iterations, *tolerance);
                object([
                    ("mean", Value::F32(found.mean)),
                    ("icaMatrix", Value::F32(found.matrix)),
                    ("numChannels", number(*channels)),
                    ("numComponents", number(*channels)),
                    ("converged", Value::Bool(found.converged)),
                    ("iterations", number(found.iterations)),
                ])
            }
            Request::Csp { classes: [class1, class2], channels, filters } => {
                let found = csp(class1, class2, *channels, *filters);
                object([
                    ("cspMatrix", Value::F32(found.matrix)),
                    ("eigenvalues", Value::F32(found.eigenvalues)),
                    ("mean", Value::F32(found.mean)),
                    ("numChannels", number(*channels)),
                    ("numFilters", number(*filters)),
                ])
            }
            Request::Beamformer { channels, geometry, angle } => {
                let found = beamformer_weights(*channels);
                object([
                    ("steeringWeights", Value::F32(found.steering)),
                    ("blockingMatrix", Value::F32(found.blocking)),
                    ("numChannels", number(*channels)),
                    ("geometry", Value::String(geometry.clone())),
                    ("targetAngleDeg", Value::Number((*angle).into())),
                ])
            }
        }
    }
}

fn number(n: usize) -> Value {
    Value::Number(n as f64)
}

fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Arguments by position that have not been checked yet.
struct Arguments {
    values: Vec<Value>,
}

impl Arguments {
    fn take(&mut self, place: usize) -> Value {
        self.values.get_mut(place).map(std::mem::take).unwrap_or_default()
    }

    fn type_error<T>(&self, rule: &str, value: &Value) -> Result<T> {
        Err(Error::type_error(format!("{rule}, got {value}")))
    }

    fn range_error<T>(&self, rule: &str, value: &Value) -> Result<T> {
        Err(Error::range(format!("{rule}, got {value}")))
    }

    fn samples(&mut self, place: usize, label: &str) -> Result<Vec<f32>> {
        match self.take(place) {
            Value::F32(samples) => match samples.iter().position(|x| !x.is_finite()) {
                None => Ok(samples),
                Some(at) => {
                    let found = Value::Number(samples[at].into());
                    self.range_error(&format!("{label} must hold finite numbers (see index {at})"), &found)
                }
            },
            other => self.type_error(&format!("{label} must be a Float32Array"), &other),
        }
    }

    fn channels(&mut self, place: usize) -> Result<usize> {
        let value = self.take(place);
        let rule = "numChannels must be a positive integer";
        value.as_positive_integer().map_or_else(|| self.type_error(rule, &value), Ok)
    }

    /// Reads a number above 0, or returns `default` if it is absent.
    fn positive(&mut self, place: usize, label: &str, default: f64) -> Result<f64> {
        match self.take(place) {
            Value::Undefined => Ok(default),
            Value::Number(x) if x > 0.0 && x.is_finite() => Ok(x),
            other => self.range_error(&format!("{label} must be positive"), &other),
        }
    }

    /// Checks that there are whole frames, at least `least` of them.
    fn check_frames(&self, samples: &[f32], channels: usize, least: usize, too_few: &str) -> Result<()> {
        if !samples.len().is_multiple_of(channels) {
            return Err(Error::type_error("Data length must be divisible by numChannels"));
        }
        if samples.len() / channels < least {
            return Err(Error::type_error(too_few));
        }
        if channels > MAX_CHANNELS {
            return self.range_error(&format!("numChannels must be at most {MAX_CHANNELS}"), &number(channels));
        }
        Ok(())
    }

    fn pca(&mut self) -> Result<Request> {
        let (data, channels) = (self.samples(0, "interleavedData")?, self.channels(1)?);
        self.check_frames(&data, channels, channels, "Need at least numChannels samples for PCA")?;
        Ok(Request::Pca { data, channels })
    }

    fn whitening(&mut self) -> Result<Request> {
        let (data, channels) = (self.samples(0, "interleavedData")?, self.channels(1)?);
        let regularization = self.positive(2, "regularization", 1e-5)?;
        self.check_frames(&data, channels, channels, "Need at least numChannels samples for whitening")?;
        Ok(Request::Whitening { data, channels, regularization })
    }

    fn ica(&mut self) -> Result<Request> {
        let (data, channels) = (self.samples(0, "interleavedData")?, self.channels(1)?);
        let max_iterations = match self.take(2) {
            Value::Undefined => 200,
            value => match value.as_positive_integer() {
                Some(n) if n <= MAX_ITERATIONS => n,
                Some(_) => return self.range_error(&format!("maxIterations must be at most {MAX_ITERATIONS}"), &value),
                None => return self.type_error("maxIterations must be a positive integer", &value),
            },
        };
        let tolerance = self.positive(3, "tolerance", 1e-4)?;
        let least = channels.saturating_mul(5);
        self.check_frames(&data, channels, least, "ICA requires at least 5 × numChannels samples")?;
        Ok(Request::Ica { data, channels, max_iterations, tolerance })
    }

    fn csp(&mut self) -> Result<Request> {
        let classes = [self.samples(0, "dataClass1")?, self.samples(1, "dataClass2")?];
        let channels = self.channels(2)?;
        let filters = match self.take(3) {
            Value::Undefined => channels,
            value => match value.as_positive_integer().filter(|n| *n <= channels) {
                Some(n) => n,
                None => return self.range_error("numFilters must be in range [1, numChannels]", &value),
            },
        };
        for class in &classes {
            self.check_frames(class, channels, 2, "CSP requires at least 2 samples of each class")?;
        }
        Ok(Request::Csp { classes, channels, filters })
    }

    fn beamformer(&mut self) -> Result<Request> {
        let count = self.take(0);
        let channels = count.as_positive_integer().filter(|n| *n >= 2);
        let Some(channels) = channels else {
            return self.range_error("numChannels must be >= 2 and an integer", &count);
        };
        let geometry = match self.take(1) {
            Value::String(geometry) if ["linear", "circular", "planar"].contains(&geometry.as_str()) => geometry,
            other => return self.type_error("arrayGeometry must be 'linear', 'circular' or 'planar'", &other),
        };
        let angle = self.take(2);
        let Some(degrees) = angle.as_finite() else {
            return self.type_error("targetAngleDeg must be a finite number", &angle);
        };
        match self.take(3) {
            Value::Undefined => {}
            Value::Number(spacing) if spacing > 0.0 && spacing.is_finite() => {}
            other => return self.range_error("elementSpacing must be positive", &other),
        }
        if channels > MAX_ELEMENTS {
            return self.range_error(&format!("numChannels must be at most {MAX_ELEMENTS}"), &count);
        }
        Ok(Request::Beamformer { channels, geometry, angle: to_f32(degrees) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, arguments: Vec<Value>) -> Error {
        Training::new(name, arguments).unwrap_err()
    }

    fn numbers(n: usize) -> Value {
        Value::F32((0..n).map(|i| (i * i % 7) as f32).collect())
    }

    #[test]
    fn arguments_are_checked_in_the_documented_sequence() {
        let text = "calculateWhitening: regularization must be positive, got NaN";
        let arguments = vec![numbers(3), Value::Number(2.0), Value::Number(f64::NAN)];
        assert_eq!(refused("calculateWhitening", arguments), Error::range(text));
        let text = "calculatePca: Data length must be divisible by numChannels";
        assert_eq!(refused("calculatePca", vec![numbers(3), Value::Number(2.0)]), Error::type_error(text));
        let text = "calculateIca: maxIterations must be a positive integer, got null";
        let arguments = vec![numbers(3), Value::Number(2.0), Value::Null];
        assert_eq!(refused("calculateIca", arguments), Error::type_error(text));
        assert!(refused("calculateNothing", vec![]).to_string().contains("not the name"));
    }

    #[test]
    fn absurd_sizes_are_range_errors() {
        let arguments = vec![Value::F32(vec![0.0; 4]), Value::Number(1e15)];
        assert!(matches!(refused("calculatePca", arguments), Error::Type(_)));
        let arguments = vec![Value::F32(vec![0.0; 2048 * 2]), Value::F32(vec![0.0; 2048 * 2]), Value::Number(2048.0)];
        assert!(matches!(refused("calculateCommonSpatialPatterns", arguments), Error::Range(_)));
        let arguments = vec![Value::Number(1e9), Value::String("linear".into()), Value::Number(0.0)];
        assert!(matches!(refused("calculateBeamformerWeights", arguments), Error::Range(_)));
    }

    #[test]
    fn left_out_arguments_take_their_defaults() {
        let result = Training::new("calculateWhitening", vec![numbers(20), Value::Number(2.0)]).unwrap().run();
        assert_eq!(result.get("regularization"), &Value::Number(1e-5));
        let result = Training::new("calculateIca", vec![numbers(20), Value::Number(2.0)]).unwrap().run();
        assert!(matches!(result.get("icaMatrix"), Value::F32(matrix) if matrix.len() == 4));
    }
}
