use super::*;
use crate::signal::resample::taps::hamming_taps;
use proptest::prelude::*;

/// Feeds one channel in pieces of the given lengths, the last of which repeats.
fn run(plan: &Plan, input: &[f32], pieces: &[usize]) -> Vec<f32> {
    let mut delay = Delay::new(plan, 1, 0).expect("one channel fits");
    let (mut output, mut rest, mut i) = (vec![], input, 0);
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(pieces[i.min(pieces.len() - 1)].min(rest.len()));
        let at = output.len();
        output.resize(at + plan.outputs(piece.len(), delay.next()) as usize, f32::NAN);
        delay.process(plan, piece.len(), [(piece, &mut output[at..])]);
        (rest, i) = (later, i + 1);
    }
    output
}

/// The definition, term by term.
fn reference(taps: &[f64], up: usize, down: usize, x: &[f32]) -> Vec<f64> {
    (0..x.len() * up)
        .step_by(down)
        .map(|j| {
            let (n, p) = (j / up, j % up);
            (0..=n).filter(|q| q * up + p < taps.len()).map(|q| taps[q * up + p] * f64::from(x[n - q])).sum()
        })
        .collect()
}

fn noise(n: usize) -> Vec<f32> {
    (0..n).map(|i| ((i * i * 7919 + i * 104_729) % 2003) as f32 / 1001.5 - 1.0).collect()
}

#[test]
fn is_the_sum_that_defines_it() {
    for (up, down, order) in [(1, 1, 3), (3, 2, 51), (2, 3, 51), (5, 1, 7), (1, 5, 51), (7, 4, 5), (4, 7, 101)] {
        let taps = hamming_taps(order, 0.5 / up.max(down) as f64);
        let x = noise(3000);
        let got = run(&Plan::new(up as u64, down as u64, &taps, order), &x, &[usize::MAX]);
        let want = reference(&taps, up, down, &x);
        assert_eq!(got.len(), want.len());
        for (a, b) in got.iter().zip(&want) {
            // One rounding to f32 of sums below 2.
            assert!((f64::from(*a) - b).abs() < 2e-7, "{up}/{down}");
        }
    }
}

proptest! {
    #[test]
    fn any_cutting_gives_the_same_bits(
        up in 1u64..12, down in 1u64..12, half in 1usize..40, pieces in prop::collection::vec(1usize..1500, 1..6),
    ) {
        let plan = Plan::new(up, down, &hamming_taps(2 * half + 1, 0.1), 2 * half + 1);
        let x = noise(4000);
        prop_assert_eq!(run(&plan, &x, &pieces), run(&plan, &x, &[usize::MAX]));
    }

    #[test]
    fn arbitrary_ratios_give_the_same_bits_for_any_cutting(
        input in 0.3f64..3.0, output in 0.3f64..3.0, pieces in prop::collection::vec(1usize..900, 1..4),
    ) {
        let plan = Plan::between(input, output, Quality::High).expect("a moderate ratio");
        let x = noise(2000);
        let whole = run(&plan, &x, &[usize::MAX]);
        prop_assert_eq!(&run(&plan, &x, &pieces), &whole);
        let expected = x.len() as f64 * output / input;
        prop_assert!((whole.len() as f64 - expected).abs() <= 1.0);
    }
}

#[test]
fn rates_that_are_too_far_apart_are_refused() {
    let error = Plan::between(1e9, 1.0, Quality::Max).expect_err("184 billion taps");
    assert_eq!(error.kind(), crate::error::ErrorKind::Range);
    assert!(Plan::between(1.0, 1e6, Quality::Max).is_ok());
}

#[test]
fn an_infinity_leaves_with_the_delay_line() {
    let plan = Plan::new(3, 2, &hamming_taps(51, 1.0 / 6.0), 51);
    let mut x = vec![1.0; 100];
    x[20] = f32::INFINITY;
    let y = run(&plan, &x, &[7]);
    let touched: Vec<usize> = (0..y.len()).filter(|&m| !y[m].is_finite()).collect();
    // Output m sits at tick 2m and reaches 51 ticks back; input 20 came at tick 60.
    assert_eq!(touched, (30..=55).collect::<Vec<_>>());
}

/// A plan of every kind of computation.
fn plans() -> Vec<Plan> {
    let exact = |up, down| Plan::exact(Quality::High, up, down);
    let any = |to, quality| Plan::between(1.0, to, quality).expect("a moderate ratio");
    vec![
        Plan::exact(Quality::Max, 3, 2),
        exact(3, 2),
        exact(160, 147),
        exact(1, 3),
        exact(2, 7),
        exact(1, 6),
        exact(3, 14),
        any(1.088_446, Quality::High),
        any(0.918_7, Quality::Voice),
        any(0.333_34, Quality::High),
        any(0.123_4, Quality::High),
        any(1.000_01, Quality::Max),
    ]
}

#[test]
fn any_cutting_of_any_samples_gives_the_same_bits() {
    let mut x = noise(9000);
    x[3000] = f32::INFINITY;
    (x[5000], x[5001]) = (3e38, -3e38);
    x[7000] = f32::NAN;
    for plan in plans() {
        let whole = run(&plan, &x, &[usize::MAX]);
        let bits = |y: &[f32]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        for pieces in [&[1][..], &[7, 100, 1], &[441], &[1023, 2, 1500]] {
            assert_eq!(bits(&run(&plan, &x, pieces)), bits(&whole), "{}/{} {pieces:?}", plan.up(), plan.down());
        }
        // What is not finite leaves with the delay line, and no output has it that does not depend on it.
        let place = |frame: usize| (frame as u64 * plan.up()).div_ceil(plan.down()) as usize;
        let touched = |frames: std::ops::Range<usize>| whole[place(frames.start)..place(frames.end)].iter();
        assert!(touched(0..3000).all(|y| y.is_finite()), "{}/{}", plan.up(), plan.down());
        assert!(touched(3000 + plan.history()..5000).all(|y| y.is_finite()), "{}/{}", plan.up(), plan.down());
        assert!(touched(7000 + plan.history()..9000).all(|y| y.is_finite()), "{}/{}", plan.up(), plan.down());
        assert!(touched(3000..3000 + plan.history()).any(|y| !y.is_finite()), "{}/{}", plan.up(), plan.down());
    }
}

#[test]
fn rings_go_there_and_back() {
    for plan in plans() {
        let x = noise(3000);
        let whole = run(&plan, &x, &[usize::MAX]);
        let mut delay = Delay::new(&plan, 1, 0).expect("one channel fits");
        let mut y = vec![];
        for piece in x.chunks(37) {
            let at = y.len();
            y.resize(at + plan.outputs(piece.len(), delay.next()) as usize, 0.0);
            delay.process(&plan, piece.len(), [(piece, &mut y[at..])]);
            delay = Delay::from_rings(&plan, &delay.rings(&plan), &[delay.position()], delay.next())
                .expect("one channel fits");
        }
        assert_eq!(y, whole, "{}/{}", plan.up(), plan.down());
    }
}
