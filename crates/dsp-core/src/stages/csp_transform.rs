//! Common spatial patterns: filters every frame by the matrix that `calculateCommonSpatialPatterns` found.
//!
//! See [`projection`](super::projection) for the formula. In saved states it cannot be told from `PcaTransform`: its type is
//! `pca`, and an empty pipeline rebuilds it as that, with the same results.

#![forbid(unsafe_code)]

use super::projection::{Kind, Projection};
use crate::error::Error;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Csp;

/// The stage.
pub type CspTransform = Projection<Csp>;

impl Kind for Csp {
    const TYPES: &'static [&'static str] = &[];
    const TYPE: &'static str = "pca";
    const METHOD: &'static str = "CspTransform";
    const MATRIX: &'static str = "cspMatrix";
    const COLUMNS: &'static str = "numFilters";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `CspTransform`. */
export interface CspTransformParams {
  /** The spatial filters, column-major: channel c of filter k is `cspMatrix[k·numChannels + c]`. Copied. */
  cspMatrix: Float32Array;
  /** What is subtracted from each channel first. Copied. */
  mean: Float32Array;
  /** Channels of the input, C. */
  numChannels: number;
  /** Filters to compute, at most C. The other channels become 0. */
  numFilters: number;
}
method {
  /**
   * Applies spatial filters to every frame: `y_k = Σ_c cspMatrix[k·C + c]·(x_c − mean_c)`.
   * The channel count stays; channels without a filter become 0.
   * @throws TypeError if a parameter is missing or not as described
   * @throws RangeError if there are more filters than channels; Error if lengths do not fit
   */
  CspTransform(params: CspTransformParams): this;
}
"#;

    fn too_many_columns() -> Error {
        Error::range(format!("{}: {} cannot exceed numChannels", Self::METHOD, Self::COLUMNS))
    }

    fn wrong_mean(length: usize, channels: usize) -> Error {
        Error::failed(format!("CspTransform: mean length ({length}) must equal numChannels ({channels})"))
    }

    fn wrong_matrix(length: usize, wanted: usize) -> Error {
        Error::failed(format!(
            "CspTransform: cspMatrix length ({length}) must equal numChannels × numFilters ({wanted})"
        ))
    }

    fn label(channels: usize, columns: usize) -> String {
        format!("cspTransform:{channels}→{columns}")
    }
}
