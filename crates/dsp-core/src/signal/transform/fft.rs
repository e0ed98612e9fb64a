//! Discrete Fourier transforms of any length, forward unscaled, inverse with 1/N:
//!
//! `X[k] = Σₙ x[n]·e^(−j2πkn/N)`, `x[n] = (1/N)·Σₖ X[k]·e^(+j2πkn/N)`.
//!
//! The transforms are those of `rustfft`/`realfft`, with plans kept by length. On `f32` samples the transform runs in
//! `f32`: its error is about 1e-7 of the largest magnitude, up to 5e-7 for large primes (tests hold every length to
//! 1e-6), at half the cost of `f64`. Analysis that needs more (PSD, chirp z, correlation) uses the `f64` instance.
//!
//! For real-valued input the imaginary part at DC and (N even) at Nyquist is exactly `+0`, and no result is `−0`.

use std::cell::RefCell;
use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftNum, FftPlanner};

use crate::kernels::spectrum;

/// Length of the longest transform: 2²⁶ points. Plans and buffers of that length take about 2 GB, and running out of
/// memory could not be reported as an error.
pub const MAX_SIZE: usize = 1 << 26;

/// Complex f64 numbers per point for planning and running a transform: tables, buffer and scratch.
const NUMBERS_PER_POINT: usize = 4;
/// The same for lengths that are not powers of two: a prime is transformed by a convolution of more than twice its
/// length.
const NUMBERS_PER_ODD_POINT: usize = 10;

/// Checks that there is memory for a transform of `n` points: the libraries abort the process without it.
///
/// # Errors
/// `RangeError` if there is not that much.
pub fn ensure_room(n: usize) -> crate::error::Result<()> {
    // Short transforms take less than what every program has left.
    if n < 1 << 16 {
        return Ok(());
    }
    let numbers = if n.is_power_of_two() { NUMBERS_PER_POINT } else { NUMBERS_PER_ODD_POINT };
    crate::limits::ensure_memory(n, numbers * size_of::<Complex<f64>>())
}

/// Largest number of plans per thread and precision; then the cache is emptied, so that a process with ever new lengths
/// does not keep a plan for each.
const MAX_PLANS: usize = 64;

/// Returns the number of bins of a half spectrum, `floor(n/2) + 1`.
pub const fn half_size(n: usize) -> usize {
    n / 2 + 1
}

/// A planner with its plans by length, emptied once [`MAX_PLANS`] different lengths have been requested.
struct Plans<P> {
    planner: P,
    lengths: Vec<usize>,
}

impl<P> Plans<P> {
    fn new(planner: P) -> Self {
        Self { planner, lengths: Vec::new() }
    }

    fn planner(&mut self, length: usize, fresh: fn() -> P) -> &mut P {
        if !self.lengths.contains(&length) {
            if self.lengths.len() == MAX_PLANS {
                *self = Self::new(fresh());
            }
            self.lengths.push(length);
        }
        &mut self.planner
    }
}

type RealPlan<T> = (Arc<dyn RealToComplex<T>>, Arc<dyn ComplexToReal<T>>);
type ComplexPlan<T> = (Arc<dyn Fft<T>>, Arc<dyn Fft<T>>);

/// The precisions in which transforms are available.
pub trait Real: FftNum + Default + std::ops::AddAssign + std::ops::MulAssign {
    /// Returns the thread's plans for real transforms of `n` points.
    #[doc(hidden)]
    fn real_plan(n: usize) -> RealPlan<Self>;
    /// Returns the thread's plans for complex transforms of `n` points.
    #[doc(hidden)]
    fn complex_plan(n: usize) -> ComplexPlan<Self>;
}

macro_rules! precision {
    ($t:ty) => {
        impl Real for $t {
            fn real_plan(n: usize) -> RealPlan<$t> {
                thread_local! {
                    static PLANS: RefCell<Plans<RealFftPlanner<$t>>> = RefCell::new(Plans::new(RealFftPlanner::new()));
                }
                PLANS.with_borrow_mut(|plans| {
                    let planner = plans.planner(n, RealFftPlanner::new);
                    (planner.plan_fft_forward(n), planner.plan_fft_inverse(n))
                })
            }

            fn complex_plan(n: usize) -> ComplexPlan<$t> {
                thread_local! {
                    static PLANS: RefCell<Plans<FftPlanner<$t>>> = RefCell::new(Plans::new(FftPlanner::new()));
                }
                PLANS.with_borrow_mut(|plans| {
                    let planner = plans.planner(n, FftPlanner::new);
                    (planner.plan_fft_forward(n), planner.plan_fft_inverse(n))
                })
            }
        }
    };
}
precision!(f32);
precision!(f64);

