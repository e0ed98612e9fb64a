//! Describes topics without creating them, and creates a compacted one.

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode as Code;
use std::time::{Duration, Instant};

use super::embedded::EmbeddedKafka;
use super::options::Properties;
use super::{client, code_report, codes, error_of, is_retriable};
use crate::error::{Error, Result};

/// Longest wait for one answer.
const ASK_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause between two requests.
const PAUSE: Duration = Duration::from_millis(50);

/// Ensures that a compacted topic exists with as many partitions as the largest of the `inputs`; creates it if there is
/// none. Returns a warning about an existing topic with unsuitable settings. Blocks for about `timeout` at most.
///
/// # Errors
/// `Argument` if the topic has fewer partitions; `Kafka` if it cannot be created, or an input does not exist.
pub fn ensure_compacted(
    (reading, writing): (&Properties, &Properties),
    topic: &str,
    inputs: &[String],
    timeout: Duration,
) -> Result<Option<String>> {
    let deadline = Instant::now() + timeout;
    let asker = Asker::new(reading, false)?;
    let mut largest = (0, "");
    for input in inputs {
        let partitions = asker.wait_for(input, deadline)?.ok_or_else(|| {
            let message = format!("the changelog wants as many partitions as the input, and there is no topic {input}");
            Error::Kafka(code_report(Code::UnknownTopicOrPartition, &message))
        })?;
        largest = largest.max((partitions, input));
    }
    let (wanted, input) = largest;
    let found = asker.partitions(topic, deadline)?;
    let (partitions, warning) = match found {
        Some(partitions) => (partitions, policy(writing, &asker, topic, deadline)),
        None => (made((reading, writing), &asker, (topic, wanted), deadline)?, None),
    };
    if partitions < wanted {
        return Err(Error::argument(format!(
            "a changelog needs as many partitions as the input: {input} has {wanted}, {topic} has {partitions}"
        )));
    }
    let warning = warning.filter(|policy| !policy.split(',').any(|one| one.trim() == "compact"));
    Ok(warning.map(|policy| {
        format!(
            "the changelog {topic} grows, and loses states that do not change: its cleanup.policy is '{policy}', not 'compact'"
        )
    }))
}

/// Creates a topic, unless it exists by then; returns the number of its partitions.
fn made(
    (reading, writing): (&Properties, &Properties),
    asker: &Asker,
    (topic, partitions): (&str, usize),
    deadline: Instant,
) -> Result<usize> {
    let result = create(writing, asker, (topic, partitions), deadline);
    let found = match result {
        Ok(()) | Err(Code::TopicAlreadyExists) => asker.wait_for(topic, deadline)?,
        Err(Code::UnsupportedFeature | Code::UnsupportedVersion) => {
            Asker::new(reading, true)?.wait_for(topic, deadline)?
        }
        Err(_) => asker.partitions(topic, deadline)?,
    };
    let why = |code| {
        let text = codes::error_text(code);
        format!(
            "there is no topic {topic} for the changelog, and it cannot be made ({text}); it needs {partitions} partitions and \
             cleanup.policy=compact"
        )
    };
    found.ok_or_else(|| match result {
        Err(code) => Error::Kafka(code_report(code, &why(code))),
        Ok(()) => error_of(Code::OperationTimedOut),
    })
}

fn create(
    writing: &Properties,
    asker: &Asker,
    (topic, partitions): (&str, usize),
    deadline: Instant,
) -> Result<(), Code> {
    let count = i32::try_from(partitions).unwrap_or(i32::MAX);
    let brokers = writing.values.get("bootstrap.servers").map_or("", String::as_str);
    if let Some(kafka) = EmbeddedKafka::find(brokers) {
        return kafka.create_topic(topic, f64::from(count)).map_err(|_| Code::TopicAlreadyExists);
    }
    if asker.is_mock(deadline) {
        return Err(Code::UnsupportedFeature);
    }
    let new = NewTopic::new(topic, count, TopicReplication::Fixed(-1)).set("cleanup.policy", "compact");
    let options = options(deadline).operation_timeout(Some(left(deadline)));
    let admin = admin(writing).map_err(|_| Code::InvalidConfig)?;
    let answers = crate::runtime().block_on(admin.create_topics([&new], &options));
    match answers.map(|mut answers| answers.pop()) {
        Ok(Some(Err((_, code)))) => Err(code),
        Ok(_) => Ok(()),
        Err(KafkaError::AdminOp(code)) => Err(code),
        Err(_) => Err(Code::Fail),
    }
}

/// Returns the clean-up policy of a topic, if the brokers tell it.
fn policy(writing: &Properties, asker: &Asker, topic: &str, deadline: Instant) -> Option<String> {
    if asker.is_mock(deadline) {
        return None;
    }
    let resource = ResourceSpecifier::Topic(topic);
    let admin = admin(writing).ok()?;
    let answers = crate::runtime().block_on(admin.describe_configs([&resource], &options(deadline)));
    answers.ok()?.pop()?.ok()?.get("cleanup.policy")?.value.clone()
}

fn admin(writing: &Properties) -> Result<AdminClient<DefaultClientContext>> {
    let mut config = client::config(writing)?;
    // A client that produces nothing wants no id.
    config.remove("transactional.id");
    config.remove("transaction.timeout.ms");
    config.set("enable.idempotence", "false");
    Ok(config.create()?)
}

