//! Independent components: unmixes every frame by the matrix that `calculateIca` found.
//!
//! See [`projection`](super::projection) for the formula.

#![forbid(unsafe_code)]

use super::projection::{Kind, Projection};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Ica;

/// The stage.
pub type IcaTransform = Projection<Ica>;

impl Kind for Ica {
    const TYPES: &'static [&'static str] = &["ica"];
    const TYPE: &'static str = "ica";
    const METHOD: &'static str = "IcaTransform";
    const MATRIX: &'static str = "icaMatrix";
    const COLUMNS: &'static str = "numComponents";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `IcaTransform`. */
export interface IcaTransformParams {
  /** The unmixing vectors, column-major: channel c of component k is `icaMatrix[k·numChannels + c]`. Copied. */
  icaMatrix: Float32Array;
  /** What is subtracted from each channel first. Copied. */
  mean: Float32Array;
  /** Channels of the input, C. */
  numChannels: number;
  /** Components to compute, at most C. The other channels become 0. */
  numComponents: number;
}
method {
  /**
   * Unmixes every frame: `y_k = Σ_c icaMatrix[k·C + c]·(x_c − mean_c)`.
   * The channel count stays; channels without a component become 0.
   * @throws TypeError if a parameter is missing or not as described
   */
  IcaTransform(params: IcaTransformParams): this;
}
"#;

    fn label(channels: usize, _: usize) -> String {
        format!("icaTransform:{channels}ch")
    }
}
