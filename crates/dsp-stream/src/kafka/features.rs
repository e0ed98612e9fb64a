//! Features that this build's librdkafka may lack: Cargo's features `kafka-tls` and `kafka-zstd`.

use super::options::Properties;
use crate::error::{Error, Result};

/// Refuses properties that need a feature which this build lacks.
///
/// # Errors
/// `Argument` for TLS, a login by SCRAM or OAUTHBEARER, or zstd, if this build lacks it.
pub fn check(properties: &Properties) -> Result<()> {
    let value = |name: &str| properties.values.get(name).map_or_else(String::new, |value| value.to_ascii_lowercase());
    let mechanism = value("sasl.mechanisms") + &value("sasl.mechanism");
    // librdkafka computes SCRAM with OpenSSL, and has OAUTHBEARER only beside it.
    let needs_openssl = mechanism.contains("scram") || mechanism.contains("oauthbearer");
    if !cfg!(feature = "kafka-tls") {
        if value("security.protocol").ends_with("ssl") {
            return Err(lacking("ssl", "TLS"));
        }
        if needs_openssl {
            return Err(lacking("sasl", "logins by SCRAM and OAUTHBEARER"));
        }
    }
    let compression = value("compression.codec") + &value("compression.type");
    if !cfg!(feature = "kafka-zstd") && compression.contains("zstd") {
        return Err(lacking("compression", "zstd"));
    }
    Ok(())
}

fn lacking(option: &str, what: &str) -> Error {
    Error::argument(format!(
        "{option}: this addon was compiled for the demo, without {what}; \"npm run build\" compiles one that has it"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::options::Role;
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn asks_for_no_more_than_the_build_has() {
        let scram = json!({"mechanism": "scram-sha-256", "username": "u", "password": "p"});
        let (tls, zstd) = (cfg!(feature = "kafka-tls"), cfg!(feature = "kafka-zstd"));
        for (config, has) in [
            (json!({}), true),
            (json!({"sasl": {"mechanism": "plain", "username": "u", "password": "p"}}), true),
            (json!({"compression": "gzip"}), true),
            (json!({"ssl": true}), tls),
            (json!({"security.protocol": "SASL_SSL"}), tls),
            (json!({"sasl": scram}), tls),
            (json!({"compression": "zstd"}), zstd),
            (json!({"compression.type": "zstd"}), zstd),
        ] {
            let Value::Object(options) = &config else { panic!("an object") };
            let properties = Properties::map(Role::Producer, &["a:1".into()], None, options).unwrap();
            assert_eq!(check(&properties).is_ok(), has, "{config}");
        }
    }
}