fn options(deadline: Instant) -> AdminOptions {
    AdminOptions::new().request_timeout(Some(left(deadline)))
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()).clamp(PAUSE, ASK_TIMEOUT)
}

/// A client that requests the partitions of topics.
struct Asker(BaseConsumer);

impl Asker {
    /// Returns a client that lets the brokers create topics (`makes`), or not.
    fn new(reading: &Properties, makes: bool) -> Result<Self> {
        let mut config = client::config(reading)?;
        for group in ["group.id", "group.instance.id"] {
            config.remove(group);
        }
        config.set("allow.auto.create.topics", makes.to_string());
        Ok(Self(config.create()?))
    }

    /// Returns whether this is librdkafka's mock cluster, possibly of another process: it answers no admin requests,
    /// and creates topics by itself.
    fn is_mock(&self, deadline: Instant) -> bool {
        let id = self.0.client().fetch_cluster_id(left(deadline));
        id.is_some_and(|id| id.starts_with("mockCluster"))
    }

    /// Returns the number of partitions of a topic; `None` if it does not exist.
    fn partitions(&self, topic: &str, deadline: Instant) -> Result<Option<usize>> {
        loop {
            let error = match self.0.fetch_metadata(Some(topic), left(deadline)) {
                Ok(metadata) => {
                    let found = metadata.topics().iter().find(|t| t.name() == topic);
                    match found.map(|t| (t.error().map(Code::from), t.partitions().len())) {
                        None | Some((Some(Code::UnknownTopicOrPartition), _)) => return Ok(None),
                        Some((None, count)) if count > 0 => return Ok(Some(count)),
                        Some((None, _)) => error_of(Code::LeaderNotAvailable),
                        Some((Some(code), _)) if is_retriable(code) => error_of(code),
                        Some((Some(code), _)) => {
                            let text = format!("topic {topic}: {}", codes::error_text(code));
                            return Err(Error::Kafka(code_report(code, &text)));
                        }
                    }
                }
                Err(error) if error.rdkafka_error_code().is_some_and(is_retriable) => error.into(),
                Err(error) => return Err(error.into()),
            };
            if Instant::now() > deadline {
                return Err(error);
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// [`Self::partitions`] for a topic that is being created.
    fn wait_for(&self, topic: &str, deadline: Instant) -> Result<Option<usize>> {
        loop {
            let found = self.partitions(topic, deadline)?;
            if found.is_some() || Instant::now() > deadline {
                return Ok(found);
            }
            std::thread::sleep(PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::ffi;
    use crate::kafka::options::Role;
    use std::sync::Arc;

    fn properties(brokers: &[String]) -> (Properties, Properties) {
        let of = |role| {
            let mut properties = Properties::map(role, brokers, None, &serde_json::Map::new()).unwrap();
            if let Role::Consumer = role {
                properties.set("group.id", "g");
            }
            properties
        };
        (of(Role::Consumer), of(Role::Producer))
    }

    fn cluster() -> Arc<EmbeddedKafka> {
        let kafka = EmbeddedKafka::start(1.0, 0.0).unwrap();
        kafka.create_topic("small", 1.0).unwrap();
        kafka.create_topic("large", 3.0).unwrap();
        kafka
    }

    #[test]
    fn a_topic_is_made_with_the_partitions_of_the_largest_input() {
        let kafka = cluster();
        let (reading, writing) = properties(kafka.brokers());
        let ensure = |topic: &str, inputs: &[&str]| {
            let inputs: Vec<String> = inputs.iter().map(|&name| name.to_owned()).collect();
            ensure_compacted((&reading, &writing), topic, &inputs, Duration::from_secs(5))
        };
        for _ in 0..2 {
            assert_eq!(ensure("log", &["small", "large"]), Ok(None));
        }
        let asker = Asker::new(&reading, false).unwrap();
        let soon = Instant::now() + Duration::from_secs(5);
        assert_eq!(asker.partitions("log", soon), Ok(Some(3)));
        let error = ensure("small", &["small", "large"]).unwrap_err();
        assert!(matches!(&error, Error::Argument(text) if text.contains("large has 3, small has 1")), "{error}");
        assert_eq!(ensure("large", &["small"]), Ok(None));
    }

    #[test]
    fn an_input_that_is_missing_is_named_and_not_made() {
        let kafka = cluster();
        let (reading, writing) = properties(kafka.brokers());
        let ensure = || ensure_compacted((&reading, &writing), "log", &["none".into()], Duration::from_millis(200));
        for _ in 0..2 {
            let error = ensure().unwrap_err();
            assert!(matches!(&error, Error::Kafka(e) if e.message.contains("no topic none")), "{error}");
        }
    }

    /// As a cluster of another process.
    #[test]
    fn a_cluster_that_makes_topics_only_by_itself_is_let_do_so() {
        let kafka = ffi::MockCluster::new(1).unwrap();
        kafka.create_topic("small", 1).unwrap();
        kafka.create_topic("large", 5).unwrap();
        let (reading, writing) = properties(&kafka.brokers());
        let ensure = |topic: &str, input: &str| {
            ensure_compacted((&reading, &writing), topic, &[input.into()], Duration::from_secs(10))
        };
        assert_eq!(ensure("log", "small"), Ok(None));
        let error = ensure("another", "large").unwrap_err();
        assert!(matches!(&error, Error::Argument(text) if text.contains("large has 5, another has 4")), "{error}");
    }
}
