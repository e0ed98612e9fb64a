//! Samples from and to the formats that devices, files and telephone lines use.
//!
//! Linear formats are scaled by a power of two: full scale is −1 … 1. G.711 codes stand for 16-bit values: the 14-bit
//! ones of the µ-law times 4, the 13-bit ones of the A-law times 8. Encoding turns NaN into 0 and a sample outside the
//! range into the nearer end of the range. Rounding is done by adding a number whose last bit is the last one to keep:
//! every instruction set then gives the same bits.

/// Full scale of 16 bits.
const SCALE_16: f32 = 32_768.0;
/// Full scale of 32 bits.
const SCALE_32: f64 = 2_147_483_648.0;
/// 1.5 · 2²³: added to a float32 below 2²² in magnitude, it leaves the nearest integer in the last bits.
const ROUND_F32: f32 = 12_582_912.0;
/// 1.5 · 2⁵²: as [`ROUND_F32`], for a float64.
const ROUND_F64: f64 = 6_755_399_441_055_744.0;
/// Inverts every other bit of an A-law code (G.711, table 1).
const ALAW_MASK: u8 = 0x55;
/// Bias that the µ-law adds to a 14-bit magnitude, so that each segment begins at a power of two.
const MULAW_BIAS: i32 = 33;

/// Returns the sample in 16-bit steps, saturated; NaN is 0.
#[inline(always)]
fn steps_of_16_bits(x: f32) -> f32 {
    let x = if x.is_nan() { 0.0 } else { x };
    (x * SCALE_16).clamp(-SCALE_16, SCALE_16 - 1.0)
}

/// Returns the nearest 16-bit integer; ties go to the even one.
#[inline(always)]
fn nearest_16(x: f32) -> i16 {
    ((steps_of_16_bits(x) + ROUND_F32).to_bits() as i32).wrapping_sub(ROUND_F32.to_bits() as i32) as i16
}

/// Returns the next lower 16-bit integer.
#[inline(always)]
fn below_16(x: f32) -> i32 {
    let steps = steps_of_16_bits(x);
    let sum = steps + ROUND_F32;
    let nearest = (sum.to_bits() as i32).wrapping_sub(ROUND_F32.to_bits() as i32);
    nearest - i32::from(sum - ROUND_F32 > steps)
}

/// Returns the nearest 32-bit integer; ties go to the even one.
#[inline(always)]
fn nearest_32(x: f32) -> i32 {
    let x = if x.is_nan() { 0.0 } else { f64::from(x) };
    ((x * SCALE_32).clamp(-SCALE_32, SCALE_32 - 1.0) + ROUND_F64).to_bits() as i32
}

/// Returns segment and step of a G.711 code: the exponent, counted from `first`, and the first four fraction bits of an
/// integer from 1 to 2¹⁶.
#[inline(always)]
fn segment_and_step(x: i32, first: u32) -> u8 {
    let bits = (x as f32).to_bits() >> 19;
    bits.wrapping_sub((127 + first) << 4) as u8 & 0x7F
}

/// Returns the µ-law code of a 16-bit value.
#[inline(always)]
fn mulaw_code(value: i32) -> u8 {
    // A value on a decision value belongs to the interval above it, for both signs: as in the tools of ITU-T G.191.
    let magnitude = if value < 0 { !value } else { value };
    let biased = ((magnitude >> 2) + MULAW_BIAS).min(0x1FFF);
    let sign = if value < 0 { 0x7F } else { 0xFF };
    segment_and_step(biased, 5) ^ sign
}

/// Returns the A-law code of a 16-bit value.
#[inline(always)]
fn alaw_code(value: i32) -> u8 {
    let magnitude = if value < 0 { !value } else { value } >> 4;
    let code = if magnitude < 16 { magnitude as u8 } else { segment_and_step(magnitude, 3) };
    let sign = if value < 0 { 0 } else { 0x80 };
    (code | sign) ^ ALAW_MASK
}

/// The values of the µ-law codes, full scale being −1 … 1.
static MULAW_VALUES: [f32; 256] = {
    let mut values = [0.0; 256];
    let mut code = 0;
    while code < 256 {
        let bits = !(code as i32);
        let magnitude = ((2 * (bits & 15) + MULAW_BIAS) << ((bits >> 4) & 7)) - MULAW_BIAS;
        values[code] = 4.0 * if bits & 0x80 == 0 { magnitude } else { -magnitude } as f32 / SCALE_16;
        code += 1;
    }
    values
};

