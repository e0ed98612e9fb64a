//! Names and texts of librdkafka's error codes.
#![allow(unsafe_code)]

use rdkafka::bindings as sys;
use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr};
use std::ffi::{CStr, c_char, c_int};
use std::ptr;

/// Returns librdkafka's name of a code without prefix, such as `UNKNOWN_TOPIC_OR_PART` or `_TRANSPORT`.
pub fn error_name(code: RDKafkaErrorCode) -> String {
    let raw = code as c_int;
    descriptions().find(|d| d.code as c_int == raw).map_or_else(|| format!("ERROR_{raw}"), |d| text(d.name))
}

/// Returns librdkafka's sentence for a code.
pub fn error_text(code: RDKafkaErrorCode) -> String {
    let raw = code as c_int;
    descriptions().find(|d| d.code as c_int == raw).map_or_else(|| format!("error {raw}"), |d| text(d.desc))
}

/// Returns the code with a name without prefix, if there is one.
pub fn error_code(name: &str) -> Option<RDKafkaRespErr> {
    descriptions().find(|d| !d.name.is_null() && text(d.name) == name).map(|d| d.code)
}

fn descriptions() -> impl Iterator<Item = &'static sys::rd_kafka_err_desc> {
    let mut list = ptr::null();
    let mut count = 0;
    // SAFETY: librdkafka hands out a static table with its length.
    let table = unsafe {
        sys::rd_kafka_get_err_descs(&raw mut list, &raw mut count);
        std::slice::from_raw_parts(list, count)
    };
    table.iter().filter(|d| !d.name.is_null() && !d.desc.is_null())
}

/// Returns the text at a pointer of librdkafka.
pub(super) fn text(string: *const c_char) -> String {
    // SAFETY: only called with zero-terminated strings of librdkafka that outlive the call.
    unsafe { CStr::from_ptr(string) }.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_names_without_prefix() {
        assert_eq!(error_name(RDKafkaErrorCode::BrokerTransportFailure), "_TRANSPORT");
        assert_eq!(error_name(RDKafkaErrorCode::TopicAuthorizationFailed), "TOPIC_AUTHORIZATION_FAILED");
        assert_eq!(error_code("_TRANSPORT"), Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR__TRANSPORT));
        assert_eq!(error_code("NONSENSE"), None);
    }
}
