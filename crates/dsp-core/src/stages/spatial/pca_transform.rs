//! Principal components: projects every frame onto the eigenvectors of `calculatePca`.
//!
//! See [`projection`](crate::stages::spatial::projection) for the formula. To reduce the dimension, pass the first C·K
//! entries of the full matrix.

use crate::error::Error;
use crate::stages::spatial::projection::{Kind, Projection, Trained};

crate::params! {
    /// Parameters of `PcaTransform`.
    pub struct PcaTransformParams {
        /// The components, column-major: channel c of component k is `pcaMatrix[k·numChannels + c]`. Copied.
        pub pca_matrix: Vec<f32> = float32_array(),
        /// Mean of each channel, which is subtracted first. Copied.
        pub mean: Vec<f32> = float32_array(),
        /// Channels of the input, C.
        pub num_channels: usize = integer().at_least(1.0),
        /// Components to compute, at most C. The other channels become 0.
        pub num_components: usize = integer().at_least(1.0),
    }
}

/// Marks a [`Projection`] as [`PcaTransform`].
#[derive(Debug, Clone)]
pub struct Pca;

/// Applies the matrix to every frame.
pub type PcaTransform = Projection<Pca>;

impl Kind for Pca {
    type Params = PcaTransformParams;
    const TYPES: &'static [&'static str] = &["pca"];
    const TYPE: &'static str = "pca";
    const METHOD: &'static str = "PcaTransform";
    const IGNORED: &'static [&'static str] = &["eigenvalues", "explainedVariance"];
    const DOC: &'static str = "Projects every frame onto principal components: `y_k = Σ_c pcaMatrix[k·C + c]·(x_c − mean_c)`. The\n\
        channel count stays; channels without a component become 0.\n\
        @throws RangeError if there are more components than channels; TypeError if lengths do not fit";

    fn trained(params: &PcaTransformParams) -> Trained<'_> {
        let (channels, columns) = (params.num_channels, params.num_components);
        Trained { matrix: &params.pca_matrix, mean: &params.mean, channels, columns }
    }

    fn too_many_columns() -> Error {
        Error::range("PcaTransform: numComponents cannot exceed numChannels")
    }

    fn label(channels: usize, columns: usize) -> String {
        format!("pcaTransform:{channels}→{columns}")
    }
}
