//! Second-order sections in direct form I.
//!
//! `v = b0·u + b1·u₁ + b2·u₂ − a2·v₂ − a1·v₁`, in this order: the term of the previous output comes last, so that each
//! sample waits for one multiplication and one subtraction only. Lanes are sections (section `i` works `i` samples
//! behind the first) or channels; a section's arithmetic is the same either way, so both give the same bits. The sum
//! starts with +0, which keeps −0 out of the histories: JSON could not hold it.

/// A second-order section `[b0, b1, b2, 1, a1, a2]`.
pub type Row = [f64; 6];

/// The state of a section: its last two inputs and outputs, `[u₁, u₂, v₁, v₂]`.
pub type History = [f64; 4];

/// The most sections that run in lanes at once.
pub const SECTION_LANES: usize = 8;

/// Filters one sample by one section; returns the output.
#[inline(always)]
fn step(row: &Row, h: &mut History, u: f64) -> f64 {
    let v = 0.0 + row[0] * u + row[1] * h[0] + row[2] * h[1] - row[5] * h[3] - row[4] * h[2];
    *h = [u, h[0], v, h[2]];
    v
}

/// Returns coefficient `i` of every lane.
#[inline(always)]
fn across<const L: usize, const N: usize>(rows: &[[f64; N]; L], i: usize) -> [f64; L] {
    let mut lanes = [0.0; L];
    for lane in 0..L {
        lanes[lane] = rows[lane][i];
    }
    lanes
}

/// Filters `x` by `L` sections, one per lane, in place. The samples at both ends, for which not all lanes have work,
/// are filtered one by one.
#[inline(always)]
fn run_sections<const L: usize>(rows: &[Row; L], histories: &mut [History; L], x: &mut [f64]) {
    if x.len() < 2 * L {
        for x in x.iter_mut() {
            for (row, h) in rows.iter().zip(histories.iter_mut()) {
                *x = step(row, h, *x);
            }
        }
        return;
    }
    for (n, x) in x[..L - 1].iter_mut().enumerate() {
        for lane in 0..L - 1 - n {
            *x = step(&rows[lane], &mut histories[lane], *x);
        }
    }
    let (b0, b1, b2) = (across(rows, 0), across(rows, 1), across(rows, 2));
    let (a1, a2) = (across(rows, 4), across(rows, 5));
    let (mut u1, mut u2) = (across(histories, 0), across(histories, 1));
    let (mut v1, mut v2) = (across(histories, 2), across(histories, 3));
    for n in L - 1..x.len() {
        let mut u = [x[n]; L];
        u[1..L].copy_from_slice(&v1[..L - 1]);
        let mut v = [0.0; L];
        for lane in 0..L {
            v[lane] = 0.0 + b0[lane] * u[lane] + b1[lane] * u1[lane] + b2[lane] * u2[lane]
                - a2[lane] * v2[lane]
                - a1[lane] * v1[lane];
        }
        (u2, u1, v2, v1) = (u1, u, v1, v);
        x[n + 1 - L] = v[L - 1];
    }
    for lane in 0..L {
        histories[lane] = [u1[lane], u2[lane], v1[lane], v2[lane]];
    }
    let end = x.len();
    for n in end + 1 - L..end {
        let mut y = histories[end - 1 - n][2];
        for lane in end - n..L {
            y = step(&rows[lane], &mut histories[lane], y);
        }
        x[n] = y;
    }
}

/// Filters `x` by up to `L` sections in place; missing sections are replaced by ones that pass everything.
#[inline(always)]
fn run_padded<const L: usize>(rows: &[Row], histories: &mut [History], x: &mut [f64]) {
    let mut all = [[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]; L];
    let mut states = [[0.0; 4]; L];
    all[..rows.len()].copy_from_slice(rows);
    states[..rows.len()].copy_from_slice(histories);
    run_sections(&all, &mut states, x);
    histories.copy_from_slice(&states[..rows.len()]);
}

