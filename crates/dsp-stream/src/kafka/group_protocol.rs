//! The protocol for distributing the partitions of a group: the classic one, or that of KIP-848 (`consumer`), in which
//! the brokers assign.

use serde_json::{Map, Value};

use super::options::{Properties, wrong};
use crate::error::{Error, Result};

/// Properties that the protocol of KIP-848 lacks, with their options and their replacements.
const CLASSIC_ONLY: &[(&str, &str, &str)] = &[
    ("session.timeout.ms", "sessionTimeout", "the brokers set it (group.consumer.session.timeout.ms)"),
    ("heartbeat.interval.ms", "heartbeatInterval", "the brokers set it (group.consumer.heartbeat.interval.ms)"),
    ("partition.assignment.strategy", "", "the brokers assign (assignor: 'uniform' or 'range')"),
    ("group.protocol.type", "", "it has no other type"),
];

impl Properties {
    /// Sets the protocol that `groupProtocol` names.
    ///
    /// # Errors
    /// `Argument` for any other value.
    pub(super) fn group_protocol(&mut self, value: &Value) -> Result<()> {
        let known = value.as_str().filter(|name| ["classic", "consumer"].contains(name));
        self.set("group.protocol", known.ok_or_else(|| wrong("groupProtocol", "'classic' or 'consumer'"))?);
        Ok(())
    }

    /// Omits the defaults of properties that the brokers decide in the protocol of KIP-848.
    ///
    /// # Errors
    /// `Argument` if the user set one of them, or set a property of that protocol without using it.
    pub(super) fn settle_group_protocol(&mut self, config: &Map<String, Value>) -> Result<()> {
        let is_given = |name: &str| config.get(name).is_some_and(|value| !value.is_null());
        if self.values.get("group.protocol").map(String::as_str) != Some("consumer") {
            if is_given("group.remote.assignor") {
                return Err(Error::argument("group.remote.assignor needs groupProtocol: 'consumer'"));
            }
            return Ok(());
        }
        for (property, option, instead) in CLASSIC_ONLY {
            if let Some(name) = [*option, *property].into_iter().find(|name| is_given(name)) {
                return Err(Error::argument(format!("groupProtocol: 'consumer' excludes {name}: {instead}")));
            }
            self.values.remove(*property);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::options::Role;
    use serde_json::json;

    fn map(role: Role, config: Value) -> Result<Properties> {
        Properties::map(role, &["b:1".to_owned()], None, config.as_object().unwrap())
    }

    #[test]
    fn the_brokers_decide_with_the_protocol_of_kip_848() {
        for config in [json!({"groupProtocol": "consumer"}), json!({"group.protocol": "consumer"})] {
            let values = map(Role::Consumer, config).unwrap().values;
            assert_eq!(values["group.protocol"], "consumer");
            assert!(CLASSIC_ONLY.iter().all(|(property, ..)| !values.contains_key(*property)));
        }
        let classic = map(Role::Consumer, json!({"groupProtocol": "classic"})).unwrap().values;
        assert_eq!((&*classic["group.protocol"], &*classic["session.timeout.ms"]), ("classic", "30000"));
        assert!(
            !map(Role::Producer, json!({"groupProtocol": "consumer"})).unwrap().values.contains_key("group.protocol")
        );
    }

    #[test]
    fn what_contradicts_is_refused_by_name() {
        for name in ["sessionTimeout", "session.timeout.ms", "heartbeatInterval", "partition.assignment.strategy"] {
            let error = map(Role::Consumer, json!({"groupProtocol": "consumer", name: "6000"})).unwrap_err();
            assert!(matches!(&error, Error::Argument(text) if text.contains(&format!("excludes {name}:"))), "{error}");
        }
        for config in [json!({"groupProtocol": "other"}), json!({"group.remote.assignor": "range"})] {
            assert!(matches!(map(Role::Consumer, config), Err(Error::Argument(_))));
        }
    }
}
