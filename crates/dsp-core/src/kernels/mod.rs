//! Every loop that is worth compiling for more than one instruction set, and the one place where the set is chosen.
//!
//! A kernel is written once, over arrays of a fixed number of lanes, with `a * b + c` (never `mul_add`): SSE2, AVX2,
//! AVX-512 and NEON then give the same bits, so a state saved on one machine goes on exactly on another.

#![allow(unsafe_code, reason = "a function compiled for an instruction set may be called where it is there only")]

use std::sync::OnceLock;

pub mod adaptive;
pub mod bank;
pub mod between;
pub mod cascade;
pub mod dot;
pub mod fir;
pub mod formats;
pub mod interleave;
pub mod levels;
pub mod matches;
pub mod median;
pub mod peaks;
pub mod polyphase;
pub mod project;
pub mod scan;
pub mod sliding;
pub mod spectrum;
pub mod wavelet;

/// An instruction set that this machine can run. Values are made by [`Isa::available`] only, which is what makes
/// calling a kernel compiled for one of them sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Isa(Level);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Isa {
    /// The set that the target always has: SSE2 on x86-64, NEON on aarch64.
    pub const BASELINE: Self = Self(Level::Baseline);

    /// Returns all sets that this machine can run, the best last.
    pub fn available() -> Vec<Self> {
        #[allow(unused_mut, reason = "only x86-64 has more than its baseline")]
        let mut sets = vec![Self::BASELINE];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                sets.push(Self(Level::Avx2));
            }
            if has_avx512() {
                sets.push(Self(Level::Avx512));
            }
        }
        sets
    }

    /// Returns the set that kernels use by default: the best one, detected once.
    pub fn active() -> Self {
        static ACTIVE: OnceLock<Isa> = OnceLock::new();
        *ACTIVE.get_or_init(|| *Self::available().last().expect("the baseline is always there"))
    }

    /// Returns its name, for benches and bug reports.
    pub fn name(self) -> &'static str {
        match self.0 {
            Level::Baseline if cfg!(target_arch = "aarch64") => "neon",
            Level::Baseline => "baseline",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "avx512",
        }
    }

    /// Returns whether kernels should take their AVX-512 clone.
    #[doc(hidden)]
    #[inline]
    pub fn is_avx512(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return self.0 == Level::Avx512;
        #[cfg(not(target_arch = "x86_64"))]
        false
    }

    /// Returns whether kernels should take their AVX2 clone.
    #[doc(hidden)]
    #[inline]
    pub fn is_avx2(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return self.0 == Level::Avx2;
        #[cfg(not(target_arch = "x86_64"))]
        false
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
}

/// Defines kernels: from `fn f(x: &[f32]) -> f32 { … }` it makes `f(x)`, which runs on [`Isa::active`], and `f::on(isa,
/// x)` for tests. Arguments must be plain names; helpers that the body calls must be `#[inline(always)]`.
macro_rules! kernel {
    ($(
        $(#[$meta:meta])*
        $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block
    )+) => {$(
        $(#[$meta])*
        #[inline]
        #[allow(clippy::too_many_arguments, reason = "a kernel takes its slices and scalars one by one")]
        $vis fn $name($($arg: $ty),*) $(-> $ret)? {
            $name::on($crate::kernels::Isa::active(), $($arg),*)
        }

        #[allow(clippy::too_many_arguments, missing_docs, reason = "documented on the function of this name")]
        #[doc(hidden)]
        pub mod $name {
            #[allow(unused_imports, reason = "not every kernel needs what is beside it")]
            use super::*;

            #[inline(always)]
            fn body($($arg: $ty),*) $(-> $ret)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn avx2($($arg: $ty),*) $(-> $ret)? {
                body($($arg),*)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,avx512f,avx512vl,avx512bw,avx512dq")]
            fn avx512($($arg: $ty),*) $(-> $ret)? {
                body($($arg),*)
            }

            #[inline]
            #[allow(unsafe_code, reason = "kernels may call what is compiled for more than the target always has")]
            pub fn on(isa: $crate::kernels::Isa, $($arg: $ty),*) $(-> $ret)? {
                #[cfg(target_arch = "x86_64")]
                {
                    if isa.is_avx512() {
                        // SAFETY: such a value of `Isa` exists only where the CPU has these features.
                        return unsafe { avx512($($arg),*) };
                    }
                    if isa.is_avx2() {
                        // SAFETY: as above.
                        return unsafe { avx2($($arg),*) };
                    }
                }
                let _ = isa;
                body($($arg),*)
            }
        }
    )+};
}
pub(crate) use kernel;
