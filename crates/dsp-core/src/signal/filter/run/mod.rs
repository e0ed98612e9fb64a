//! Running filters: coefficients once, a history for each channel.

pub mod convolver;
pub mod direct;
pub mod filtfilt;
pub mod fir;
pub mod iir;
pub mod polyphase;
pub mod zero_phase;

crate::texts! {
    /// The assumed input of a filter before its first sample.
    #[derive(Default)]
    pub enum Initial {
        /// Zeros.
        #[default]
        Rest = "rest",
        /// The first sample of the channel, repeated: a constant input gives a constant output from the start
        /// (`scipy.signal.sosfilt_zi` times that sample).
        Steady = "steady",
    }
}
