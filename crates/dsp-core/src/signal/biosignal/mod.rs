//! Numbers of hearts, breath, skin, muscles and brains: from the beats, breaths and waves of whole recordings.

pub mod bands;
pub mod ecg;
pub mod filters;
pub mod fix;
pub mod hrv;
pub mod numbers;
pub mod quality;
pub mod waves;
