// SPDX-License-Identifier: GPL-2.0

//! Vocabularies: enumerations of which each member has words, for people and for programs.

use core::ffi::CStr;

/// A word for programs, which C reads, too, where it makes trace events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Label {
    c: &'static CStr,
    text: &'static str,
}

/// Makes a label of UTF-8, in a row of a vocabulary.
#[inline]
pub(crate) const fn label(c: &'static CStr) -> Label {
    match c.to_str() {
        Ok(text) => Label { c, text },
        Err(_) => panic!("not UTF-8"),
    }
}

impl Label {
    /// Returns it as C reads it.
    pub(crate) const fn as_c_str(self) -> &'static CStr {
        self.c
    }

    /// Returns it as text.
    pub(crate) const fn as_str(self) -> &'static str {
        self.text
    }
}

/// Defines an enumeration as a table, with a row for each member.
///
/// ```text
/// /// All that is said of a season.
/// struct SaidOfSeason {
///     /// What programs call it.
///     name: &'static str,
/// }
///
/// vocabulary! {
///     /// A part of the year.
///     pub(crate) enum Season: SaidOfSeason {
///         /// It is cold.
///         Winter { name: "winter" },
///     }
/// }
/// ```
///
/// A row is a literal of the type behind the colon, so a row that leaves out a word does not compile, and
/// nothing but the table knows how many members there are. The enumeration has them all in `ALL`, counts
/// them in `COUNT`, and tells the row of each by `said()`, from which its own methods take the words.
macro_rules! vocabulary {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $Vocabulary:ident: $Said:ident {
            $(
                $(#[$attribute_of_member:meta])*
                $Member:ident { $($said:tt)* }
            ),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        $visibility enum $Vocabulary {
            $(
                $(#[$attribute_of_member])*
                $Member,
            )*
        }

        impl $Vocabulary {
            /// All of them, in the order of their table.
            $visibility const ALL: [Self; Self::COUNT] = [$(Self::$Member),*];

            /// How many there are.
            $visibility const COUNT: usize = [$(stringify!($Member)),*].len();

            /// Its row in the table.
            const fn said(self) -> &'static $Said {
                match self {
                    $(
                        Self::$Member => const { &$Said { $($said)* } },
                    )*
                }
            }
        }
    };
}

pub(crate) use vocabulary;
