//! Independent components: unmixes every frame by the matrix of `calculateIca`.
//!
//! See [`projection`](crate::stages::spatial::projection) for the formula.

use crate::stages::spatial::projection::{Kind, Projection, Trained};

crate::params! {
    /// Parameters of `IcaTransform`.
    pub struct IcaTransformParams {
        /// The unmixing vectors, column-major: channel c of component k is `icaMatrix[k·numChannels + c]`. Copied.
        pub ica_matrix: Vec<f32> = float32_array(),
        /// Mean of each channel, which is subtracted first. Copied.
        pub mean: Vec<f32> = float32_array(),
        /// Channels of the input, C.
        pub num_channels: usize = integer().at_least(1.0),
        /// Components to compute, at most C. The other channels become 0.
        pub num_components: usize = integer().at_least(1.0),
    }
}

/// Marks a [`Projection`] as [`IcaTransform`].
#[derive(Debug, Clone)]
pub struct Ica;

/// Applies the matrix to every frame.
pub type IcaTransform = Projection<Ica>;

impl Kind for Ica {
    type Params = IcaTransformParams;
    const TYPES: &'static [&'static str] = &["ica"];
    const TYPE: &'static str = "ica";
    const METHOD: &'static str = "IcaTransform";
    const IGNORED: &'static [&'static str] = &["converged", "iterations"];
    const DOC: &'static str = "Unmixes every frame: `y_k = Σ_c icaMatrix[k·C + c]·(x_c − mean_c)`. The channel count stays;\n\
        channels without a component become 0.\n\
        @throws TypeError if there are more components than channels, or lengths do not fit";

    fn trained(params: &IcaTransformParams) -> Trained<'_> {
        let (channels, columns) = (params.num_channels, params.num_components);
        Trained { matrix: &params.ica_matrix, mean: &params.mean, channels, columns }
    }

    fn label(channels: usize, _: usize) -> String {
        format!("icaTransform:{channels}ch")
    }
}
