// SPDX-License-Identifier: GPL-2.0

//! Why a process has so many VMAs.
//!
//! ```text
//!   ../vma/pair.rs   are these two mergeable, as they are?
//!   attribution.rs   if not, what is the cause, as people see it?
//!   flag_names.rs    the names of flags, and the cause of each
//!   sides.rs         what else there is to say of the two
//!   details.rs       which of that belongs to which reason
//!   tally.rs         how often, where, and how many VMAs would remain without it?
//!   text.rs          the answer for people
//!   json.rs          the answer for programs
//! ```
//!
//! Pure: nothing in here knows what a kernel is.

pub(crate) mod attribution;
mod details;
pub(crate) mod flag_names;
pub(crate) mod json;
mod sides;
pub(crate) mod tally;
pub(crate) mod text;

pub(crate) use self::{
    attribution::Pair,
    sides::{
        Described,
        Paths,
        PolicyInWords,
        Sides,
        LONGEST_PATH, //
    },
    tally::Tally, //
};
