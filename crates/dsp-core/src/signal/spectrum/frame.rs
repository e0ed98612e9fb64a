//! The transform of one frame of real samples into the output of a spectral stage.

use std::sync::Arc;

use rustfft::num_complex::Complex;

use crate::error::Result;
use crate::kernels::spectrum::{magnitude_complex, power_complex, windowed};
use crate::signal::transform::fft::{Dft, RealFft, half_size};
use crate::signal::window::Window;
use crate::text::Texts;

crate::texts! {
    /// The output for each bin, in the order in which saved states number the choices.
    pub enum Output {
        /// Real and imaginary part, one after the other.
        Complex = "complex",
        /// Magnitude `sqrt(re² + im²)`.
        Magnitude = "magnitude",
        /// Power `re² + im²`.
        Power = "power",
        /// Phase `atan2(im, re)` in radians.
        Phase = "phase",
    }
}

impl Output {
    /// Returns how many numbers there are per bin.
    pub fn items(self) -> usize {
        if self == Self::Complex { 2 } else { 1 }
    }

    /// Writes the output for `bins`.
    fn write(self, bins: &[Complex<f32>], out: &mut [f32]) {
        match self {
            Self::Magnitude => magnitude_complex(bins, out),
            Self::Power => power_complex(bins, out),
            Self::Complex => {
                for (pair, z) in out.as_chunks_mut::<2>().0.iter_mut().zip(bins) {
                    *pair = [z.re + 0.0, z.im + 0.0];
                }
            }
            // Adding 0 makes −0 to +0, so that the phase of a real bin is 0 or +π.
            Self::Phase => out.iter_mut().zip(bins).for_each(|(out, z)| *out = (z.im + 0.0).atan2(z.re + 0.0)),
        }
    }
}

/// The bins of a spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bins {
    /// The half spectrum, `floor(N/2) + 1` bins.
    Half,
    /// All N bins.
    All,
    /// All N outputs of the inverse transform (with 1/N), which takes the samples as a spectrum.
    Inverse,
}

crate::texts! {
    /// Window functions of frames.
    pub enum Taper {
        /// All ones.
        None = "none",
        /// Hann.
        Hann = "hann",
        /// Hamming.
        Hamming = "hamming",
        /// Blackman.
        Blackman = "blackman",
        /// Bartlett: a triangle that ends in zeros.
        Bartlett = "bartlett",
    }
}

impl Taper {
    /// Returns `size` ≥ 1 samples of the window: symmetric, not normalised.
    ///
    /// # Errors
    /// `RangeError` if there is not enough memory.
    pub fn samples(self, size: usize) -> Result<Arc<[f32]>> {
        let window = match self {
            Self::None => Window::Boxcar,
            Self::Hann => Window::Hann,
            Self::Hamming => Window::Hamming,
            Self::Blackman => Window::Blackman,
            Self::Bartlett => Window::Bartlett,
        };
        Ok(window.samples(size, false)?.into_iter().map(|w| w as f32).collect())
    }
}

/// Spectra of frames of real samples through a window, as separate real and imaginary parts.
#[derive(Clone)]
pub struct WindowedDft {
    size: usize,
    window: Taper,
    taper: Option<Arc<[f32]>>,
    dft: Dft<f32>,
    frame: Vec<f32>,
}

impl WindowedDft {
    /// Returns a transform of frames of `size` samples without a window; nothing is allocated yet.
    pub fn new(size: usize) -> Self {
        Self { size, window: Taper::None, taper: None, dft: Dft::new(size), frame: vec![] }
    }

    /// Sets the window; returns false if there is none of that name.
    pub fn set_window(&mut self, name: &str) -> bool {
        let Some(window) = Taper::of(name) else { return false };
        (self.window, self.taper) = (window, None);
        true
    }

    /// Computes the spectrum of `x`: half of the bins or all, as many as `re` and `im` have room for.
    ///
    /// # Errors
    /// `RangeError` if there is not enough memory for the window.
    pub fn run(&mut self, x: &[f32], re: &mut [f32], im: &mut [f32]) -> Result<()> {
        let taper = match self.taper.take() {
            Some(taper) => taper,
            None => self.window.samples(self.size)?,
        };
        self.frame.resize(self.size, 0.0);
        windowed(x, &taper, &mut self.frame);
        self.taper = Some(taper);
        if re.len() == self.size {
            self.dft.forward_real(&self.frame, re, im);
        } else {
            self.dft.real().forward_split(&self.frame, re, im);
        }
        Ok(())
    }
}

