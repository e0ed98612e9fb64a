//! Numbers of hearts, breath, skin, muscles and brains: from the beats, breaths and waves of whole recordings.

pub mod hrv;
pub mod numbers;