/// Returns `v`, with `+0` for `−0`.
#[inline(always)]
fn positive_zero<T: Real>(v: T) -> T {
    v + T::zero()
}

/// The transform between `n` real samples and their half spectrum of [`half_size`]`(n)` bins.
#[derive(Clone)]
pub struct RealFft<T: Real> {
    n: usize,
    forward: Arc<dyn RealToComplex<T>>,
    inverse: Arc<dyn ComplexToReal<T>>,
    samples: Vec<T>,
    spectrum: Vec<Complex<T>>,
    scratch: Vec<Complex<T>>,
}

impl<T: Real> RealFft<T> {
    /// Plans a transform of `n` points, 1 ≤ n ≤ [`MAX_SIZE`].
    pub fn new(n: usize) -> Self {
        assert!((1..=MAX_SIZE).contains(&n), "transform of {n} points");
        let (forward, inverse) = T::real_plan(n);
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        Self {
            n,
            forward,
            inverse,
            samples: vec![T::zero(); n],
            spectrum: vec![Complex::default(); half_size(n)],
            scratch: vec![Complex::default(); scratch],
        }
    }

    /// Returns the number of samples.
    #[allow(clippy::len_without_is_empty, reason = "a transform is never empty")]
    pub fn len(&self) -> usize {
        self.n
    }

    /// Transforms the samples that `fill` writes into the input buffer (which holds old values); returns the half
    /// spectrum.
    pub fn forward(&mut self, fill: impl FnOnce(&mut [T])) -> &mut [Complex<T>] {
        fill(&mut self.samples);
        self.forward
            .process_with_scratch(&mut self.samples, &mut self.spectrum, &mut self.scratch)
            .expect("all buffers have the plan's lengths");
        self.spectrum[0].im = T::zero();
        if self.n.is_multiple_of(2) {
            self.spectrum[self.n / 2].im = T::zero();
        }
        &mut self.spectrum
    }

    /// Writes the half spectrum of `x` as separate real and imaginary parts.
    pub fn forward_split(&mut self, x: &[T], re: &mut [T], im: &mut [T]) {
        split(self.forward(|samples| samples.copy_from_slice(x)), re, im);
    }

    /// Returns the samples whose half spectrum `fill` writes; imaginary parts at DC and (n even) Nyquist are ignored.
    pub fn inverse(&mut self, fill: impl FnOnce(&mut [Complex<T>])) -> &mut [T] {
        fill(&mut self.spectrum);
        self.spectrum[0].im = T::zero();
        if self.n.is_multiple_of(2) {
            self.spectrum[self.n / 2].im = T::zero();
        }
        self.inverse
            .process_with_scratch(&mut self.spectrum, &mut self.samples, &mut self.scratch)
            .expect("all buffers have the plan's lengths, DC and Nyquist are real");
        let scale = T::one() / T::from_usize(self.n).expect("a length is a number");
        for v in &mut self.samples {
            *v = positive_zero(*v * scale);
        }
        &mut self.samples
    }

    /// Writes the samples of a half spectrum given as separate parts.
    pub fn inverse_split(&mut self, re: &[T], im: &[T], x: &mut [T]) {
        x.copy_from_slice(self.inverse(|spectrum| join(re, im, spectrum)));
    }
}

/// The transform between `n` complex samples and their `n` bins.
#[derive(Clone)]
pub struct ComplexFft<T: Real> {
    forward: Arc<dyn Fft<T>>,
    inverse: Arc<dyn Fft<T>>,
    buffer: Vec<Complex<T>>,
    scratch: Vec<Complex<T>>,
}

impl<T: Real> ComplexFft<T> {
    /// Plans a transform of `n` points, 1 ≤ n ≤ [`MAX_SIZE`].
    pub fn new(n: usize) -> Self {
        assert!((1..=MAX_SIZE).contains(&n), "transform of {n} points");
        let (forward, inverse) = T::complex_plan(n);
        let scratch = forward.get_inplace_scratch_len().max(inverse.get_inplace_scratch_len());
        Self { forward, inverse, buffer: vec![Complex::default(); n], scratch: vec![Complex::default(); scratch] }
    }

    /// Transforms the samples that `fill` writes into the buffer (which holds old values); returns the bins.
    pub fn forward(&mut self, fill: impl FnOnce(&mut [Complex<T>])) -> &mut [Complex<T>] {
        fill(&mut self.buffer);
        self.forward.process_with_scratch(&mut self.buffer, &mut self.scratch);
        &mut self.buffer
    }

