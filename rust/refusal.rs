// SPDX-License-Identifier: GPL-2.0

//! Refusals: enumerations in which each member has an errno for programs and a sentence for people.

/// Defines an enumeration of refusals as a table. The row of a member consists of its fields by name, its errno, and
/// the arguments of `fmt!()` for its sentence.
///
/// ```text
/// refusals! {
///     /// A reason why a shop does not sell.
///     pub(crate) enum Refusal<'a> {
///         Closed => EAGAIN, ("the shop is closed"),
///         SoldOut(what: &'a str, errno: Error) => *errno, ("there is no {what} left"),
///     }
/// }
/// ```
///
/// A row without an errno or a sentence does not compile. Both see the fields as references.
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
