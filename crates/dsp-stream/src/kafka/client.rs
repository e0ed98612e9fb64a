//! Code shared by producer and consumer: configuration, log lines, errors, tokens.

use rdkafka::client::OAuthToken;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::KafkaError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use super::options::{Properties, in_options};
use super::{code_report, lock};
use crate::error::{Error, KafkaFailure, Result};

/// Longest wait for a token provider. After a failure librdkafka asks again.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(20);

/// Longest attempt to connect to a port that may be open.
const LISTEN_TIMEOUT: Duration = Duration::from_millis(300);

/// A token from the user's provider.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// The bearer token.
    pub value: String,
    /// Principal for whom the token was issued.
    pub principal: String,
    /// Expiry time in ms since 1970.
    pub lifetime_ms: i64,
}

/// An event that is not the answer to a call.
#[derive(Debug)]
pub enum Notice {
    /// A line of librdkafka's log.
    Log(String),
    /// An error that no call returns.
    Error(KafkaFailure),
    /// A token is needed.
    TokenWanted,
}

/// The part of a client's context that producer and consumer share.
pub struct ClientEvents {
    emit: Box<dyn Fn(Notice) + Send + Sync>,
    has_provider: bool,
    token: Mutex<Option<Result<Token, String>>>,
    token_came: Condvar,
    callbacks: AtomicU64,
    refused: Mutex<Option<KafkaFailure>>,
    last_error: Mutex<Option<String>>,
    /// The property `security.protocol`.
    protocol: String,
}

impl ClientEvents {
    pub fn new(properties: &Properties, emit: impl Fn(Notice) + Send + Sync + 'static) -> Self {
        Self {
            emit: Box::new(emit),
            has_provider: properties.oauth_provider,
            token: Mutex::default(),
            token_came: Condvar::new(),
            callbacks: AtomicU64::new(0),
            refused: Mutex::default(),
            last_error: Mutex::default(),
            protocol: properties.values.get("security.protocol").cloned().unwrap_or_default(),
        }
    }

    /// Returns the number of callbacks so far; it distinguishes an empty queue from one whose event was a callback.
    pub fn callbacks(&self) -> u64 {
        self.callbacks.load(Ordering::Relaxed)
    }

    /// Counts a callback.
    pub fn count_callback(&self) {
        self.callbacks.fetch_add(1, Ordering::Relaxed);
    }

