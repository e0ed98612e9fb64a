//! One declared parameter: what it may be, what stands for it where it is absent, and what is said of a wrong value.

use crate::error::ErrorKind;
use crate::params::value::Value;
use crate::text::MAX_SAFE_INTEGER;

/// What values a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A whole number.
    Integer {
        /// The smallest.
        least: f64,
        /// The largest.
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
    /// One of some texts.
    OneOf {
        /// The texts.
        texts: &'static [&'static str],
        /// Whether messages list them, instead of joining them by "or".
        listed: bool,
    },
    /// A `Float32Array`.
    Float32Array,
    /// A typed array or an array of numbers.
    Numbers,
    /// Anything; the stage checks it. The text is its TypeScript type.
    Any(&'static str),
}

/// What an absent parameter means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Absent {
    /// An error: that of a wrong value, or this text behind the label.
    Refused(Option<&'static str>),
    /// This number.
    Number(f64),
    /// This text.
    Text(&'static str),
    /// This truth value.
    Flag(bool),
    /// Nothing: the stage decides. The text says so in the documentation.
    Optional(Option<&'static str>),
}

/// A declared parameter.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in JavaScript and JSON.
    pub name: &'static str,
    /// Other names under which it is taken.
    pub aliases: &'static [&'static str],
    /// The values it takes.
    pub kind: Kind,
    /// What stands for it where it is absent.
    pub absent: Absent,
    /// Whether `null` counts as absent too.
    pub null_is_absent: bool,
    /// Whether an empty text counts as absent too.
    pub blank_is_absent: bool,
    /// Whether the parameter object must be there, although this parameter may be absent from it.
    pub object_needed: bool,
    /// How messages call it, if not by its name.
    pub called: Option<&'static str>,
    /// How messages call what an unknown text should have named: “Unknown `…` 'x', must be one of …”.
    pub unknown: Option<&'static str>,
    /// The rule in messages, behind "must be"; else it follows from the kind.
    pub rule: Option<&'static str>,
    /// The message about a wrong value, where it follows no rule.
    pub message: Option<fn(&Value) -> String>,
    /// The class of the error about a wrong value.
    pub class: ErrorKind,
    /// Whether its absence is said only where the parameters behind it are right.
    pub missing_last: bool,
    /// What the property tests try, where the declared range says too little.
    pub tried: Option<&'static [f64]>,
    /// The variants (see [`Parameters::VARIANTS`](super::Parameters::VARIANTS)) that have it; empty: all.
    pub only_for: &'static [&'static str],
    /// Whether a list must hold something.
    pub is_filled: bool,
    /// What messages say of a wrong value instead of name and rule.
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

/// A whole number of any size, at most 2⁵³ − 1.
pub const fn integer() -> Field {
    of_kind(Kind::Integer { least: -MAX_SAFE_INTEGER, most: MAX_SAFE_INTEGER, odd: false })
}

/// A finite number.
pub const fn number() -> Field {
    of_kind(Kind::Number { low: f64::NEG_INFINITY, low_open: true, high: f64::INFINITY, high_open: true })
}

/// `true` or `false`.
pub const fn flag() -> Field {
    of_kind(Kind::Flag)
}

/// One of `texts`.
pub const fn one_of(texts: &'static [&'static str]) -> Field {
    of_kind(Kind::OneOf { texts, listed: false })
}

/// A `Float32Array`.
pub const fn float32_array() -> Field {
    of_kind(Kind::Float32Array)
}

/// A typed array or an array of numbers.
pub const fn numbers() -> Field {
    of_kind(Kind::Numbers)
}

/// A value that the stage checks itself, with its TypeScript type.
pub const fn value(typescript: &'static str) -> Field {
    of_kind(Kind::Any(typescript))
}

impl Field {
    /// The field under the name that follows from its name in Rust, unless it has one already.
    pub const fn named(mut self, name: &'static str) -> Self {
        if self.name.is_empty() {
            self.name = name;
        }
        self
    }

