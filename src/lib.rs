//! Node-API bindings of dspx-rs: each one converts, calls and converts back.
