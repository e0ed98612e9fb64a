use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

/// Returns the Tokio runtime of the process, shared by all environments (main thread and worker threads).
pub fn runtime() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(64)
            .thread_name("dspx-stream")
            .enable_all()
            .build()
            .expect("the operating system gives threads")
    });
    &RUNTIME
}
