//! Outputs anywhere between the samples of an oversampled line.

use super::polyphase::Walk;

/// Taps of an output.
pub const TAPS: usize = 16;

/// The taps as cubics of the place in a cell: coefficients of 1, u, u², u³, each for the oldest sample first.
pub type Cell = [[f32; TAPS]; 4];

/// Outputs computed side by side.
const BATCH: usize = 16;

/// Added to a number below 2⁵⁰ it leaves the nearest whole number in the lower bits.
const WHOLE: f64 = 1.5 * (1_u64 << 52) as f64;

/// Returns the contributions of the samples to an output, the first half of them added to the second.
#[inline(always)]
fn halves([a, b, c, d]: &Cell, u: f32, x: &[f32; TAPS]) -> [f32; TAPS / 2] {
    let product = |k: usize| (a[k] + u * (b[k] + u * (c[k] + u * d[k]))) * x[k];
    let mut halves = [0.0; TAPS / 2];
    for (k, half) in halves.iter_mut().enumerate() {
        *half = product(k) + product(k + TAPS / 2);
    }
    halves
}

/// The sum of each row, in quarters and so on, always in the same order.
#[inline(always)]
fn totals(rows: &[[f32; TAPS / 2]; BATCH], sums: &mut [f32; BATCH]) {
    let mut quarters = [[0.0; BATCH]; TAPS / 4];
    for k in 0..TAPS / 4 {
        for j in 0..BATCH {
            quarters[k][j] = rows[j][k] + rows[j][k + TAPS / 4];
        }
    }
    let [a, b, c, d] = &quarters;
    for j in 0..BATCH {
        let y = (a[j] + c[j]) + (b[j] + d[j]);
        // One NaN: which of two comes out of an addition depends on the order that the compiler chose.
        sums[j] = if y.is_nan() { f32::NAN } else { y };
    }
}

super::kernel! {
    /// Fills `out` with one output after another along `walk`, each from the [`TAPS`] newest samples of `line` with the taps
    /// of its place between two of them: `cells` divide it evenly.
    pub fn between(cells: &[Cell], line: &[f32], walk: Walk, out: &mut [f32]) {
        let scale = cells.len() as f64 / walk.up as f64;
        let last = cells.len() as u32 - 1;
        let (mut walk, stride) = (walk, walk.stride());
        let mut rows = [[0.0; TAPS / 2]; BATCH];
        let mut sums = [0.0; BATCH];
        let (mut frames, mut ticks) = ([TAPS; BATCH], [0_i64; BATCH]);
        let (mut places, mut parts) = ([0_u32; BATCH], [0.0_f32; BATCH]);
        for out in out.chunks_mut(BATCH) {
            for (frame, tick) in frames.iter_mut().zip(&mut ticks).take(out.len()) {
                (*frame, *tick) = (walk.frame, walk.tick as i64);
                walk.step(stride);
            }
            for j in 0..BATCH {
                let at = ticks[j] as f64 * scale;
                let shifted = at - 0.5 + WHOLE;
                places[j] = (shifted.to_bits() as u32).min(last);
                parts[j] = (at - (shifted - WHOLE)) as f32;
            }
            for j in 0..out.len() {
                let x = line[frames[j] + 1 - TAPS..].first_chunk().expect("the line has a window for each output");
                rows[j] = halves(&cells[places[j] as usize], parts[j], x);
            }
            totals(&rows, &mut sums);
            match <&mut [f32; BATCH]>::try_from(&mut *out) {
                Ok(whole) => *whole = sums,
                Err(_) => out.copy_from_slice(&sums[..out.len()]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn the_same_bits_on_every_instruction_set() {
        let noise = |i: usize| ((i * 7919 + 31) % 2003) as f32 / 1001.5 - 1.0;
        let cells: Vec<Cell> =
            (0..5).map(|c| std::array::from_fn(|p| std::array::from_fn(|k| noise(c * 64 + p * 16 + k)))).collect();
        let line: Vec<f32> = (0..300).map(|i| noise(i * 3)).collect();
        for (up, down) in [(7, 9), (1000, 1837), (1 << 53, (1 << 53) + 12_345)] {
            let walk = Walk { frame: 20, tick: up / 3, up, down };
            let run = |isa| {
                let mut out = [0.0; 120];
                between::on(isa, &cells, &line, walk, &mut out);
                out
            };
            for isa in Isa::available() {
                assert_eq!(run(isa), run(Isa::BASELINE), "{} {up}/{down}", isa.name());
            }
        }
    }
}
