// SPDX-License-Identifier: GPL-2.0

//! The form of the answer, for one kind of readers.

use super::{
    about::{
        About,
        Part, //
    },
    answer::Answer,
    boundary::Boundary,
    counts::Places,
    sides::{
        Described,
        OneOfTwo,
        Sides, //
    },
    tally::Tally, //
};
use crate::bounded::{
    Bounded,
    Full,
    Room, //
};
use core::fmt;

/// The room that suffices for a header, a refusal or a part of the summary, in bytes.
pub(crate) const LONGEST_PART: usize = 16384;

/// A form of the answer.
pub(crate) trait Form {
    /// Appends the line that explains the words of those that follow, if there is one.
    fn header(text: &mut Bounded<impl Room>) -> Result<(), Full>;

    /// Appends a line about a VMA that is not the upper one of a boundary that was told of, if there is one, or nothing
    /// if there is no room for it.
    fn vma(vma: &OneOfTwo<'_, impl Described>, text: &mut Bounded<impl Room>) -> Result<(), Full>;

    /// Appends a line about a boundary, or nothing if there is no room for it.
    fn boundary(
        boundary: &Boundary,
        sides: &Sides<'_, impl Described>,
        text: &mut Bounded<impl Room>,
    ) -> Result<(), Full>;

    /// Appends the answer to a question that was refused, with this errno, for this reason. `asked_by` is the process
    /// that asked, if it was not the reader.
    fn refusal(
        errno: impl fmt::Display,
        reason: &[u8],
        asked_by: Option<i32>,
        text: &mut Bounded<impl Room>,
    ) -> Result<(), Full>;

    /// Appends a part of the summary.
    fn summary<P: Places>(
        part: Part,
        tally: &Tally<P>,
        answer: &Answer,
        about: &About<'_>,
        text: &mut Bounded<impl Room>,
    ) -> Result<(), Full>;
}
