//! Kafka, Redis and local state stores on Tokio, for pipelines of `dsp-core`.
