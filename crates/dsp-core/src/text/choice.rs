//! Enums whose members are texts in JavaScript and JSON.

/// An enum whose members are texts outside Rust; [`texts!`](crate::texts!) declares one.
pub trait Texts: Copy + 'static {
    /// The texts of all members, in order.
    const TEXTS: &'static [&'static str];
    /// All members, in order.
    const MEMBERS: &'static [Self];

    /// Returns the member's place in the order.
    fn index(self) -> usize;

    /// Returns the member's text.
    fn text(self) -> &'static str {
        Self::TEXTS[self.index()]
    }

    /// Returns the member that `text` names, if any.
    fn of(text: &str) -> Option<Self> {
        let index = Self::TEXTS.iter().position(|known| *known == text)?;
        Self::MEMBERS.get(index).copied()
    }
}

/// Declares an enum with `Texts`: `texts!(pub enum Mode { Batch = "batch", Moving = "moving" })`.
#[macro_export]
macro_rules! texts {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident { $($(#[$member_attribute:meta])* $member:ident = $text:literal),* $(,)? }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $visibility enum $name { $($(#[$member_attribute])* $member,)* }

        impl $crate::text::Texts for $name {
            const TEXTS: &'static [&'static str] = &[$($text),*];
            const MEMBERS: &'static [Self] = &[$(Self::$member),*];

            fn index(self) -> usize {
                self as usize
            }
        }
    };
}
