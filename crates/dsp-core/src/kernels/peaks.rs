//! Where a signal rises, and the extremes of its blocks: the inner loops of finding peaks.

super::kernel! {
    /// `flags[i] = 1` where sample i + 1 is above sample i and not below sample i + 2: there begins every peak or
    /// plateau. NaN is neither.
    pub fn tops(x: &[f64], flags: &mut [u8]) {
        let before = x.iter();
        let here = x.get(1..).unwrap_or(&[]).iter();
        let behind = x.get(2..).unwrap_or(&[]).iter();
        for (((flag, before), here), behind) in flags.iter_mut().zip(before).zip(here).zip(behind) {
            *flag = u8::from(before < here) & u8::from(behind <= here);
        }
    }

    /// The smallest number of each 32, +∞ where there is none, and the largest, NaN where one of them is.
    pub fn extremes(x: &[f64], smallest: &mut [f64], largest: &mut [f64]) {
        for ((block, smallest), largest) in x.as_chunks::<32>().0.iter().zip(smallest).zip(largest) {
            let mut low = [f64::INFINITY; 8];
            let mut high = [f64::NEG_INFINITY; 8];
            for row in block.as_chunks::<8>().0 {
                for k in 0..8 {
                    low[k] = if row[k] < low[k] { row[k] } else { low[k] };
                    high[k] = if row[k] > high[k] || row[k].is_nan() { row[k] } else { high[k] };
                }
            }
            *smallest = low.iter().fold(f64::INFINITY, |a, &b| if b < a { b } else { a });
            *largest = high.iter().fold(f64::NEG_INFINITY, |a, &b| if b > a || b.is_nan() { b } else { a });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn loops_agree_with_their_definition_on_every_instruction_set() {
        let x: Vec<f64> = (0..333).map(|i| if i % 97 == 5 { f64::NAN } else { f64::from(i * i % 37) }).collect();
        for isa in Isa::available() {
            let mut flags = vec![7; x.len() - 2];
            tops::on(isa, &x, &mut flags);
            for (i, flag) in flags.iter().enumerate() {
                assert_eq!(*flag == 1, x[i] < x[i + 1] && x[i + 2] <= x[i + 1], "{i}");
            }
            let (mut low, mut high) = ([0.0; 10], [0.0; 10]);
            extremes::on(isa, &x, &mut low, &mut high);
            for (i, block) in x.as_chunks::<32>().0.iter().enumerate() {
                assert_eq!(low[i], block.iter().copied().fold(f64::INFINITY, f64::min));
                let largest = block.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let has_nan = block.iter().any(|v| v.is_nan());
                assert!(if has_nan { high[i].is_nan() } else { high[i] == largest });
            }
        }
    }

    #[test]
    fn short_signals_have_no_tops() {
        for n in 0..3 {
            let mut flags = [];
            tops(&vec![1.0; n], &mut flags);
        }
    }
}
