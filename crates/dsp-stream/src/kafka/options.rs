//! Conversion of kafkajs-style options to librdkafka's properties.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

use super::embedded;
use crate::error::{Error, Result};

/// The text by which JavaScript replaces a function, so that its presence is visible.
pub const FUNCTION: &str = "[function]";

/// The client that properties are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A producer.
    Producer,
    /// A consumer.
    Consumer,
}

/// librdkafka's properties for one client.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Properties {
    /// Properties by name.
    pub values: BTreeMap<String, String>,
    /// Warnings to show the user once.
    pub warnings: Vec<String>,
    /// Whether a provider of the user supplies tokens.
    pub oauth_provider: bool,
}

/// Options that correspond to one property and are passed unchanged.
const PLAIN: &[(&str, &str, Option<Role>)] = &[
    ("clientId", "client.id", None),
    ("connectionTimeout", "socket.connection.setup.timeout.ms", None),
    ("requestTimeout", "socket.timeout.ms", None),
    ("rackId", "client.rack", None),
    ("allowAutoTopicCreation", "allow.auto.create.topics", None),
    ("sessionTimeout", "session.timeout.ms", Some(Role::Consumer)),
    ("heartbeatInterval", "heartbeat.interval.ms", Some(Role::Consumer)),
    ("rebalanceTimeout", "max.poll.interval.ms", Some(Role::Consumer)),
    ("maxBytesPerPartition", "max.partition.fetch.bytes", Some(Role::Consumer)),
    ("minBytes", "fetch.min.bytes", Some(Role::Consumer)),
    ("maxBytes", "fetch.max.bytes", Some(Role::Consumer)),
    ("maxWaitTimeInMs", "fetch.wait.max.ms", Some(Role::Consumer)),
    ("groupInstanceId", "group.instance.id", Some(Role::Consumer)),
    ("idempotent", "enable.idempotence", Some(Role::Producer)),
    ("maxInFlightRequests", "max.in.flight.requests.per.connection", Some(Role::Producer)),
    ("acks", "acks", Some(Role::Producer)),
    ("transactionTimeout", "transaction.timeout.ms", Some(Role::Producer)),
];

/// Other names in librdkafka of properties that are examined here.
const ALIASES: &[(&str, &str)] = &[
    ("request.required.acks", "acks"),
    ("message.send.max.retries", "retries"),
    ("max.in.flight", "max.in.flight.requests.per.connection"),
];

const UNSUPPORTED: &[&str] = &["socketFactory", "createPartitioner", "partitionAssigners", "logCreator"];

/// Returns the defaults of this package. librdkafka's own partitioner is CRC32, which would put a key into another
/// partition than kafkajs, Java and Kafka Streams do; its back-off of 1000 ms after a full queue stalls a small
/// prefetch.
fn defaults(role: Role) -> &'static [(&'static str, &'static str)] {
    match role {
        Role::Producer => &[
            ("allow.auto.create.topics", "true"),
            ("partitioner", "murmur2_random"),
            ("enable.idempotence", "true"),
            ("acks", "all"),
            ("linger.ms", "5"),
        ],
        // A topic that a name with a mistake in it makes looks like one that is healthy and silent.
        Role::Consumer => &[
            ("allow.auto.create.topics", "false"),
            ("partition.assignment.strategy", "cooperative-sticky"),
            ("enable.auto.commit", "false"),
            ("enable.auto.offset.store", "false"),
            ("fetch.queue.backoff.ms", "50"),
            ("isolation.level", "read_committed"),
            ("session.timeout.ms", "30000"),
            ("heartbeat.interval.ms", "3000"),
            ("statistics.interval.ms", "1000"),
        ],
    }
}

