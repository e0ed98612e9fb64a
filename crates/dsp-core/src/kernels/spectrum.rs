//! Magnitude and power of spectra, and the multiplication by a window.

use rustfft::num_complex::Complex;

/// Bins per step of a loop.
const LANES: usize = 16;

/// Squared magnitudes within these bounds were computed without overflow and without losing digits to underflow.
const SAFE: std::ops::Range<f32> = 1e-30..1e38;

/// Returns `sqrt(re² + im²)`, to within 1.5 units in the last place: in f32 where its range allows, else in f64.
#[inline(always)]
fn magnitudes(re: &[f32; LANES], im: &[f32; LANES]) -> [f32; LANES] {
    let mut squares = [0.0_f32; LANES];
    let mut safe = true;
    for k in 0..LANES {
        squares[k] = re[k] * re[k] + im[k] * im[k];
        safe &= squares[k] >= SAFE.start && squares[k] < SAFE.end;
    }
    if safe { squares.map(f32::sqrt) } else { std::array::from_fn(|k| power(re[k], im[k]).sqrt() as f32) }
}

/// Returns `re² + im²`, computed in f64.
#[inline(always)]
fn power(re: f32, im: f32) -> f64 {
    let (re, im) = (f64::from(re), f64::from(im));
    re * re + im * im
}

/// Computes `out[k] = f(re(k), im(k))`, a full step at a time; the last step is padded with zeros.
#[inline(always)]
fn each(
    out: &mut [f32],
    load: impl Fn(usize, usize, &mut [f32; LANES], &mut [f32; LANES]),
    f: impl Fn(&[f32; LANES], &[f32; LANES]) -> [f32; LANES],
) {
    let (mut re, mut im) = ([0.0; LANES], [0.0; LANES]);
    for (step, out) in out.chunks_mut(LANES).enumerate() {
        if out.len() < LANES {
            (re, im) = ([0.0; LANES], [0.0; LANES]);
        }
        load(step * LANES, out.len(), &mut re, &mut im);
        let y = f(&re, &im);
        if let Ok(out) = <&mut [f32; LANES]>::try_from(&mut *out) {
            *out = y;
        } else {
            out.copy_from_slice(&y[..out.len()]);
        }
    }
}

#[inline(always)]
fn load_complex(z: &[Complex<f32>], at: usize, n: usize, re: &mut [f32; LANES], im: &mut [f32; LANES]) {
    if n == LANES {
        let z: &[Complex<f32>; LANES] = z[at..at + LANES].try_into().expect("a slice of that length");
        for k in 0..LANES {
            (re[k], im[k]) = (z[k].re, z[k].im);
        }
    } else {
        for (k, z) in z[at..at + n].iter().enumerate() {
            (re[k], im[k]) = (z.re, z.im);
        }
    }
}

#[inline(always)]
fn load_split(from: (&[f32], &[f32]), at: usize, n: usize, re: &mut [f32; LANES], im: &mut [f32; LANES]) {
    re[..n].copy_from_slice(&from.0[at..][..n]);
    im[..n].copy_from_slice(&from.1[at..][..n]);
}

#[inline(always)]
fn powers(re: &[f32; LANES], im: &[f32; LANES]) -> [f32; LANES] {
    std::array::from_fn(|k| power(re[k], im[k]) as f32)
}

super::kernel! {
    /// Computes the magnitudes of bins.
    pub fn magnitude_complex(z: &[Complex<f32>], out: &mut [f32]) {
        each(out, #[inline(always)] |at, n, re, im| load_complex(z, at, n, re, im), magnitudes);
    }

    /// Computes the powers (squared magnitudes) of bins.
    pub fn power_complex(z: &[Complex<f32>], out: &mut [f32]) {
        each(out, #[inline(always)] |at, n, re, im| load_complex(z, at, n, re, im), powers);
    }

    /// Computes the magnitudes of bins given as two arrays.
    pub fn magnitude_split(re: &[f32], im: &[f32], out: &mut [f32]) {
        each(out, #[inline(always)] |at, n, a, b| load_split((re, im), at, n, a, b), magnitudes);
    }

    /// Computes the powers (squared magnitudes) of bins given as two arrays.
    pub fn power_split(re: &[f32], im: &[f32], out: &mut [f32]) {
        each(out, #[inline(always)] |at, n, a, b| load_split((re, im), at, n, a, b), powers);
    }

    /// Computes `out[k] = x[k]·w[k]`.
    pub fn windowed(x: &[f32], w: &[f32], out: &mut [f32]) {
        for ((out, x), w) in out.iter_mut().zip(x).zip(w) {
            *out = x * w;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_instruction_set_gives_the_same_bits(
            bins in prop::collection::vec((prop::num::f32::ANY, prop::num::f32::ANY), 0..100)
        ) {
            let re: Vec<f32> = bins.iter().map(|b| b.0).collect();
            let im: Vec<f32> = bins.iter().map(|b| b.1).collect();
            let complex: Vec<Complex<f32>> = bins.iter().map(|b| Complex::new(b.0, b.1)).collect();
            let bits = |out: &[f32]| out.iter().map(|x| if x.is_nan() { 0 } else { x.to_bits() }).collect::<Vec<_>>();
            let mut want = vec![0.0; bins.len()];
            magnitude_split::on(Isa::BASELINE, &re, &im, &mut want);
            for (k, w) in want.iter().enumerate() {
                let exact = power(re[k], im[k]).sqrt() as f32;
                prop_assert!(exact.is_nan() == w.is_nan());
                // Rounding of the sum (half a unit of the square) and of the root: 1.5 units of 2^-24, rounded up.
                prop_assert!(exact.is_nan() || exact == *w || ((exact - w) / exact).abs() <= 2e-7, "{} {}", exact, w);
            }
            for isa in Isa::available() {
                let mut out = vec![0.0; bins.len()];
                magnitude_split::on(isa, &re, &im, &mut out);
                prop_assert_eq!(bits(&out), bits(&want));
                magnitude_complex::on(isa, &complex, &mut out);
                prop_assert_eq!(bits(&out), bits(&want));
                let mut other = out.clone();
                power_split::on(isa, &re, &im, &mut out);
                power_complex::on(isa, &complex, &mut other);
                prop_assert_eq!(bits(&out), bits(&other));
            }
        }
    }

    #[test]
    fn magnitudes_keep_the_whole_range() {
        let re = [3e30_f32, 3e-30, 0.0, f32::INFINITY, 3.0];
        let im = [4e30_f32, 4e-30, 0.0, 1.0, f32::NAN];
        let mut out = [0.0; 5];
        magnitude_split(&re, &im, &mut out);
        assert_eq!(out[..4], [5e30, 5e-30, 0.0, f32::INFINITY]);
        assert!(out[4].is_nan());
    }
}
