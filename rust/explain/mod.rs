// SPDX-License-Identifier: GPL-2.0

//! Why a process has so many VMAs.
//!
//! ```text
//!   ../vma/pair.rs   are these two mergeable, as they are?
//!   boundary.rs      the same of a VMA and the next one above it, whether they touch or not
//!   attribution.rs   if not, what are the causes, as people see it?
//!   cause_set.rs     sets of causes
//!   flag_names.rs    the names of flags, and the cause of each
//!   segments.rs      what belongs to programs and libraries, and explains nothing
//!   sides.rs         what else there is to say of the two
//!   rights.rs        the rights to a VMA, in letters
//!   kind.rs          kinds of memory
//!   nature.rs        what a VMA is
//!   file_words.rs    files that have no path but one that the kernel makes up
//!   details.rs       which of that belongs to which reason
//!   counts.rs        how many boundaries have each set of causes?
//!   runs.rs          where are the most with the same?
//!   tally.rs         how many VMAs would remain without some causes?
//!   answer.rs        which ones are worth most?
//!   about.rs         whose memory is it, and how was it looked at?
//!   sentences.rs     the answer in sentences
//!   form.rs          what each form of the answer has
//!   text.rs          the answer for people
//!   json.rs          the answer for programs
//! ```
//!
//! Pure: nothing in here knows what a kernel is.

pub(crate) mod about;
pub(crate) mod answer;
mod attribution;
pub(crate) mod boundary;
pub(crate) mod cause_set;
pub(crate) mod counts;
mod details;
pub(crate) mod file_words;
pub(crate) mod flag_names;
pub(crate) mod form;
pub(crate) mod json;
mod kind;
mod nature;
mod retold;
pub(crate) mod rights;
mod runs;
pub(crate) mod segments;
mod sentences;
pub(crate) mod sides;
pub(crate) mod tally;
pub(crate) mod text;

pub(crate) use self::{
    about::{
        About,
        AskedBy,
        Part,
        Scope,
        Walk, //
    },
    answer::Answer,
    boundary::Boundary,
    segments::Segments,
    sides::{
        Described,
        OneOfTwo,
        Paths,
        PolicyInWords,
        SeenAnonVma,
        Sides,
        Use,
        LONGEST_PATH, //
    },
    tally::Tally, //
};