impl Properties {
    /// Maps the options of one client: `brokers` and `client_id` from the outer configuration, `config` from
    /// `producerConfig` or `consumerConfig`, which wins; keys with a dot win over everything.
    ///
    /// # Errors
    /// `Argument` for a wrong value, or an option that is not supported.
    pub fn map(role: Role, brokers: &[String], client_id: Option<&str>, config: &Map<String, Value>) -> Result<Self> {
        let mut this = Self::default();
        this.extend(defaults(role));
        let brokers = match config.get("brokers") {
            None | Some(Value::Null) => check_brokers(brokers)?,
            Some(Value::Array(list)) => {
                let list: Option<Vec<String>> = list.iter().map(|b| b.as_str().map(str::to_owned)).collect();
                check_brokers(&list.unwrap_or_default())?
            }
            Some(_) => return Err(wrong_brokers()),
        };
        if embedded::EmbeddedKafka::find(&brokers).is_some() {
            let for_consumers = |name: &str| !name.starts_with("reconnect");
            let fitting = embedded::CLIENT_CONFIG.iter().filter(|p| role == Role::Consumer || !for_consumers(p.0));
            this.extend(&fitting.copied().collect::<Vec<_>>());
        }
        this.set("bootstrap.servers", brokers);
        if let Some(id) = client_id {
            this.set("client.id", id);
        }
        for (name, value) in config.iter().filter(|(name, value)| !name.contains('.') && !value.is_null()) {
            this.option(role, name, value)?;
        }
        if let Some(protocol) = protocol(config) {
            this.set("security.protocol", protocol);
        }
        for (name, value) in config.iter().filter(|(name, value)| name.contains('.') && !value.is_null()) {
            if name == "transactional.id" {
                return Err(no_transactions(name));
            }
            let value = scalar(value).ok_or_else(|| wrong(name, "a string, number or boolean"))?;
            this.set(ALIASES.iter().find(|(alias, _)| alias == name).map_or(name, |(_, property)| property), value);
        }
        match role {
            Role::Producer => this.settle_idempotence(config)?,
            Role::Consumer => this.settle_group_protocol(config)?,
        }
        Ok(this)
    }

