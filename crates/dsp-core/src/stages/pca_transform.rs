//! Principal components: projects every frame onto the eigenvectors that `calculatePca` found.
//!
//! See [`projection`](super::projection) for the formula. To reduce, pass the first C·K entries of the full matrix.

#![forbid(unsafe_code)]

use super::projection::{Kind, Projection};
use crate::error::Error;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Pca;

/// The stage.
pub type PcaTransform = Projection<Pca>;

impl Kind for Pca {
    const TYPES: &'static [&'static str] = &["pca"];
    const TYPE: &'static str = "pca";
    const METHOD: &'static str = "PcaTransform";
    const MATRIX: &'static str = "pcaMatrix";
    const COLUMNS: &'static str = "numComponents";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `PcaTransform`. */
export interface PcaTransformParams {
  /** The components, column-major: channel c of component k is `pcaMatrix[k·numChannels + c]`. Copied. */
  pcaMatrix: Float32Array;
  /** What is subtracted from each channel first. Copied. */
  mean: Float32Array;
  /** Channels of the input, C. */
  numChannels: number;
  /** Components to compute, at most C. The other channels become 0. */
  numComponents: number;
}
method {
  /**
   * Projects every frame onto principal components: `y_k = Σ_c pcaMatrix[k·C + c]·(x_c − mean_c)`.
   * The channel count stays; channels without a component become 0.
   * @throws TypeError if a parameter is missing or not as described
   * @throws RangeError if there are more components than channels
   */
  PcaTransform(params: PcaTransformParams): this;
}
"#;

    fn too_many_columns() -> Error {
        Error::range(format!("{}: {} cannot exceed numChannels", Self::METHOD, Self::COLUMNS))
    }

    fn label(channels: usize, columns: usize) -> String {
        format!("pcaTransform:{channels}→{columns}")
    }
}
