//! Points at which a test can end the process as a power failure would: `DSPX_FAILPOINT=<name>[:n]` ends it at the n-th
//! pass. Only in builds with the feature `failpoints`.

/// A point at which the process may be ended.
#[macro_export]
#[doc(hidden)]
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        $crate::failpoint::pass($name);
    };
}

/// Counts a pass, and aborts the process if it is the chosen one.
#[cfg(feature = "failpoints")]
#[doc(hidden)]
pub fn pass(name: &str) {
    use std::sync::LazyLock;
    use std::sync::atomic::AtomicI64;
    use std::sync::atomic::Ordering::Relaxed;
    static PLAN: LazyLock<Option<(String, AtomicI64)>> = LazyLock::new(|| {
        let plan = std::env::var("DSPX_FAILPOINT").ok()?;
        let (name, count) = plan.split_once(':').unwrap_or((&plan, "1"));
        Some((name.to_owned(), AtomicI64::new(count.parse().unwrap_or(1))))
    });
    if let Some((planned, left)) = &*PLAN
        && planned == name
        && left.fetch_sub(1, Relaxed) == 1
    {
        std::process::abort();
    }
}
