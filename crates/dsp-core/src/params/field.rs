//! One declared parameter: the values it accepts, its default, and its messages.

use crate::error::ErrorKind;
use crate::params::value::Value;
use crate::text::MAX_SAFE_INTEGER;

/// The kind and range of the values that a parameter accepts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A whole number.
    Integer {
        /// Smallest allowed value.
        least: f64,
        /// Largest allowed value.
        most: f64,
        /// Whether it must be odd.
        odd: bool,
    },
    /// A finite number.
    Number {
        /// Lower bound.
        low: f64,
        /// Whether the lower bound is not part of the range.
        low_open: bool,
        /// Upper bound.
        high: f64,
        /// Whether the upper bound is not part of the range.
        high_open: bool,
    },
    /// `true` or `false`.
    Flag,
    /// One of several texts.
    OneOf {
        /// The allowed texts.
        texts: &'static [&'static str],
        /// Whether messages list them, instead of joining them by "or".
        listed: bool,
    },
    /// A `Float32Array`.
    Float32Array,
    /// A typed array or an array of numbers.
    Numbers,
    /// Any value, which the stage checks itself. The text is its TypeScript type.
    Any(&'static str),
}

/// The meaning of an absent parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Absent {
    /// An error: that of a wrong value, or this message after the label.
    Refused(Option<&'static str>),
    /// This number is the default.
    Number(f64),
    /// This text is the default.
    Text(&'static str),
    /// This truth value is the default.
    Flag(bool),
    /// No default: the stage decides. The text, if any, describes the default in the documentation.
    Optional(Option<&'static str>),
}

/// A declared parameter.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Name in JavaScript and JSON.
    pub name: &'static str,
    /// Other accepted names.
    pub aliases: &'static [&'static str],
    /// Kind and range of its values.
    pub kind: Kind,
    /// Its default, or the error if it is absent.
    pub absent: Absent,
    /// Whether `null` counts as absent too.
    pub null_is_absent: bool,
    /// Whether an empty text counts as absent too.
    pub blank_is_absent: bool,
    /// Whether the parameter object must be there, although this parameter may be absent from it.
    pub object_needed: bool,
    /// Its name in messages, if it differs from `name`.
    pub called: Option<&'static str>,
    /// Replacement for the name in messages about an unknown text: “Unknown `…` 'x', must be one of …”.
    pub unknown: Option<&'static str>,
    /// The rule in messages after "must be"; `None`: it follows from the kind.
    pub rule: Option<&'static str>,
    /// Makes the whole message about a wrong value, for messages that follow no rule.
    pub message: Option<fn(&Value) -> String>,
    /// The class of the error about a wrong value.
    pub class: ErrorKind,
    /// Whether its absence is reported only if the parameters after it are valid.
    pub missing_last: bool,
    /// Values for the property tests, where the declared range would not do.
    pub tried: Option<&'static [f64]>,
    /// The variants (see [`Parameters::VARIANTS`](super::Parameters::VARIANTS)) that have it; empty: all.
    pub only_for: &'static [&'static str],
    /// Whether a list must have at least one element.
    pub is_filled: bool,
    /// Text in messages about a wrong value that replaces name and rule.
    pub complaint: Option<&'static str>,
}

const fn of_kind(kind: Kind) -> Field {
    Field {
        name: "",
        aliases: &[],
        kind,
        absent: Absent::Refused(None),
        null_is_absent: false,
        blank_is_absent: false,
        object_needed: false,
        called: None,
        unknown: None,
        rule: None,
        message: None,
        class: ErrorKind::Type,
        missing_last: false,
        tried: None,
        only_for: &[],
        is_filled: false,
        complaint: None,
    }
}

/// Returns a field for an integer of at most 2⁵³ − 1 in magnitude.
pub const fn integer() -> Field {
    of_kind(Kind::Integer { least: -MAX_SAFE_INTEGER, most: MAX_SAFE_INTEGER, odd: false })
}

/// Returns a field for a finite number.
pub const fn number() -> Field {
    of_kind(Kind::Number { low: f64::NEG_INFINITY, low_open: true, high: f64::INFINITY, high_open: true })
}

/// Returns a field for `true` or `false`.
pub const fn flag() -> Field {
    of_kind(Kind::Flag)
}

/// Returns a field for one of `texts`.
pub const fn one_of(texts: &'static [&'static str]) -> Field {
    of_kind(Kind::OneOf { texts, listed: false })
}

/// Returns a field for a `Float32Array`.
pub const fn float32_array() -> Field {
    of_kind(Kind::Float32Array)
}

/// Returns a field for a typed array or an array of numbers.
pub const fn numbers() -> Field {
    of_kind(Kind::Numbers)
}

/// Returns a field for a value that the stage checks itself; `typescript` is its TypeScript type.
pub const fn value(typescript: &'static str) -> Field {
    of_kind(Kind::Any(typescript))
}

impl Field {
    /// Sets the name (derived from the one in Rust), unless the field already has one.
    pub const fn named(mut self, name: &'static str) -> Self {
        if self.name.is_empty() {
            self.name = name;
        }
        self
    }

