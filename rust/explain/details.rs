// SPDX-License-Identifier: GPL-2.0

//! The reasons that keep two VMAs apart, and the details of the two VMAs for each reason.

use super::{
    attribution::Files,
    boundary::Boundary,
    file_words::FileWords,
    flag_names::Distinctive,
    sides::{
        Described,
        PolicyInWords,
        Sides, //
    },
};
use crate::vma::{
    blocker::{
        OfPair,
        Reduction, //
    },
    causes::{
        Detail,
        Details, //
    },
    extent::PageOffset,
    pair::Apart,
};

/// A detail of two VMAs.
pub(super) enum Value<'a> {
    /// The flags of one VMA.
    Flags(Distinctive),
    /// A page offset.
    Offset(PageOffset),
    /// A size, in bytes.
    Size(usize),
    /// The name of a VMA, if it has one.
    Name(Option<&'a [u8]>),
    /// The file that a VMA maps, if it maps one.
    File(Option<FileWords<'a>>),
    /// Words about two files or policies that look alike. Empty if they do not look alike.
    Relation(&'static str),
    /// The NUMA policy of a VMA.
    Policy(PolicyInWords),
}

impl Value<'_> {
    /// Returns whether there is nothing to report to people.
    pub(super) fn says_nothing(&self) -> bool {
        match self {
            Self::Flags(flags) => flags.is_empty(),
            Self::Relation(words) => words.is_empty(),
            _ => false,
        }
    }
}

/// Calls `tell` with each detail of the two VMAs that belongs to a rule, and with its value.
pub(super) fn each_value<'a, E>(
    details: Details,
    boundary: &Boundary,
    sides: &Sides<'a, impl Described>,
    mut tell: impl FnMut(&'static Detail, Value<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let Sides { prev, next, .. } = sides;
    let mut names = details.each().iter();
    let mut tell = |value| names.next().map_or(Ok(()), |name| tell(name, value));
    let expected = || boundary.next_if_continued();
    let [one, other] = match details {
        Details::None => return Ok(()),
        Details::Hole => return tell(Value::Size(boundary.hole())),
        Details::Flags => [boundary.only_prev, boundary.only_next].map(Value::Flags),
        Details::Files => {
            let [prev, next] = [prev.file, next.file].map(FileWords::of);
            let relation = match boundary.files {
                Files::OpenedAnew => "one file, opened anew",
                Files::Two if prev == next => "two files",
                Files::Two | Files::Same => "",
            };
            tell(Value::File(prev))?;
            [Value::File(next), Value::Relation(relation)]
        }
        Details::PageOffsets => [boundary.next.pgoff, expected().pgoff].map(Value::Offset),
        Details::AnonPageOffsets => {
            [boundary.next.anon_pgoff, expected().anon_pgoff].map(Value::Offset)
        }
        Details::Names => [prev.name(), next.name()].map(Value::Name),
        Details::Policies => {
            let (prev, next) = (prev.policy(), next.policy());
            // The policies may have been set with different nodes, but contain the same nodes now.
            let relation = if prev == next { "two policies" } else { "" };
            tell(Value::Policy(prev))?;
            [Value::Policy(next), Value::Relation(relation)]
        }
    };
    tell(one)?;
    tell(other)
}

/// Returns the reasons that keep two VMAs apart in report order, each with its name for programs and its words.
pub(super) fn reasons(apart: Apart) -> impl Iterator<Item = (&'static str, &'static OfPair)> {
    let close = Reduction::NextStays;
    let closing = apart.must_not_disappear.then_some(close);
    let closing = closing.map(|close| (close.name(), close.of_pair()));
    let rules = apart
        .blockers
        .iter()
        .map(|rule| (rule.name(), rule.of_pair()));
    closing
        .into_iter()
        .chain(rules)
        .filter_map(|(name, said)| Some((name.as_str(), said?)))
}