    /// Its name in JavaScript and JSON, where the one in Rust does not say it: `type` is no name there.
    pub const fn spelled(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// At least `least`.
    pub const fn at_least(mut self, bound: f64) -> Self {
        match &mut self.kind {
            Kind::Integer { least, .. } => *least = bound,
            Kind::Number { low, low_open, .. } => (*low, *low_open) = (bound, false),
            _ => panic!("only numbers have bounds"),
        }
        self
    }

    /// At most `most`.
    pub const fn at_most(mut self, bound: f64) -> Self {
        match &mut self.kind {
            Kind::Integer { most, .. } => *most = bound,
            Kind::Number { high, high_open, .. } => (*high, *high_open) = (bound, false),
            _ => panic!("only numbers have bounds"),
        }
        self
    }

    /// More than `bound`.
    pub const fn above(mut self, bound: f64) -> Self {
        match &mut self.kind {
            Kind::Number { low, low_open, .. } => (*low, *low_open) = (bound, true),
            _ => panic!("only numbers that need not be whole have open bounds"),
        }
        self
    }

    /// Less than `bound`.
    pub const fn below(mut self, bound: f64) -> Self {
        match &mut self.kind {
            Kind::Number { high, high_open, .. } => (*high, *high_open) = (bound, true),
            _ => panic!("only numbers that need not be whole have open bounds"),
        }
        self
    }

    /// An odd number.
    pub const fn odd(mut self) -> Self {
        match &mut self.kind {
            Kind::Integer { odd, .. } => *odd = true,
            _ => panic!("only whole numbers are odd"),
        }
        self
    }

    /// The texts are listed in messages, and an empty text stands for an absent one.
    pub const fn listed(mut self) -> Self {
        match &mut self.kind {
            Kind::OneOf { listed, .. } => *listed = true,
            _ => panic!("only texts are listed"),
        }
        self.or_blank()
    }

    /// An empty text counts as absent.
    pub const fn or_blank(mut self) -> Self {
        self.blank_is_absent = true;
        self
    }

    /// A number that stands for an absent one.
    pub const fn or(mut self, default: f64) -> Self {
        self.absent = Absent::Number(default);
        self
    }

    /// A text that stands for an absent one.
    pub const fn or_text(mut self, default: &'static str) -> Self {
        self.absent = Absent::Text(default);
        self
    }

    /// The first of the texts stands for an absent one.
    pub const fn or_first(mut self) -> Self {
        match self.kind {
            Kind::OneOf { texts, .. } => self.absent = Absent::Text(texts[0]),
            _ => panic!("only texts have a first one"),
        }
        self
    }

    /// A truth value that stands for an absent one.
    pub const fn or_flag(mut self, default: bool) -> Self {
        self.absent = Absent::Flag(default);
        self
    }

    /// It may be absent.
    pub const fn optional(mut self) -> Self {
        self.absent = Absent::Optional(None);
        self
    }

    /// It may be absent; `meaning` is what then holds, for the documentation.
    pub const fn optional_as(mut self, meaning: &'static str) -> Self {
        self.absent = Absent::Optional(Some(meaning));
        self
    }

    /// It must be there, whatever stood for it before.
    pub const fn needed(mut self) -> Self {
        self.absent = Absent::Refused(None);
        self
    }

    /// The message where it is absent, behind the label. A `TypeError` where a wrong value is a `RangeError`.
    pub const fn required(mut self, message: &'static str) -> Self {
        self.absent = Absent::Refused(Some(message));
        self
    }

    /// A wrong value of a parameter behind it is reported before its absence.
    pub const fn missing_last(mut self) -> Self {
        self.missing_last = true;
        self
    }

    /// `null` counts as absent.
    pub const fn or_null(mut self) -> Self {
        self.null_is_absent = true;
        self
    }

    /// It may be absent from the parameter object, but the object must be there.
    pub const fn object_needed(mut self) -> Self {
        self.object_needed = true;
        self
    }

    /// How messages call it, where not by its name.
    pub const fn called(mut self, words: &'static str) -> Self {
        self.called = Some(words);
        self
    }

    /// Messages about an unknown text begin with “Unknown `what`”.
    pub const fn unknown(mut self, what: &'static str) -> Self {
        self.unknown = Some(what);
        self
    }

    /// The rule in messages, behind "must be".
    pub const fn rule(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// The message about a wrong value, where it follows no rule: some of the original's have a form of their own.
    pub const fn message(mut self, message: fn(&Value) -> String) -> Self {
        self.message = Some(message);
        self
    }

    /// Other spellings that are taken too.
    pub const fn also(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// A wrong value is a `RangeError`.
    pub const fn range_error(mut self) -> Self {
        self.class = ErrorKind::Range;
        self
    }

    /// A wrong value is a plain `Error`.
    pub const fn plain_error(mut self) -> Self {
        self.class = ErrorKind::Failed;
        self
    }

    /// Numbers for the property tests, where the declared range would let them try what takes too long.
    pub const fn try_with(mut self, tried: &'static [f64]) -> Self {
        self.tried = Some(tried);
        self
    }

    /// Only the variants with these names have it.
    pub const fn only_for(mut self, variants: &'static [&'static str]) -> Self {
        self.only_for = variants;
        self
    }

    /// A list that holds something.
    pub const fn filled(mut self) -> Self {
        self.is_filled = true;
        self
    }

    /// What messages say of a wrong value instead of name and rule: “`{label}: {complaint}, got {value}`”.
    pub const fn complaint(mut self, complaint: &'static str) -> Self {
        self.complaint = Some(complaint);
        self
    }
}