    /// Sets the name in JavaScript and JSON, where it does not follow from the one in Rust: `type` is a keyword there.
    pub const fn spelled(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// Requires a value of at least `bound`.
    pub const fn at_least(mut self, bound: f64) -> Self {
        match &mut self.kind {
            Kind::Integer { least, .. } => *least = bound,
            Kind::Number { low, low_open, .. } => (*low, *low_open) = (bound, false),
            _ => panic!("only numbers have bounds"),
        }
        self
    }

    /// Requires a value of at most `bound`.
    pub const fn at_most(mut self, bound: f64) -> Self {
        match &mut self.kind {
            Kind::Integer { most, .. } => *most = bound,
            Kind::Number { high, high_open, .. } => (*high, *high_open) = (bound, false),
            _ => panic!("only numbers have bounds"),
        }
        self
    }

    /// Requires a value greater than `bound`.
    pub const fn above(mut self, bound: f64) -> Self {
        match &mut self.kind {
            Kind::Number { low, low_open, .. } => (*low, *low_open) = (bound, true),
            _ => panic!("only numbers that need not be whole have open bounds"),
        }
        self
    }

    /// Requires a value less than `bound`.
    pub const fn below(mut self, bound: f64) -> Self {
        match &mut self.kind {
            Kind::Number { high, high_open, .. } => (*high, *high_open) = (bound, true),
            _ => panic!("only numbers that need not be whole have open bounds"),
        }
        self
    }

    /// Requires an odd integer.
    pub const fn odd(mut self) -> Self {
        match &mut self.kind {
            Kind::Integer { odd, .. } => *odd = true,
            _ => panic!("only whole numbers are odd"),
        }
        self
    }

    /// Lists the texts in messages, and treats an empty text as absent.
    pub const fn listed(mut self) -> Self {
        match &mut self.kind {
            Kind::OneOf { listed, .. } => *listed = true,
            _ => panic!("only texts are listed"),
        }
        self.or_blank()
    }

    /// Treats an empty text as absent.
    pub const fn or_blank(mut self) -> Self {
        self.blank_is_absent = true;
        self
    }

    /// Sets a number as the default.
    pub const fn or(mut self, default: f64) -> Self {
        self.absent = Absent::Number(default);
        self
    }

    /// Sets a text as the default.
    pub const fn or_text(mut self, default: &'static str) -> Self {
        self.absent = Absent::Text(default);
        self
    }

    /// Makes the first of the texts the default.
    pub const fn or_first(mut self) -> Self {
        match self.kind {
            Kind::OneOf { texts, .. } => self.absent = Absent::Text(texts[0]),
            _ => panic!("only texts have a first one"),
        }
        self
    }

    /// Sets a truth value as the default.
    pub const fn or_flag(mut self, default: bool) -> Self {
        self.absent = Absent::Flag(default);
        self
    }

    /// Allows the parameter to be absent, without a default.
    pub const fn optional(mut self) -> Self {
        self.absent = Absent::Optional(None);
        self
    }

    /// Allows the parameter to be absent; `meaning` describes the default in the documentation.
    pub const fn optional_as(mut self, meaning: &'static str) -> Self {
        self.absent = Absent::Optional(Some(meaning));
        self
    }

    /// Makes the parameter required, without a default.
    pub const fn needed(mut self) -> Self {
        self.absent = Absent::Refused(None);
        self
    }

    /// Sets the message for an absent parameter, after the label. It is a `TypeError` if a wrong value is a
    /// `RangeError`.
    pub const fn required(mut self, message: &'static str) -> Self {
        self.absent = Absent::Refused(Some(message));
        self
    }

    /// Reports wrong values of later parameters before the absence of this one.
    pub const fn missing_last(mut self) -> Self {
        self.missing_last = true;
        self
    }

    /// Treats `null` as absent.
    pub const fn or_null(mut self) -> Self {
        self.null_is_absent = true;
        self
    }

    /// Requires the parameter object, although this parameter may be absent from it.
    pub const fn object_needed(mut self) -> Self {
        self.object_needed = true;
        self
    }

    /// Sets the name in messages.
    pub const fn called(mut self, words: &'static str) -> Self {
        self.called = Some(words);
        self
    }

    /// Begins messages about an unknown text with “Unknown `what`”.
    pub const fn unknown(mut self, what: &'static str) -> Self {
        self.unknown = Some(what);
        self
    }

    /// Sets the rule in messages, after "must be".
    pub const fn rule(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Sets a function that makes the message about a wrong value, for messages of the original that follow no rule.
    pub const fn message(mut self, message: fn(&Value) -> String) -> Self {
        self.message = Some(message);
        self
    }

    /// Sets other accepted names.
    pub const fn also(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Makes a wrong value a `RangeError`.
    pub const fn range_error(mut self) -> Self {
        self.class = ErrorKind::Range;
        self
    }

    /// Makes a wrong value a plain `Error`.
    pub const fn plain_error(mut self) -> Self {
        self.class = ErrorKind::Failed;
        self
    }

    /// Sets the numbers for the property tests, where trying the declared range would take too long.
    pub const fn try_with(mut self, tried: &'static [f64]) -> Self {
        self.tried = Some(tried);
        self
    }

    /// Restricts the parameter to the variants with these names.
    pub const fn only_for(mut self, variants: &'static [&'static str]) -> Self {
        self.only_for = variants;
        self
    }

    /// Requires a list with at least one element.
    pub const fn filled(mut self) -> Self {
        self.is_filled = true;
        self
    }

    /// Sets a text that replaces name and rule in messages about a wrong value: “`{label}: {complaint}, got {value}`”.
    pub const fn complaint(mut self, complaint: &'static str) -> Self {
        self.complaint = Some(complaint);
        self
    }
}