/// A transform of frames of N real samples, planned when first used.
#[derive(Clone)]
pub struct FrameTransform {
    size: usize,
    bins: Bins,
    output: Output,
    fft: Option<RealFft<f32>>,
    all: Vec<Complex<f32>>,
}

impl FrameTransform {
    /// Returns a transform of frames of `size` samples.
    pub fn new(size: usize, bins: Bins, output: Output) -> Self {
        Self { size, bins, output, fft: None, all: Vec::new() }
    }

    /// Returns how many numbers the output of a frame has.
    pub fn items(&self) -> usize {
        self.output.items() * if self.bins == Bins::Half { half_size(self.size) } else { self.size }
    }

    /// Returns the underlying transform.
    pub fn fft(&mut self) -> &mut RealFft<f32> {
        self.fft.get_or_insert_with(|| RealFft::new(self.size))
    }

    /// Transforms the frame that `fill` writes; `out` receives [`Self::items`] numbers.
    pub fn run(&mut self, fill: impl FnOnce(&mut [f32]), out: &mut [f32]) {
        let (n, bins, output) = (self.size, self.bins, self.output);
        if bins == Bins::Half {
            return output.write(self.fft().forward(fill), out);
        }
        // Real samples have a conjugate-symmetric spectrum, and the inverse is the conjugate of the forward transform.
        let mut all = std::mem::take(&mut self.all);
        all.resize(n, Complex::default());
        all[..half_size(n)].copy_from_slice(self.fft().forward(fill));
        for k in half_size(n)..n {
            all[k] = all[n - k].conj();
        }
        if bins == Bins::Inverse {
            let scale = 1.0 / n as f32;
            all.iter_mut().for_each(|z| *z = z.conj() * scale);
        }
        for z in &mut all {
            *z = Complex::new(z.re + 0.0, z.im + 0.0);
        }
        output.write(&all, out);
        self.all = all;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(x: &[f32], bins: Bins, output: Output) -> Vec<f32> {
        let mut frame = FrameTransform::new(x.len(), bins, output);
        let mut out = vec![0.0; frame.items()];
        frame.run(|samples| samples.copy_from_slice(x), &mut out);
        out
    }

    #[test]
    fn windows_weight_the_frame() {
        let mut dft = WindowedDft::new(4);
        let (mut re, mut im) = (vec![0.0; 3], vec![0.0; 3]);
        assert!(dft.set_window("bartlett") && !dft.set_window("kaiser"));
        dft.run(&[3.0; 4], &mut re, &mut im).unwrap();
        assert!((re[0] - 4.0).abs() < 1e-6 && im[0] == 0.0);
        let (mut re, mut im) = (vec![0.0; 4], vec![0.0; 4]);
        dft.set_window("none");
        dft.run(&[0.0, 1.0, 0.0, 0.0], &mut re, &mut im).unwrap();
        assert_eq!((re, im), (vec![1.0, 0.0, -1.0, 0.0], vec![0.0, -1.0, 0.0, 1.0]));
    }

    #[test]
    fn an_impulse_has_a_flat_spectrum() {
        let x = [1.0, 0.0, 0.0, 0.0];
        assert_eq!(run(&x, Bins::Half, Output::Magnitude), [1.0; 3]);
        assert_eq!(run(&x, Bins::All, Output::Complex), [1.0, 0.0].repeat(4));
        assert_eq!(run(&x, Bins::Inverse, Output::Power), [1.0 / 16.0; 4]);
    }

    #[test]
    fn real_bins_have_phase_zero_or_pi_and_zeros_are_positive() {
        let pi = std::f32::consts::PI;
        assert_eq!(run(&[-1.0, 0.0, -1.0, 0.0], Bins::All, Output::Phase), [pi, 0.0, pi, 0.0]);
        for &output in Output::MEMBERS {
            for bins in [Bins::Half, Bins::All, Bins::Inverse] {
                for n in [1, 2, 5, 8, 12] {
                    assert!(
                        run(&vec![0.0; n], bins, output).iter().all(|x| x.to_bits() == 0),
                        "{output:?} {bins:?} {n}"
                    );
                }
            }
        }
    }
}
