//! Whitening: makes channels uncorrelated and of unit variance, by the matrix that `calculateWhitening` found.
//!
//! See [`projection`](super::projection) for the formula.

#![forbid(unsafe_code)]

use super::projection::{Kind, Projection};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Whitening;

/// The stage.
pub type WhiteningTransform = Projection<Whitening>;

impl Kind for Whitening {
    const TYPES: &'static [&'static str] = &["whiten"];
    const TYPE: &'static str = "whiten";
    const METHOD: &'static str = "WhiteningTransform";
    const MATRIX: &'static str = "whiteningMatrix";
    const COLUMNS: &'static str = "numComponents";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `WhiteningTransform`. */
export interface WhiteningTransformParams {
  /** The whitening matrix, column-major. Copied. */
  whiteningMatrix: Float32Array;
  /** What is subtracted from each channel first. Copied. */
  mean: Float32Array;
  /** Channels of the input, C. */
  numChannels: number;
  /** Components to compute, at most C. The other channels become 0. */
  numComponents: number;
}
method {
  /**
   * Whitens every frame: `y_k = Σ_c whiteningMatrix[k·C + c]·(x_c − mean_c)`.
   * The channel count stays; channels without a component become 0.
   * @throws TypeError if a parameter is missing or not as described
   */
  WhiteningTransform(params: WhiteningTransformParams): this;
}
"#;

    fn label(channels: usize, _: usize) -> String {
        format!("whiteningTransform:{channels}ch")
    }
}
