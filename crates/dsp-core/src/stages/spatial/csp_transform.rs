//! Common spatial patterns: filters every frame by the matrix of `calculateCommonSpatialPatterns`.
//!
//! See [`projection`](crate::stages::spatial::projection) for the formula. Saved states do not distinguish it from
//! `PcaTransform`: its type is `pca`, and an empty pipeline rebuilds it as that stage, with the same results.

use crate::error::Error;
use crate::stages::spatial::projection::{Kind, Projection, Trained};

crate::params! {
    /// Parameters of `CspTransform`.
    pub struct CspTransformParams {
        /// The spatial filters, column-major: channel c of filter k is `cspMatrix[k·numChannels + c]`. Copied.
        pub csp_matrix: Vec<f32> = float32_array(),
        /// Mean of each channel, which is subtracted first. Copied.
        pub mean: Vec<f32> = float32_array(),
        /// Channels of the input, C.
        pub num_channels: usize = integer().at_least(1.0),
        /// Filters to compute, at most C. The other channels become 0.
        pub num_filters: usize = integer().at_least(1.0),
    }
}

/// Marks a [`Projection`] as [`CspTransform`].
#[derive(Debug, Clone)]
pub struct Csp;

/// Applies the matrix to every frame.
pub type CspTransform = Projection<Csp>;

impl Kind for Csp {
    type Params = CspTransformParams;
    const TYPES: &'static [&'static str] = &[];
    const TYPE: &'static str = "pca";
    const METHOD: &'static str = "CspTransform";
    const IGNORED: &'static [&'static str] = &["eigenvalues"];
    const DOC: &'static str = "Applies spatial filters to every frame: `y_k = Σ_c cspMatrix[k·C + c]·(x_c − mean_c)`. The channel\n\
        count stays; channels without a filter become 0.\n\
        @throws RangeError if there are more filters than channels; Error if lengths do not fit";

    fn trained(params: &CspTransformParams) -> Trained<'_> {
        let (channels, columns) = (params.num_channels, params.num_filters);
        Trained { matrix: &params.csp_matrix, mean: &params.mean, channels, columns }
    }

    fn too_many_columns() -> Error {
        Error::range("CspTransform: numFilters cannot exceed numChannels")
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
