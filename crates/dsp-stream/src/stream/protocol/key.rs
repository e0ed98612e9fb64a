//! The key under which the state of a message is kept.

use serde_json::Value as Json;

use super::message::Message;
use crate::error::{Error, Result};

/// Prefix of the stored form of the empty key, and of keys that begin with it themselves. The empty stored form belongs
/// to messages without a key, whose state is that of the partition.
const ESCAPE: &[u8] = b"\0dspx.key\0";

/// The source of a state's key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum KeySource {
    /// The key of the message.
    #[default]
    Key,
    /// This header.
    Header(String),
    /// A member of the JSON value: the steps to it from the outside in.
    Json(Vec<String>),
}

impl KeySource {
    /// Parses `key`, `header:<name>`, `json:<path>`. A path is a JSON pointer (RFC 6901) if it begins with a slash;
    /// else its steps are separated by dots.
    ///
    /// # Errors
    /// `Argument` with the rule.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Error::argument(
                "input.key must be 'key', 'header:<name>' or 'json:<path>', as in json:user.id or json:/user/id",
            )
        };
        match text.split_once(':') {
            None if text == "key" => Ok(Self::Key),
            Some(("header", name)) if !name.is_empty() => Ok(Self::Header(name.to_owned())),
            Some(("json", path)) => {
                let steps: Vec<String> = match path.strip_prefix('/') {
                    Some(pointer) => pointer.split('/').map(unescaped).collect::<Option<_>>().ok_or_else(wrong)?,
                    None => path.split('.').map(str::to_owned).collect(),
                };
                let is_path = path.starts_with('/') || steps.iter().all(|step| !step.is_empty());
                if is_path { Ok(Self::Json(steps)) } else { Err(wrong()) }
            }
            _ => Err(wrong()),
        }
    }

    /// Returns the stored form of a message's key.
    ///
    /// # Errors
    /// The reason why the message has no key although it should have one: a sentence that begins with "it".
    pub fn of(&self, message: &Message) -> std::result::Result<Vec<u8>, String> {
        match self {
            Self::Key => Ok(stored(message.key.as_deref())),
            Self::Header(name) => match message.header(name) {
                Some(value) => Ok(stored(Some(value))),
                None => Err(format!("it has no header {name}")),
            },
            Self::Json(steps) => member(message.value.as_deref().unwrap_or_default(), steps),
        }
    }
}

/// Returns the form in which a key is stored; `None` is the key of messages without one.
pub fn stored(key: Option<&[u8]>) -> Vec<u8> {
    match key {
        None => Vec::new(),
        Some(key) if key.is_empty() || key.starts_with(ESCAPE) => [ESCAPE, key].concat(),
        Some(key) => key.to_vec(),
    }
}

/// The key of which [`stored`] is the form: `None` for messages without one.
pub fn original(stored: &[u8]) -> Option<&[u8]> {
    match stored.strip_prefix(ESCAPE) {
        Some(key) => Some(key),
        None => Some(stored).filter(|key| !key.is_empty()),
    }
}

/// A step of a JSON pointer; none where a tilde begins nothing.
fn unescaped(step: &str) -> Option<String> {
    let mut text = String::with_capacity(step.len());
    let mut rest = step.chars();
    while let Some(next) = rest.next() {
        text.push(match next {
            '~' => match rest.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            other => other,
        });
    }
    Some(text)
}

/// Returns the key in a member of a JSON text: a string without its quotes, a number or boolean as it is written.
fn member(text: &[u8], steps: &[String]) -> std::result::Result<Vec<u8>, String> {
    let value: Json =
        serde_json::from_slice(text).map_err(|_| "it is not JSON, in which its key should be".to_owned())?;
    let found = steps.iter().try_fold(&value, |value, step| match value {
        Json::Object(members) => members.get(step),
        Json::Array(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
        _ => None,
    });
    let path = || steps.join(".");
    match found {
        Some(Json::String(key)) => Ok(stored(Some(key.as_bytes()))),
        Some(Json::Number(number)) => Ok(number.to_string().into_bytes()),
        Some(Json::Bool(flag)) => Ok(flag.to_string().into_bytes()),
        Some(Json::Object(_) | Json::Array(_)) => Err(format!("its field {} is no text, number or boolean", path())),
        None | Some(Json::Null) => Err(format!("it has no field {}", path())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(value: &str) -> Message {
        let headers = [("h", "x"), ("h", "y"), ("empty", "")].map(|(n, v)| (n.to_owned(), v.as_bytes().to_vec()));
        Message { key: Some(b"k".to_vec()), value: Some(value.into()), headers: headers.to_vec(), ..Message::default() }
    }

    fn key(source: &str, message: &Message) -> std::result::Result<String, String> {
        let key = KeySource::parse(source).unwrap().of(message)?;
        Ok(String::from_utf8(key).unwrap())
    }

    #[test]
    fn keys_come_from_where_the_configuration_says() {
        let m = message(
            r#"{"device":"d1","n":5,"on":true,"user":{"id":"u7","a.b":"dotted","":"none"},"list":[{"id":3}],"x/y":"slash","~":"tilde"}"#,
        );
        for (source, expected) in [
            ("key", "k"),
            ("header:h", "y"),
            ("json:device", "d1"),
            ("json:n", "5"),
            ("json:on", "true"),
            ("json:user.id", "u7"),
            ("json:/user/id", "u7"),
            ("json:/user/a.b", "dotted"),
            ("json:/user/", "none"),
            ("json:list.0.id", "3"),
            ("json:/list/0/id", "3"),
            ("json:/x~1y", "slash"),
            ("json:/~0", "tilde"),
        ] {
            assert_eq!(key(source, &m).as_deref(), Ok(expected), "{source}");
        }
    }

    #[test]
    fn a_key_that_is_missing_is_told_and_never_shared() {
        let m = message(r#"{"user":{"id":null,"name":{}},"text":"x"}"#);
        for source in
            ["header:none", "json:device", "json:user.id", "json:user.name", "json:user.id.deep", "json:text.0"]
        {
            assert!(key(source, &m).unwrap_err().starts_with("it"), "{source}");
        }
        for value in ["", "nonsense", "5", "[]", "\u{0}"] {
            assert!(key("json:device", &message(value)).is_err(), "{value}");
        }
    }

    #[test]
    fn no_two_keys_are_stored_as_one() {
        let escaped = [ESCAPE, b"x"].concat();
        let twice = [ESCAPE, ESCAPE].concat();
        let keys: [Option<&[u8]>; 7] =
            [None, Some(b""), Some(b"k"), Some(b"\0"), Some(ESCAPE), Some(&escaped), Some(&twice)];
        let all: std::collections::HashSet<Vec<u8>> = keys.iter().map(|key| stored(*key)).collect();
        assert_eq!(all.len(), keys.len());
        assert!(keys.iter().all(|key| original(&stored(*key)) == *key));
        assert_eq!((stored(None), stored(Some(b"\0\0\0\x07"))), (Vec::new(), b"\0\0\0\x07".to_vec()));
        assert_eq!(key("header:empty", &message("")).unwrap().as_bytes(), ESCAPE);
    }

    #[test]
    fn paths_that_lead_nowhere_are_refused() {
        for source in
            ["", "keys", "header:", "json:", "json:.", "json:a..b", "json:a.", "json:/a~2", "json:/~", "value:a"]
        {
            assert!(matches!(KeySource::parse(source), Err(Error::Argument(_))), "{source}");
        }
    }
}