/// Filters `x` (frames of `L` channels) by one section in place, one channel per lane.
#[inline(always)]
fn run_channels<const L: usize>(row: &Row, histories: &mut [[f64; L]; 4], x: &mut [[f64; L]]) {
    let [b0, b1, b2, _, a1, a2] = *row;
    let [mut u1, mut u2, mut v1, mut v2] = *histories;
    for u in x.iter_mut() {
        let mut v = [0.0; L];
        for lane in 0..L {
            v[lane] = 0.0 + b0 * u[lane] + b1 * u1[lane] + b2 * u2[lane] - a2 * v2[lane] - a1 * v1[lane];
        }
        (u2, u1, v2, v1) = (u1, *u, v1, v);
        *u = v;
    }
    *histories = [u1, u2, v1, v2];
}

super::kernel! {
    /// Filters `x`, one channel, by a cascade of any length in place.
    pub fn sections(rows: &[Row], histories: &mut [History], x: &mut [f64]) {
        for (rows, histories) in rows.chunks(SECTION_LANES).zip(histories.chunks_mut(SECTION_LANES)) {
            match rows.len() {
                1 => {
                    let (row, mut h) = (rows[0], histories[0]);
                    for x in x.iter_mut() {
                        *x = step(&row, &mut h, *x);
                    }
                    histories[0] = h;
                }
                2 => run_padded::<2>(rows, histories, x),
                3 | 4 => run_padded::<4>(rows, histories, x),
                _ => run_padded::<8>(rows, histories, x),
            }
        }
    }

    /// Filters `x` (frames of 2 channels) by one section in place; `histories` are u₁, u₂, v₁, v₂ of all channels.
    pub fn channels_2(row: &Row, histories: &mut [[f64; 2]; 4], x: &mut [[f64; 2]]) {
        run_channels(row, histories, x);
    }

    /// [`channels_2`] for frames of 4 channels.
    pub fn channels_4(row: &Row, histories: &mut [[f64; 4]; 4], x: &mut [[f64; 4]]) {
        run_channels(row, histories, x);
    }

    /// [`channels_2`] for frames of 8 channels.
    pub fn channels_8(row: &Row, histories: &mut [[f64; 8]; 4], x: &mut [[f64; 8]]) {
        run_channels(row, histories, x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    fn row(i: usize) -> Row {
        let x = i as f64;
        [0.3 + 0.01 * x, -0.2, 0.1 * x, 1.0, -1.2 + 0.1 * x, 0.5 - 0.03 * x]
    }

    fn signal(n: usize) -> Vec<f64> {
        (0..n).map(|k| f64::from(((k * k * 7 + k * 3) % 1009) as f32 / 500.0 - 1.0)).collect()
    }

    fn reference(rows: &[Row], histories: &mut [History], x: &mut [f64]) {
        for x in x {
            for (row, h) in rows.iter().zip(histories.iter_mut()) {
                *x = step(row, h, *x);
            }
        }
    }

    #[test]
    fn lanes_of_sections_give_the_bits_of_one_after_the_other() {
        for isa in Isa::available() {
            for count in 1..=17 {
                let rows: Vec<Row> = (0..count).map(row).collect();
                for n in (0..40).chain([100, 1000]) {
                    let start: Vec<History> = (0..count).map(|i| [0.1, 0.2, 0.3, i as f64 * 0.1]).collect();
                    let (mut x, mut y) = (signal(n), signal(n));
                    let (mut hx, mut hy) = (start.clone(), start);
                    sections::on(isa, &rows, &mut hx, &mut x);
                    reference(&rows, &mut hy, &mut y);
                    assert_eq!((x, hx), (y, hy), "{} {count} sections, {n} samples", isa.name());
                }
            }
        }
    }

    #[test]
    fn lanes_of_channels_give_the_bits_of_one_channel() {
        for isa in Isa::available() {
            let x = signal(300);
            let mut frames: Vec<[f64; 4]> = x.iter().map(|x| [*x, -x, 2.0 * x, 0.0]).collect();
            let mut histories = [[0.0; 4]; 4];
            channels_4::on(isa, &row(1), &mut histories, &mut frames);
            let (mut y, mut h) = (x, [[0.0; 4]]);
            reference(&[row(1)], &mut h, &mut y);
            assert!(frames.iter().zip(&y).all(|(f, y)| f[0] == *y && f[1] == -y && f[3].to_bits() == 0));
            assert_eq!(histories.map(|h| h[0]), h[0]);
        }
    }
}