/// The values of the A-law codes, full scale being −1 … 1.
static ALAW_VALUES: [f32; 256] = {
    let mut values = [0.0; 256];
    let mut code = 0;
    while code < 256 {
        let bits = code as i32 ^ ALAW_MASK as i32;
        let (segment, step) = ((bits >> 4) & 7, bits & 15);
        let magnitude = if segment == 0 { 2 * step + 1 } else { (2 * step + 33) << (segment - 1) };
        values[code] = 8.0 * if bits & 0x80 == 0 { -magnitude } else { magnitude } as f32 / SCALE_16;
        code += 1;
    }
    values
};

/// Returns a number above −1 and below 1 of triangular distribution that depends on `index` only: the difference of the
/// two halves of the `index`-th number of SplitMix64 (Steele, Lea and Flood 2014) from seed 0, each taken as uniform.
#[inline(always)]
fn triangular(index: u64) -> f32 {
    let z = index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let z = z ^ (z >> 31);
    // 24 bits of each half: their difference is exact in float32.
    let difference = (z >> 40) as i32 - (z as u32 >> 8) as i32;
    difference as f32 / 16_777_216.0
}

super::kernel! {
    /// Decodes little-endian 16-bit integers.
    pub fn decode_s16(bytes: &[u8], samples: &mut [f32]) {
        for (x, bytes) in samples.iter_mut().zip(bytes.as_chunks().0) {
            *x = f32::from(i16::from_le_bytes(*bytes)) * (1.0 / SCALE_16);
        }
    }

    /// Decodes little-endian 32-bit integers, rounded to float32.
    pub fn decode_s32(bytes: &[u8], samples: &mut [f32]) {
        for (x, bytes) in samples.iter_mut().zip(bytes.as_chunks().0) {
            *x = i32::from_le_bytes(*bytes) as f32 * (1.0 / SCALE_32) as f32;
        }
    }

    /// Decodes little-endian float32.
    pub fn decode_f32(bytes: &[u8], samples: &mut [f32]) {
        for (x, bytes) in samples.iter_mut().zip(bytes.as_chunks().0) {
            *x = f32::from_le_bytes(*bytes);
        }
    }

    /// Decodes little-endian float64, rounded to float32.
    pub fn decode_f64(bytes: &[u8], samples: &mut [f32]) {
        for (x, bytes) in samples.iter_mut().zip(bytes.as_chunks().0) {
            *x = f64::from_le_bytes(*bytes) as f32;
        }
    }

    /// Decodes G.711 µ-law.
    pub fn decode_mulaw(codes: &[u8], samples: &mut [f32]) {
        for (x, &code) in samples.iter_mut().zip(codes) {
            *x = MULAW_VALUES[usize::from(code)];
        }
    }

    /// Decodes G.711 A-law.
    pub fn decode_alaw(codes: &[u8], samples: &mut [f32]) {
        for (x, &code) in samples.iter_mut().zip(codes) {
            *x = ALAW_VALUES[usize::from(code)];
        }
    }

    /// Encodes samples as the nearest 16-bit integers; ties go to the even one.
    pub fn encode_s16(samples: &[f32], values: &mut [i16]) {
        for (value, &x) in values.iter_mut().zip(samples) {
            *value = nearest_16(x);
        }
    }

    /// Encodes samples as the nearest 32-bit integers; ties go to the even one.
    pub fn encode_s32(samples: &[f32], values: &mut [i32]) {
        for (value, &x) in values.iter_mut().zip(samples) {
            *value = nearest_32(x);
        }
    }

    /// Widens samples to float64.
    pub fn encode_f64(samples: &[f32], values: &mut [f64]) {
        for (value, &x) in values.iter_mut().zip(samples) {
            *value = f64::from(x);
        }
    }

    /// Encodes samples as G.711 µ-law.
    pub fn encode_mulaw(samples: &[f32], codes: &mut [u8]) {
        for (code, &x) in codes.iter_mut().zip(samples) {
            *code = mulaw_code(below_16(x));
        }
    }

    /// Encodes samples as G.711 A-law.
    pub fn encode_alaw(samples: &[f32], codes: &mut [u8]) {
        for (code, &x) in codes.iter_mut().zip(samples) {
            *code = alaw_code(below_16(x));
        }
    }

    /// Adds noise of triangular distribution between −`step` and `step`; the noise of a sample depends on its index
    /// only, and the first one has the index `first`.
    pub fn dither(samples: &mut [f32], first: u64, step: f32) {
        for (i, x) in samples.iter_mut().enumerate() {
            *x += step * triangular(first.wrapping_add(i as u64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;
    use proptest::prelude::*;

    /// Ends of the segments and width of their steps for one sign: G.711, columns 1 to 3 of tables 1 and 2.
    const ALAW_SEGMENTS: [(i32, i32); 7] =
        [(64, 2), (128, 4), (256, 8), (512, 16), (1024, 32), (2048, 64), (4096, 128)];
    const MULAW_SEGMENTS: [(i32, i32); 8] =
        [(31, 2), (95, 4), (223, 8), (479, 16), (991, 32), (2015, 64), (4063, 128), (8159, 256)];

    /// A law as the tables of the standard write it: decision values, and codes of both signs.
    struct Law {
        /// x₀ = 0, x₁, … x₁₂₈, in units of 16-bit values.
        decisions: Vec<i32>,
        /// Mask that inverts the transmitted bits.
        mask: u8,
        /// Whether 0 is a value of its own (µ-law) or lies between two values (A-law).
        has_zero: bool,
    }

    impl Law {
        fn mulaw() -> Self {
            // The first step is half as wide as the others of its segment: 0 … 1.
            Self::new(&[0, 1], &MULAW_SEGMENTS, 4, 0x7F, true)
        }

        fn alaw() -> Self {
            Self::new(&[0], &ALAW_SEGMENTS, 8, 0x55, false)
        }

        fn new(first: &[i32], segments: &[(i32, i32)], unit: i32, mask: u8, has_zero: bool) -> Self {
            let mut decisions = first.to_vec();
            for &(end, width) in segments {
                while *decisions.last().unwrap() < end {
                    decisions.push(decisions.last().unwrap() + width);
                }
                assert_eq!(*decisions.last().unwrap(), end);
            }
            assert_eq!(decisions.len(), 129);
            Self { decisions: decisions.iter().map(|x| x * unit).collect(), mask, has_zero }
        }

        /// Returns the interval of a magnitude, searched from the top; a magnitude on a decision value belongs above it
        /// for positive values and below it for negative ones.
        fn encode(&self, value: i32) -> u8 {
            let negative = value < 0;
            let above = |x: i32| if negative { value.abs() > x } else { value >= x };
            let interval = (0..128).rev().find(|&n| above(self.decisions[n])).unwrap_or(0) as u8;
            (interval | if negative { 0 } else { 0x80 }) ^ self.mask
        }

        /// Returns the middle of the interval.
        fn decode(&self, code: u8) -> i32 {
            let code = code ^ self.mask;
            let interval = usize::from(code & 0x7F);
            let middle = match interval {
                0 if self.has_zero => 0,
                n => i32::midpoint(self.decisions[n], self.decisions[n + 1]),
            };
            if code & 0x80 == 0 { -middle } else { middle }
        }
    }

    type Encode = fn(Isa, &[f32], &mut [u8]);
    type Decode = fn(Isa, &[u8], &mut [f32]);

    fn laws() -> [(Law, Encode, Decode); 2] {
        [(Law::mulaw(), encode_mulaw::on, decode_mulaw::on), (Law::alaw(), encode_alaw::on, decode_alaw::on)]
    }

    fn bits(samples: &[f32]) -> Vec<u32> {
        samples.iter().map(|x| x.to_bits()).collect()
    }

    #[test]
    fn every_16_bit_value_gets_the_code_of_the_tables() {
        let values: Vec<i32> = (-32_768..32_768).collect();
        let samples: Vec<f32> = values.iter().map(|&v| v as f32 / 32_768.0).collect();
        for (law, encode, _) in laws() {
            let expected: Vec<u8> = values.iter().map(|&v| law.encode(v)).collect();
            for isa in Isa::available() {
                let mut codes = vec![0; samples.len()];
                encode(isa, &samples, &mut codes);
                assert_eq!(codes, expected, "{}", isa.name());
            }
        }
    }

    #[test]
    fn every_code_gets_the_value_of_the_tables_and_comes_back() {
        let codes: Vec<u8> = (0..=255).collect();
        for (law, encode, decode) in laws() {
            let expected: Vec<f32> = codes.iter().map(|&c| law.decode(c) as f32 / 32_768.0).collect();
            for isa in Isa::available() {
                let mut samples = vec![0.0; 256];
                decode(isa, &codes, &mut samples);
                assert_eq!(bits(&samples), bits(&expected), "{}", isa.name());
                let mut again = vec![0; 256];
                encode(isa, &samples, &mut again);
                for (&code, again) in codes.iter().zip(again) {
                    // The µ-law has two zeros, and numbers one.
                    let expected = if law.has_zero && code == 0x7F { 0xFF } else { code };
                    assert_eq!(again, expected, "{}", isa.name());
                }
            }
        }
        assert_eq!([Law::mulaw().decode(0x80), Law::alaw().decode(0xAA)], [32_124, 32_256]);
    }

    #[test]
    fn values_between_two_integers_fall_on_their_side_of_a_decision_value() {
        let samples = [3.999, 4.0, -3.999, -4.0, -4.001, 0.0, -0.0, 1e-20, -1e-20].map(|x: f32| x / 32_768.0);
        let mut codes = [0; 9];
        encode_mulaw(&samples, &mut codes);
        assert_eq!(codes, [0xFF, 0xFE, 0x7F, 0x7F, 0x7E, 0xFF, 0xFF, 0xFF, 0x7F]);
    }

    #[test]
    fn every_16_bit_value_comes_back() {
        let values: Vec<i16> = (i16::MIN..=i16::MAX).collect();
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        for isa in Isa::available() {
            let mut samples = vec![0.0; values.len()];
            decode_s16::on(isa, &bytes, &mut samples);
            assert!(samples.iter().zip(&values).all(|(x, &v)| *x == f32::from(v) / 32_768.0));
            let mut again = vec![0; values.len()];
            encode_s16::on(isa, &samples, &mut again);
            assert_eq!(again, values, "{}", isa.name());
        }
    }

    #[test]
    fn what_is_no_number_or_out_of_range_is_0_or_the_end_of_the_range() {
        let samples = [f32::NAN, -f32::NAN, 1.0, -1.0, 1.5, -1.5, f32::MAX, f32::MIN, f32::INFINITY, f32::NEG_INFINITY];
        for isa in Isa::available() {
            let (mut s16, mut s32, mut mulaw, mut alaw) = ([1; 10], [1; 10], [1; 10], [1; 10]);
            encode_s16::on(isa, &samples, &mut s16);
            encode_s32::on(isa, &samples, &mut s32);
            encode_mulaw::on(isa, &samples, &mut mulaw);
            encode_alaw::on(isa, &samples, &mut alaw);
            let ends = |zero: i64, high: i64, low: i64| [zero, zero, high, low, high, low, high, low, high, low];
            assert_eq!(s16.map(i64::from), ends(0, 32_767, -32_768));
            assert_eq!(s32.map(i64::from), ends(0, i64::from(i32::MAX), i64::from(i32::MIN)));
            assert_eq!(mulaw.map(i64::from), ends(0xFF, 0x80, 0x00));
            assert_eq!(alaw.map(i64::from), ends(0xD5, 0xAA, 0x2A));
        }
    }

    #[test]
    fn ties_go_to_the_even_integer() {
        let halves = [0.5f32, 1.5, 2.5, -0.5, -1.5, -2.5];
        let (mut s16, mut s32) = ([1; 6], [1; 6]);
        encode_s16(&halves.map(|x| x / 32_768.0), &mut s16);
        encode_s32(&halves.map(|x| x / 2_147_483_648.0), &mut s32);
        assert_eq!(s16, [0, 2, 2, 0, -2, -2]);
        assert_eq!(s32, [0, 2, 2, 0, -2, -2]);
    }

    #[test]
    fn the_noise_has_a_triangular_distribution_and_no_correlation() {
        let n = 1 << 18;
        let mut noise = vec![0.0; n];
        dither(&mut noise, 7, 1.0);
        let x: Vec<f64> = noise.iter().copied().map(f64::from).collect();
        let mean = |f: &dyn Fn(usize) -> f64| (0..n - 1).map(f).sum::<f64>() / (n - 1) as f64;
        assert!(x.iter().all(|x| x.abs() < 1.0));
        // Variance 1/6 and fourth moment 1/15; the bounds are five standard errors.
        assert!(mean(&|i| x[i]).abs() < 5.0 * (1.0 / 6.0f64 / n as f64).sqrt());
        assert!((mean(&|i| x[i] * x[i]) - 1.0 / 6.0).abs() < 5.0 * ((1.0 / 15.0 - 1.0 / 36.0) / n as f64).sqrt());
        assert!(mean(&|i| x[i] * x[i + 1]).abs() < 5.0 / 6.0 / (n as f64).sqrt());
        let below_half = x.iter().filter(|x| x.abs() < 0.5).count() as f64 / n as f64;
        assert!((below_half - 0.75).abs() < 5.0 * (0.75 * 0.25 / n as f64).sqrt());
    }

    fn anything() -> impl Strategy<Value = Vec<f32>> {
        let sample = prop_oneof![-1.1f32..1.1, -1e-4f32..1e-4, any::<f32>()];
        prop::collection::vec(sample, 0..150)
    }

    proptest! {
        #[test]
        fn every_instruction_set_gives_the_same_bits(x in anything(), first: u64) {
            let run = |isa| {
                let n = x.len();
                let (mut s16, mut s32, mut f64s) = (vec![0; n], vec![0; n], vec![0.0; n]);
                let (mut mulaw, mut alaw, mut dithered) = (vec![0; n], vec![0; n], x.clone());
                encode_s16::on(isa, &x, &mut s16);
                encode_s32::on(isa, &x, &mut s32);
                encode_f64::on(isa, &x, &mut f64s);
                encode_mulaw::on(isa, &x, &mut mulaw);
                encode_alaw::on(isa, &x, &mut alaw);
                dither::on(isa, &mut dithered, first, 1.0 / 32_768.0);
                let dithered: Vec<u32> = dithered.iter().map(|x| if x.is_nan() { 0 } else { x.to_bits() }).collect();
                let wide: Vec<u64> = f64s.iter().map(|x| if x.is_nan() { 0 } else { x.to_bits() }).collect();
                (s16, s32, wide, mulaw, alaw, dithered)
            };
            let expected = run(Isa::BASELINE);
            for isa in Isa::available() {
                prop_assert_eq!(run(isa), expected.clone());
            }
        }

        #[test]
        fn every_instruction_set_reads_the_same_bits(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let run = |isa| {
                let read = |decode: fn(Isa, &[u8], &mut [f32]), size: usize| {
                    let mut samples = vec![0.0; bytes.len() / size];
                    decode(isa, &bytes, &mut samples);
                    samples.iter().map(|x| if x.is_nan() { 0 } else { x.to_bits() }).collect::<Vec<_>>()
                };
                [read(decode_s16::on, 2), read(decode_s32::on, 4), read(decode_f32::on, 4), read(decode_f64::on, 8)]
            };
            let expected = run(Isa::BASELINE);
            for isa in Isa::available() {
                prop_assert_eq!(run(isa), expected.clone());
            }
        }

        #[test]
        fn integers_are_the_nearest_ones(x in -1.2f64..1.2) {
            let x = x as f32;
            let (mut s16, mut s32) = ([0], [0]);
            encode_s16(&[x], &mut s16);
            encode_s32(&[x], &mut s32);
            let nearest = |scale: f64| (f64::from(x) * scale).round_ties_even().clamp(-scale, scale - 1.0);
            prop_assert_eq!(f64::from(s16[0]), nearest(32_768.0));
            prop_assert_eq!(f64::from(s32[0]), nearest(2_147_483_648.0));
        }

        #[test]
        fn the_noise_of_a_sample_depends_on_its_index_only(n in 0usize..100, cut in 0usize..100, first: u64) {
            let cut = cut.min(n);
            let mut whole = vec![0.25; n];
            dither(&mut whole, first, 0.5);
            let mut parts = vec![0.25; n];
            dither(&mut parts[..cut], first, 0.5);
            dither(&mut parts[cut..], first.wrapping_add(cut as u64), 0.5);
            prop_assert_eq!(parts, whole);
        }
    }
}
