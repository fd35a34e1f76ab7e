// SPDX-License-Identifier: GPL-2.0

//! Why a process has so many VMAs.
//!
//! ```text
//!   ../vma/pair.rs   may these two be one, as they are?
//!   sides.rs         what else there is to say of the two
//!   cause.rs         if not, what is the cause, as people see it?
//!   tally.rs         how often, where, and how many VMAs would remain without it?
//!   flag_names.rs    what flags are called
//!   text.rs          the answer for people
//!   json.rs          the answer for programs
//! ```
//!
//! Pure: nothing in here knows what a kernel is.

pub(crate) mod cause;
pub(crate) mod flag_names;
pub(crate) mod json;
mod sides;
pub(crate) mod tally;
pub(crate) mod text;

pub(crate) use self::{
    cause::Pair,
    sides::{
        Described,
        Paths,
        PolicyInWords,
        Sides,
        LONGEST_PATH, //
    },
    tally::Tally, //
};