    pub fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        use RDKafkaLogLevel::{Alert, Critical, Debug, Emerg, Error as Err, Warning};
        self.count_callback();
        match level {
            Emerg | Alert | Critical | Err => tracing::error!(target: "librdkafka", facility, "{line}"),
            Warning => tracing::warn!(target: "librdkafka", facility, "{line}"),
            Debug => tracing::debug!(target: "librdkafka", facility, "{line}"),
            _ => tracing::info!(target: "librdkafka", facility, "{line}"),
        }
        (self.emit)(Notice::Log(format!("{facility} {line}")));
    }

    pub fn error(&self, error: &KafkaError, reason: &str) {
        use rdkafka::types::RDKafkaErrorCode as Code;
        self.count_callback();
        let Some(code) = error.rdkafka_error_code() else { return };
        let report = code_report(code, reason);
        tracing::warn!(target: "librdkafka", code = report.code, "{reason}");
        if matches!(code, Code::Authentication | Code::SaslAuthenticationFailed | Code::UnsupportedSASLMechanism) {
            *lock(&self.refused) = Some(report.clone());
        }
        if code != Code::AllBrokersDown {
            *lock(&self.last_error) = Some(reason.to_owned());
        }
        (self.emit)(Notice::Error(report));
    }

    /// Returns the error for no broker answering in time: the last error, else the likely reason if a port is open. A
    /// listener for TLS or logins closes connections without them, which librdkafka does not report.
    pub fn unreachable(&self, brokers: &str, timeout: Duration) -> Error {
        let last_error = lock(&self.last_error).clone();
        let why = match last_error {
            Some(reason) if is_cut_handshake(&reason) => format!(": {reason}: is it a PLAINTEXT broker listener?"),
            Some(reason) => format!(": {reason}"),
            None if brokers.split(',').any(listens) => format!(", although its port is open: {}", self.advice()),
            None => String::new(),
        };
        Error::Kafka(KafkaFailure {
            code: "_ALL_BROKERS_DOWN".into(),
            message: format!("no broker of {brokers} answered within {} ms{why}", timeout.as_millis()),
            retriable: true,
            fatal: false,
        })
    }

    /// Returns the likely demand of a broker that this client does not meet.
    fn advice(&self) -> &'static str {
        match self.protocol.as_str() {
            "ssl" => "does it want a login (sasl)?",
            "sasl_ssl" => "does it want another kind of login, or no TLS?",
            "sasl_plaintext" => "does it want TLS (ssl: true)?",
            _ => "does it want TLS (ssl: true) or a login (sasl)?",
        }
    }

    /// Returns the broker's refusal of our credentials, if there was one.
    pub fn refused(&self) -> Option<KafkaFailure> {
        lock(&self.refused).clone()
    }

    /// Passes on the provider's token, or the reason why it gave none.
    pub fn supply_token(&self, token: Result<Token, String>) {
        *lock(&self.token) = Some(token);
        self.token_came.notify_all();
    }

    /// Asks the provider for a token and waits for it.
    pub fn wait_for_token(&self) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.count_callback();
        if !self.has_provider {
            return Err("there is no oauthBearerProvider".into());
        }
        *lock(&self.token) = None;
        (self.emit)(Notice::TokenWanted);
        let waiting = |token: &mut Option<_>| token.is_none();
        let (mut token, _) = self
            .token_came
            .wait_timeout_while(lock(&self.token), TOKEN_TIMEOUT, waiting)
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match token.take() {
            Some(Ok(Token { value, principal, lifetime_ms })) => {
                Ok(OAuthToken { token: value, principal_name: principal, lifetime_ms })
            }
            Some(Err(reason)) => Err(reason.into()),
            None => Err("the oauthBearerProvider gave no token in time".into()),
        }
    }
}

/// Returns whether a broker closed the connection during the TLS handshake without an explanation by librdkafka.
/// librdkafka gives one itself if the broker's answer arrived before the end of the connection.
fn is_cut_handshake(reason: &str) -> bool {
    reason.contains("SSL_HANDSHAKE") && !reason.contains("PLAINTEXT")
}

/// Returns whether `host:port` accepts connections.
fn listens(broker: &str) -> bool {
    use std::net::ToSocketAddrs as _;
    let address = broker.rsplit_once("://").map_or(broker, |(_, address)| address);
    let addresses = address.to_socket_addrs().into_iter().flatten();
    addresses.take(2).any(|address| std::net::TcpStream::connect_timeout(&address, LISTEN_TIMEOUT).is_ok())
}

/// Returns the configuration of a client; librdkafka has accepted every property.
///
/// # Errors
/// `Argument` with librdkafka's message, without secrets, or for a feature that this build lacks.
pub fn config(properties: &Properties) -> Result<ClientConfig> {
    super::features::check(properties)?;
    if let Some((name, _)) = properties.values.iter().find(|(_, value)| value.contains('\0')) {
        return Err(Error::argument(format!("{name} must not contain NUL")));
    }
    let mut config = ClientConfig::new();
    config.set_log_level(RDKafkaLogLevel::Warning);
    for (name, value) in &properties.values {
        match name.as_str() {
            "log_level" => {
                config.set_log_level(log_level(value)?);
            }
            _ => {
                config.set(name, value);
            }
        }
    }
    match config.create_native_config() {
        Ok(_) => Ok(config),
        Err(error) => Err(redacted(error.into(), properties)),
    }
}

