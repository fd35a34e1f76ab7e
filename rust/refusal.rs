// SPDX-License-Identifier: GPL-2.0

//! Refusals: enumerations of which each member has an errno, for programs, and a sentence, for people.

/// Defines an enumeration of refusals as a table, with a row for each member: its fields by name, its errno,
/// and the arguments of `fmt!()` for its sentence.
///
/// ```text
/// refusals! {
///     /// Why a shop does not sell.
///     pub(crate) enum Refusal<'a> {
///         Closed => EAGAIN, ("the shop is closed"),
///         SoldOut(what: &'a str, errno: Error) => *errno, ("there is no {what} left"),
///     }
/// }
/// ```
///
/// A row without an errno or a sentence does not compile. The fields are references in both.
macro_rules! refusals {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $Refusal:ident $(<$lifetime:lifetime>)? {
            $(
                $(#[$attribute_of_member:meta])*
                $Member:ident $(($($field:ident: $Field:ty),*))? => $errno:expr, ($($sentence:tt)*)
            ),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        $visibility enum $Refusal $(<$lifetime>)? {
            $(
                $(#[$attribute_of_member])*
                $Member $(($($Field),*))?,
            )*
        }

        #[allow(unused_variables)]
        impl $(<$lifetime>)? $Refusal $(<$lifetime>)? {
            /// Returns the errno for programs.
            $visibility fn errno(&self) -> kernel::error::Error {
                match self {
                    $(
                        Self::$Member $(($($field),*))? => $errno,
                    )*
                }
            }
        }

        #[allow(unused_variables)]
        impl $(<$lifetime>)? kernel::fmt::Display for $Refusal $(<$lifetime>)? {
            fn fmt(&self, f: &mut kernel::fmt::Formatter<'_>) -> kernel::fmt::Result {
                match self {
                    $(
                        Self::$Member $(($($field),*))? => f.write_fmt(fmt!($($sentence)*)),
                    )*
                }
            }
        }
    };
}

pub(crate) use refusals;
