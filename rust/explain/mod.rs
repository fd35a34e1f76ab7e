// SPDX-License-Identifier: GPL-2.0

//! The explanation of why a process has so many VMAs.
//!
//! ```text
//!   ../vma/pair.rs   are these two VMAs mergeable, as they are?
//!   boundary.rs      the same question for a VMA and the next VMA above, whether the two touch or not
//!   attribution.rs   the causes, in people's terms, of two VMAs not being mergeable
//!   cause_set.rs     sets of causes
//!   flag_names.rs    the names of flags, and the cause of each
//!   segments.rs      segments of programs and libraries, which explain nothing
//!   sides.rs         names, policies and paths of the two VMAs
//!   retold.rs        a VMA that is treated as if it ended elsewhere
//!   rights.rs        the access rights to a VMA, in letters
//!   kind.rs          kinds of memory
//!   nature.rs        the rights, kind and name of a VMA
//!   file_words.rs    files whose path the kernel makes up
//!   details.rs       the details that belong to each reason
//!   counts.rs        how many boundaries have each set of causes?
//!   runs.rs          where are the longest runs with the same causes?
//!   tally.rs         how many VMAs would remain without some causes?
//!   answer.rs        which causes are worth most?
//!   about.rs         whose memory is it, and how was it read?
//!   sentences.rs     the answer in sentences
//!   form.rs          the interface that each form of the answer implements
//!   text.rs          the answer for people
//!   json.rs          the answer for programs
//! ```
//!
//! The code is pure: it does not depend on the kernel.

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