/// Properties whose values must not appear in any text.
const SECRETS: [&str; 9] = [
    "sasl.password",
    "sasl.oauthbearer.config",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.assertion.private.key.passphrase",
    "sasl.oauthbearer.assertion.private.key.pem",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.password",
    "ssl_key",
];

/// Returns the error without the secrets of these properties.
pub fn redacted(error: Error, properties: &Properties) -> Error {
    let secrets = || SECRETS.iter().filter_map(|name| properties.values.get(*name)).filter(|secret| !secret.is_empty());
    let without = |text: &str| secrets().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"));
    match error {
        Error::Argument(text) => Error::Argument(in_options(&without(&text))),
        Error::Kafka(failure) => Error::Kafka(KafkaFailure { message: without(&failure.message), ..failure }),
        other => other,
    }
}

fn log_level(level: &str) -> Result<RDKafkaLogLevel> {
    use RDKafkaLogLevel::{Alert, Critical, Debug, Emerg, Error as Err, Info, Notice, Warning};
    let known = [Emerg, Alert, Critical, Err, Warning, Notice, Info, Debug];
    let index = level.parse::<usize>().ok();
    index.and_then(|i| known.get(i).copied()).ok_or_else(|| Error::argument("log_level must be an integer from 0 to 7"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::options::Role;

    #[test]
    fn a_property_that_librdkafka_refuses_is_named() {
        let mut properties = Properties::map(Role::Producer, &["k".into()], None, &serde_json::Map::new()).unwrap();
        properties.set("nonsense.property", "1");
        let text = config(&properties).unwrap_err().to_string();
        assert!(text.contains("nonsense.property"), "{text}");
    }

    /// Which of the two texts librdkafka reports first depends on what arrives first.
    #[test]
    fn tls_at_a_plain_listener_is_told_whatever_librdkafka_saw_first() {
        let mut properties = Properties::default();
        properties.set("security.protocol", "ssl");
        for (seen, asked) in [
            ("ssl://k:1/bootstrap: Disconnected: SSL connection closed by peer (after 0ms in state SSL_HANDSHAKE)", 1),
            ("ssl://k:1/bootstrap: SSL handshake failed: connecting to a PLAINTEXT broker listener?", 1),
            ("ssl://k:1/bootstrap: Connect failed: Connection refused (after 0ms in state CONNECT)", 0),
        ] {
            let events = ClientEvents::new(&properties, |_| ());
            let code = rdkafka::types::RDKafkaErrorCode::BrokerTransportFailure;
            events.error(&KafkaError::Global(code), seen);
            let text = events.unreachable("k:1", Duration::from_millis(10)).to_string();
            assert_eq!(text.matches("PLAINTEXT broker listener").count(), asked, "{text}");
        }
    }

    #[test]
    fn no_refusal_has_a_secret() {
        for name in SECRETS.iter().filter(|name| !name.contains('_')) {
            for value in ["hunter2", "hunter2\0", "{hunter2}"] {
                let mut properties =
                    Properties::map(Role::Producer, &["k".into()], None, &serde_json::Map::new()).unwrap();
                properties.set(name, value);
                properties.set("nonsense.property", value);
                let text = config(&properties).unwrap_err().to_string();
                assert!(!text.contains("hunter2"), "{name}: {text}");
            }
        }
    }

    #[test]
    fn a_token_comes_from_the_provider() {
        let mut properties = Properties { oauth_provider: true, ..Properties::default() };
        let events = std::sync::Arc::new(ClientEvents::new(&properties, |_| ()));
        let supplier = std::sync::Arc::clone(&events);
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            supplier.supply_token(Ok(Token { value: "t".into(), principal: "p".into(), lifetime_ms: 1 }));
        });
        assert_eq!(events.wait_for_token().unwrap().token, "t");
        thread.join().unwrap();
        properties.oauth_provider = false;
        assert!(ClientEvents::new(&properties, |_| ()).wait_for_token().is_err());
    }
}
