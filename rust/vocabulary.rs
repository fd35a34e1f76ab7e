// SPDX-License-Identifier: GPL-2.0

//! Vocabularies: enumerations in which each member has words for people and for programs.

use core::ffi::CStr;

/// A word for programs. C also reads it, for trace events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Label {
    c: &'static CStr,
    text: &'static str,
}

/// Creates a label for a row of a vocabulary. The string must be valid UTF-8.
#[inline]
pub(crate) const fn label(c: &'static CStr) -> Label {
    match c.to_str() {
        Ok(text) => Label { c, text },
        Err(_) => panic!("not UTF-8"),
    }
}

impl Label {
    /// Returns the label as a C string.
    pub(crate) const fn as_c_str(self) -> &'static CStr {
        self.c
    }

    /// Returns the label as text.
    pub(crate) const fn as_str(self) -> &'static str {
        self.text
    }
}

/// Defines an enumeration as a table, with a row for each member.
///
/// ```text
///  /// The words for a season.
/// struct SaidOfSeason {
///      /// The name that programs use.
///     name: &'static str,
/// }
///
/// vocabulary! {
///     /// A part of the year.
///     pub(crate) enum Season: SaidOfSeason {
///          /// The cold part of the year.
///         Winter { name: "winter" },
///     }
/// }
/// ```
///
/// A row is a literal of the type after the colon, so a row that lacks a word does not compile. Only the table
/// determines the number of members. The enumeration lists its members in `ALL`, counts them in `COUNT`, and returns
/// the row of a member from `said()`, which the enumeration's own methods use.
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
            /// All members, in the order of the table.
            $visibility const ALL: [Self; Self::COUNT] = [$(Self::$Member),*];

            /// The number of members.
            $visibility const COUNT: usize = [$(stringify!($Member)),*].len();

            /// Returns the member's row of the table.
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