    /// Sets a property.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.to_owned(), value.into());
    }

    /// Sets a property unless the user has set it.
    pub fn set_default(&mut self, config: &Map<String, Value>, name: &str, value: impl Into<String>) {
        if !config.contains_key(name) {
            self.set(name, value);
        }
    }

    fn extend(&mut self, pairs: &[(&str, &str)]) {
        pairs.iter().for_each(|(name, value)| self.set(name, *value));
    }

    fn option(&mut self, role: Role, name: &str, value: &Value) -> Result<()> {
        if UNSUPPORTED.contains(&name) {
            return Err(Error::argument(format!("{name} is not supported")));
        }
        if let Some((_, property, only)) = PLAIN.iter().find(|(option, ..)| *option == name) {
            if only.is_none_or(|only| only == role) {
                self.set(property, scalar(value).ok_or_else(|| wrong(name, "a string, number or boolean"))?);
            }
            return Ok(());
        }
        match name {
            "brokers" => Ok(()),
            "metadataMaxAge" => self.metadata_max_age(value),
            "groupProtocol" if role == Role::Producer => Ok(()),
            "groupProtocol" => self.group_protocol(value),
            "transactionalId" if role == Role::Producer => Err(no_transactions(name)),
            "transactionalId" => Ok(()),
            "ssl" => self.ssl(value),
            "sasl" => self.sasl(value),
            "retry" => self.retry(role, value),
            "logLevel" => self.log_level(value),
            "readUncommitted" if role == Role::Producer => Ok(()),
            "readUncommitted" => {
                let uncommitted = value.as_bool().ok_or_else(|| wrong(name, "a boolean"))?;
                self.set("isolation.level", if uncommitted { "read_uncommitted" } else { "read_committed" });
                Ok(())
            }
            "compression" if role == Role::Consumer => Ok(()),
            "compression" => self.compression(value),
            other => {
                self.warnings.push(format!("unknown Kafka option {other} is ignored"));
                Ok(())
            }
        }
    }

    /// Sets the time within which new topics and partitions are noticed; metadata is kept for longer than a refresh
    /// takes.
    fn metadata_max_age(&mut self, value: &Value) -> Result<()> {
        let rule = "an integer from 10 to 3600000";
        let ms = value.as_f64().filter(|ms| ms.fract() == 0.0 && (10.0..=3.6e6).contains(ms));
        let ms = ms.ok_or_else(|| wrong("metadataMaxAge", rule))?;
        self.set("topic.metadata.refresh.interval.ms", format!("{ms:.0}"));
        self.set("metadata.max.age.ms", format!("{:.0}", 3.0 * ms));
        Ok(())
    }

    /// Resolves idempotence: as in Java's client the default yields to settings that exclude it; if the user requested
    /// it, such settings are refused.
    fn settle_idempotence(&mut self, config: &Map<String, Value>) -> Result<()> {
        let value = |name: &str| self.values.get(name).map_or("", String::as_str);
        let number = |name: &str| value(name).parse::<i64>().ok();
        let excluding = [
            ("acks other than -1", !matches!(value("acks"), "all" | "-1" | "")),
            ("retries: 0", number("retries") == Some(0)),
            ("maxInFlightRequests above 5", number("max.in.flight.requests.per.connection").is_some_and(|n| n > 5)),
        ];
        let Some((what, _)) = excluding.into_iter().find(|(_, excludes)| *excludes) else { return Ok(()) };
        let is_given = |name: &str| config.get(name).is_some_and(|value| !value.is_null());
        if !(is_given("idempotent") || is_given("enable.idempotence")) {
            self.set("enable.idempotence", "false");
        } else if value("enable.idempotence") == "true" {
            return Err(Error::argument(format!("idempotent: true excludes {what}")));
        }
        Ok(())
    }

    fn ssl(&mut self, ssl: &Value) -> Result<()> {
        let ssl = match ssl {
            Value::Bool(_) => return Ok(()),
            Value::Object(ssl) => ssl,
            _ => return Err(wrong("ssl", "a boolean or an object")),
        };
        for (name, value) in ssl.iter().filter(|(_, value)| !value.is_null()) {
            let property = match name.as_str() {
                "ca" => "ssl.ca.pem",
                "cert" => "ssl.certificate.pem",
                "key" => "ssl.key.pem",
                "passphrase" => "ssl.key.password",
                "rejectUnauthorized" => {
                    if value == &Value::Bool(false) {
                        self.set("enable.ssl.certificate.verification", "false");
                        self.warnings
                            .push("ssl.rejectUnauthorized: false turns the broker's certificate check off".into());
                    }
                    continue;
                }
                "servername" | "checkServerIdentity" => {
                    return Err(Error::argument(format!("ssl.{name} is not supported")));
                }
                other => {
                    self.warnings.push(format!("unknown Kafka option ssl.{other} is ignored"));
                    continue;
                }
            };
            let text = match value {
                Value::Array(parts) => {
                    parts.iter().map(Value::as_str).collect::<Option<Vec<_>>>().map(|parts| parts.join("\n"))
                }
                other => other.as_str().map(str::to_owned),
            };
            self.set(property, text.ok_or_else(|| wrong(&format!("ssl.{name}"), "a string or Buffer"))?);
        }
        Ok(())
    }

    fn sasl(&mut self, sasl: &Value) -> Result<()> {
        let text = |name: &str| {
            sasl.get(name).and_then(Value::as_str).ok_or_else(|| wrong(&format!("sasl.{name}"), "a string"))
        };
        let mechanism = text("mechanism")?.to_ascii_uppercase();
        match mechanism.as_str() {
            "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" => {
                self.set("sasl.username", text("username")?);
                self.set("sasl.password", text("password")?);
            }
            "OAUTHBEARER" => {
                self.oauth_provider = match sasl.get("oauthBearerProvider") {
                    None | Some(Value::Null) => false,
                    Some(Value::String(function)) if function == FUNCTION => true,
                    Some(_) => return Err(wrong("sasl.oauthBearerProvider", "a function")),
                };
            }
            _ => return Err(wrong("sasl.mechanism", "plain, scram-sha-256, scram-sha-512 or oauthbearer")),
        }
        self.set("sasl.mechanisms", mechanism);
        Ok(())
    }

    fn retry(&mut self, role: Role, retry: &Value) -> Result<()> {
        let retry = retry.as_object().ok_or_else(|| wrong("retry", "an object"))?;
        for (option, property) in
            [("retries", "retries"), ("initialRetryTime", "retry.backoff.ms"), ("maxRetryTime", "retry.backoff.max.ms")]
        {
            if let Some(value) = retry.get(option).filter(|v| !v.is_null())
                && (option != "retries" || role == Role::Producer)
            {
                self.set(property, scalar(value).ok_or_else(|| wrong(&format!("retry.{option}"), "a number"))?);
            }
        }
        Ok(())
    }

    fn log_level(&mut self, level: &Value) -> Result<()> {
        let syslog = match level.as_f64() {
            Some(0.0) => "0",
            Some(1.0) => "3",
            Some(2.0) => "4",
            Some(4.0) => "6",
            Some(5.0) => "7",
            _ => return Err(wrong("logLevel", "0, 1, 2, 4 or 5")),
        };
        self.set("log_level", syslog);
        Ok(())
    }

    fn compression(&mut self, codec: &Value) -> Result<()> {
        const NAMES: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];
        let name = match codec {
            Value::Number(number) => number.as_u64().and_then(|n| NAMES.get(n as usize).copied()),
            other => other.as_str().and_then(|n| NAMES.into_iter().find(|known| n.eq_ignore_ascii_case(known))),
        };
        self.set("compression.codec", name.ok_or_else(|| wrong("compression", "none, gzip, snappy, lz4 or zstd"))?);
        Ok(())
    }
}

