// SPDX-License-Identifier: GPL-2.0

//! The form of the answer for one kind of reader.

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

/// The maximum size of a header, a refusal or a part of the summary, in bytes.
pub(crate) const LONGEST_PART: usize = 16384;

/// A form of the answer.
pub(crate) trait Form {
    /// Appends the line that explains the words of the following lines, if the form has one.
    fn header(text: &mut Bounded<impl Room>) -> Result<(), Full>;

    /// Appends a line about a VMA whose boundary with the VMA below was not reported, or nothing if there is no room
    /// for the line. Some forms omit this line.
    fn vma(vma: &OneOfTwo<'_, impl Described>, text: &mut Bounded<impl Room>) -> Result<(), Full>;

    /// Appends a line about a boundary, or nothing if there is no room for the line.
    fn boundary(
        boundary: &Boundary,
        sides: &Sides<'_, impl Described>,
        text: &mut Bounded<impl Room>,
    ) -> Result<(), Full>;

    /// Appends the answer to a refused question, with the errno and the reason. `asked_by` is the process that asked,
    /// if it was not the reader.
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
