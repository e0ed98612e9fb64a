//! Running filters: coefficients once, a history for each channel.

pub mod convolver;
pub mod direct;
pub mod filtfilt;
pub mod fir;
pub mod iir;
pub mod zero_phase;

crate::texts! {
    /// What a filter has seen before its first sample.
    #[derive(Default)]
    pub enum Initial {
        /// Zeros.
        #[default]
        Rest = "rest",
        /// The first sample of the channel, for ever: the output begins where it stays for a constant input
        /// (`scipy.signal.sosfilt_zi` times that sample).
        Steady = "steady",
    }
}