/// Returns `security.protocol`, if the options request encryption or a login.
fn protocol(config: &Map<String, Value>) -> Option<&'static str> {
    let ssl = !matches!(config.get("ssl"), None | Some(Value::Null | Value::Bool(false)));
    let sasl = !matches!(config.get("sasl"), None | Some(Value::Null));
    match (ssl, sasl) {
        (true, true) => Some("sasl_ssl"),
        (true, false) => Some("ssl"),
        (false, true) => Some("sasl_plaintext"),
        (false, false) => None,
    }
}

fn check_brokers(brokers: &[String]) -> Result<String> {
    let fits = |b: &String| !b.trim().is_empty() && !b.contains([',', '\0']);
    if brokers.is_empty() || !brokers.iter().all(fits) {
        return Err(wrong_brokers());
    }
    Ok(brokers.iter().map(|b| b.trim()).collect::<Vec<_>>().join(","))
}

fn no_transactions(name: &str) -> Error {
    Error::argument(format!(
        "{name} is not supported: transactions are those of createKafkaStream, guarantee: 'exactly-once'"
    ))
}

/// Returns librdkafka's text with our option after each property that corresponds to one.
pub fn in_options(text: &str) -> String {
    PLAIN.iter().fold(text.to_owned(), |text, (option, property, _)| {
        text.replace(&format!("\"{property}\""), &format!("{option} (\"{property}\")"))
    })
}

fn wrong_brokers() -> Error {
    wrong("brokers", "a non-empty array of \"host:port\" strings")
}

pub(super) fn wrong(name: &str, rule: &str) -> Error {
    Error::argument(format!("{name} must be {rule}"))
}

