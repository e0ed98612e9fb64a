//! Whitening: makes channels uncorrelated and of unit variance, by the matrix of `calculateWhitening`.
//!
//! See [`projection`](crate::stages::spatial::projection) for the formula.

use crate::stages::spatial::projection::{Kind, Projection, Trained};

crate::params! {
    /// Parameters of `WhiteningTransform`.
    pub struct WhiteningTransformParams {
        /// The whitening matrix, column-major. Copied.
        pub whitening_matrix: Vec<f32> = float32_array(),
        /// Mean of each channel, which is subtracted first. Copied.
        pub mean: Vec<f32> = float32_array(),
        /// Channels of the input, C.
        pub num_channels: usize = integer().at_least(1.0),
        /// Components to compute, at most C. The other channels become 0.
        pub num_components: usize = integer().at_least(1.0),
    }
}

/// Marks a [`Projection`] as [`WhiteningTransform`].
#[derive(Debug, Clone)]
pub struct Whitening;

/// Applies the matrix to every frame.
pub type WhiteningTransform = Projection<Whitening>;

impl Kind for Whitening {
    type Params = WhiteningTransformParams;
    const TYPES: &'static [&'static str] = &["whiten"];
    const TYPE: &'static str = "whiten";
    const METHOD: &'static str = "WhiteningTransform";
    const IGNORED: &'static [&'static str] = &["regularization"];
    const DOC: &'static str = "Whitens every frame: `y_k = Σ_c whiteningMatrix[k·C + c]·(x_c − mean_c)`. The channel count stays;\n\
        channels without a component become 0.\n\
        @throws TypeError if there are more components than channels, or lengths do not fit";

    fn trained(params: &WhiteningTransformParams) -> Trained<'_> {
        let (channels, columns) = (params.num_channels, params.num_components);
        Trained { matrix: &params.whitening_matrix, mean: &params.mean, channels, columns }
    }

    fn label(channels: usize, _: usize) -> String {
        format!("whiteningTransform:{channels}ch")
    }
}