    /// Transforms the bins that `fill` writes; returns the samples, scaled by 1/n.
    pub fn inverse(&mut self, fill: impl FnOnce(&mut [Complex<T>])) -> &mut [Complex<T>] {
        fill(&mut self.buffer);
        self.inverse.process_with_scratch(&mut self.buffer, &mut self.scratch);
        let scale = T::one() / T::from_usize(self.buffer.len()).expect("a length is a number");
        for v in &mut self.buffer {
            *v = Complex::new(positive_zero(v.re * scale), positive_zero(v.im * scale));
        }
        &mut self.buffer
    }
}

/// All transforms of one length over split arrays, planned when first used.
#[derive(Clone)]
pub struct Dft<T: Real> {
    n: usize,
    real: Option<RealFft<T>>,
    complex: Option<ComplexFft<T>>,
}

impl<T: Real> Dft<T> {
    /// Returns the transforms of `n` points, 1 ≤ n ≤ [`MAX_SIZE`].
    pub fn new(n: usize) -> Self {
        assert!((1..=MAX_SIZE).contains(&n), "transform of {n} points");
        Self { n, real: None, complex: None }
    }

    /// Returns the real transform.
    pub fn real(&mut self) -> &mut RealFft<T> {
        self.real.get_or_insert_with(|| RealFft::new(self.n))
    }

    fn complex(&mut self) -> &mut ComplexFft<T> {
        self.complex.get_or_insert_with(|| ComplexFft::new(self.n))
    }

    /// Computes all n bins. Samples without an imaginary part use the real transform, so their spectrum is exactly
    /// conjugate-symmetric.
    pub fn forward(&mut self, x: (&[T], &[T]), re: &mut [T], im: &mut [T]) {
        if x.1.iter().all(T::is_zero) {
            return self.forward_real(x.0, re, im);
        }
        split(self.complex().forward(|buffer| join(x.0, x.1, buffer)), re, im);
    }

    /// Computes all n bins of real samples.
    pub fn forward_real(&mut self, x: &[T], re: &mut [T], im: &mut [T]) {
        let half = half_size(self.n);
        self.real().forward_split(x, &mut re[..half], &mut im[..half]);
        for k in half..self.n {
            re[k] = re[self.n - k];
            im[k] = T::zero() - im[self.n - k];
        }
    }

    /// Computes the inverse transform of n bins.
    pub fn inverse(&mut self, spectrum: (&[T], &[T]), re: &mut [T], im: &mut [T]) {
        // A real-valued spectrum x is its own conjugate's: the inverse is the conjugate of the forward transform over
        // n.
        if spectrum.1.iter().all(T::is_zero) {
            self.forward_real(spectrum.0, re, im);
            let scale = T::one() / T::from_usize(self.n).expect("a length is a number");
            re.iter_mut().for_each(|v| *v *= scale);
            im.iter_mut().for_each(|v| *v = T::zero() - *v * scale);
            return;
        }
        split(self.complex().inverse(|buffer| join(spectrum.0, spectrum.1, buffer)), re, im);
    }
}

fn split<T: Real>(spectrum: &[Complex<T>], re: &mut [T], im: &mut [T]) {
    assert!(re.len() == spectrum.len() && im.len() == spectrum.len(), "parts of another length");
    for ((z, re), im) in spectrum.iter().zip(re).zip(im) {
        *re = positive_zero(z.re);
        *im = positive_zero(z.im);
    }
}

fn join<T: Real>(re: &[T], im: &[T], spectrum: &mut [Complex<T>]) {
    assert!(re.len() == spectrum.len() && im.len() == spectrum.len(), "parts of another length");
    for ((z, &re), &im) in spectrum.iter_mut().zip(re).zip(im) {
        *z = Complex::new(re, im);
    }
}

/// Computes `sqrt(re² + im²)` of each bin.
pub fn magnitude(re: &[f32], im: &[f32], out: &mut [f32]) {
    spectrum::magnitude_split(re, im, out);
}

/// Computes `re² + im²` of each bin, rounded once.
pub fn power(re: &[f32], im: &[f32], out: &mut [f32]) {
    spectrum::power_split(re, im, out);
}

/// Computes `atan2(im, re)` of each bin in radians.
pub fn phase(re: &[f32], im: &[f32], out: &mut [f32]) {
    for ((&re, &im), out) in re.iter().zip(im).zip(out) {
        *out = im.atan2(re);
    }
}