/// Returns a scalar in librdkafka's notation, integers without `.0`.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => match number.as_f64() {
            Some(x) if x.fract() == 0.0 && x.abs() < 1e15 => Some(format!("{x:.0}")),
            _ => Some(number.to_string()),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(role: Role, config: Value) -> Result<Properties> {
        let Value::Object(config) = config else { panic!("an object") };
        Properties::map(role, &["k:9092".into()], Some("me"), &config)
    }

    fn get(role: Role, config: Value, name: &str) -> Option<String> {
        map(role, config).unwrap().values.get(name).cloned()
    }

    #[test]
    fn defaults_suit_kafkajs_users() {
        let producer = map(Role::Producer, json!({})).unwrap().values;
        for (name, value) in [
            ("bootstrap.servers", "k:9092"),
            ("client.id", "me"),
            ("partitioner", "murmur2_random"),
            ("enable.idempotence", "true"),
            ("acks", "all"),
        ] {
            assert_eq!(producer[name], value);
        }
        let consumer = map(Role::Consumer, json!({})).unwrap().values;
        assert_eq!(consumer["partition.assignment.strategy"], "cooperative-sticky");
        assert_eq!(consumer["isolation.level"], "read_committed");
        assert_eq!(consumer["session.timeout.ms"], "30000");
    }

    #[test]
    fn kafkajs_names_are_mapped() {
        let cases = [
            (Role::Consumer, json!({"sessionTimeout": 6000}), "session.timeout.ms", "6000"),
            (Role::Consumer, json!({"rebalanceTimeout": 6e4}), "max.poll.interval.ms", "60000"),
            (Role::Consumer, json!({"readUncommitted": true}), "isolation.level", "read_uncommitted"),
            (Role::Consumer, json!({"maxWaitTimeInMs": 7}), "fetch.wait.max.ms", "7"),
            (Role::Producer, json!({"compression": "GZIP"}), "compression.codec", "gzip"),
            (Role::Producer, json!({"compression": 4}), "compression.codec", "zstd"),
            (Role::Producer, json!({"acks": -1}), "acks", "-1"),
            (Role::Producer, json!({"retry": {"retries": 3, "initialRetryTime": 50}}), "retry.backoff.ms", "50"),
            (Role::Producer, json!({"logLevel": 4}), "log_level", "6"),
            (Role::Producer, json!({"clientId": "other"}), "client.id", "other"),
            (Role::Producer, json!({"brokers": ["a:1", " b:2 "]}), "bootstrap.servers", "a:1,b:2"),
        ];
        for (role, config, name, value) in cases {
            assert_eq!(get(role, config.clone(), name).as_deref(), Some(value), "{config}");
        }
    }

    #[test]
    fn dotted_keys_win() {
        let config = json!({"linger.ms": 20, "acks": 1, "client.id": "dotted", "clientId": "x"});
        let values = map(Role::Producer, config).unwrap().values;
        assert_eq!((&*values["linger.ms"], &*values["acks"], &*values["client.id"]), ("20", "1", "dotted"));
    }

    #[test]
    fn security() {
        let tls = json!({"ssl": {"ca": ["A", "B"], "rejectUnauthorized": false}});
        let mapped = map(Role::Producer, tls).unwrap();
        assert_eq!(mapped.values["ssl.ca.pem"], "A\nB");
        assert_eq!(mapped.values["security.protocol"], "ssl");
        assert_eq!(mapped.warnings.len(), 1);
        let login = json!({"ssl": true, "sasl": {"mechanism": "scram-sha-256", "username": "u", "password": "p"}});
        let mapped = map(Role::Producer, login).unwrap();
        assert_eq!(mapped.values["sasl.mechanisms"], "SCRAM-SHA-256");
        assert_eq!(mapped.values["security.protocol"], "sasl_ssl");
        let bearer = json!({"sasl": {"mechanism": "oauthbearer", "oauthBearerProvider": FUNCTION}});
        assert!(map(Role::Producer, bearer).unwrap().oauth_provider);
    }

    #[test]
    fn what_cannot_be_had_is_refused() {
        for (config, word) in [
            (json!({"ssl": {"servername": "x"}}), "servername"),
            (json!({"logCreator": FUNCTION}), "logCreator"),
            (json!({"sasl": {"mechanism": "aws"}}), "scram-sha-512"),
            (json!({"sasl": {"mechanism": "plain", "username": "u"}}), "password"),
            (json!({"brokers": []}), "brokers"),
            (json!({"brokers": [7]}), "brokers"),
            (json!({"compression": "brotli"}), "compression"),
            (json!({"linger.ms": {}}), "linger.ms"),
        ] {
            let text = map(Role::Producer, config).unwrap_err().to_string();
            assert!(text.contains(word), "{text}");
        }
    }

    #[test]
    fn idempotence_gives_way_unless_it_was_asked_for() {
        for config in [
            json!({"acks": 1}),
            json!({"acks": 0}),
            json!({"retry": {"retries": 0}}),
            json!({"maxInFlightRequests": 10}),
            json!({"request.required.acks": "1"}),
            json!({"retries": 1, "message.send.max.retries": 0}),
            json!({"max.in.flight": 6}),
        ] {
            assert_eq!(get(Role::Producer, config.clone(), "enable.idempotence").as_deref(), Some("false"), "{config}");
            let mut asked = config.clone();
            asked["idempotent"] = json!(true);
            assert!(
                map(Role::Producer, asked).unwrap_err().to_string().starts_with("idempotent: true excludes "),
                "{config}"
            );
            let mut off = config;
            off["enable.idempotence"] = json!("false");
            assert!(map(Role::Producer, off).is_ok());
        }
        for config in [json!({}), json!({"acks": -1}), json!({"acks": "all"}), json!({"maxInFlightRequests": 5})] {
            assert_eq!(get(Role::Producer, config, "enable.idempotence").as_deref(), Some("true"));
        }
    }

    #[test]
    fn metadata_is_asked_for_as_often_as_the_user_says() {
        let values = map(Role::Consumer, json!({"metadataMaxAge": 1500})).unwrap().values;
        assert_eq!((&*values["topic.metadata.refresh.interval.ms"], &*values["metadata.max.age.ms"]), ("1500", "4500"));
        assert!(map(Role::Consumer, json!({"metadataMaxAge": "soon"})).is_err());
    }

    #[test]
    fn transactions_are_those_of_streams() {
        for config in [json!({"transactionalId": "t"}), json!({"transactional.id": "t"})] {
            assert!(map(Role::Producer, config).unwrap_err().to_string().contains("exactly-once"));
        }
    }

    #[test]
    fn refusals_name_the_option() {
        let text = r#"Configuration property "socket.connection.setup.timeout.ms" value 500 is outside allowed range"#;
        assert!(in_options(text).contains(r#"connectionTimeout ("socket.connection.setup.timeout.ms")"#));
    }

    #[test]
    fn unknown_options_are_named() {
        let mapped = map(Role::Producer, json!({"sessionTimeout": 1, "nonsense": 1})).unwrap();
        assert_eq!(mapped.warnings, ["unknown Kafka option nonsense is ignored"]);
        assert!(!mapped.values.contains_key("session.timeout.ms"));
    }
}
