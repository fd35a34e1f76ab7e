// SPDX-License-Identifier: GPL-2.0

//! The reasons that keep two VMAs apart, and what is told of the two for each.

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
};

/// A detail of two VMAs.
pub(super) enum Value<'a> {
    /// Flags.
    Flags(Distinctive),
    /// A page offset.
    Offset(PageOffset),
    /// A size, in bytes.
    Size(usize),
    /// The name of a VMA, if it has one.
    Name(Option<&'a [u8]>),
    /// The file that it maps, if it maps one.
    File(Option<FileWords<'a>>),
    /// Words about two files that look alike; empty for others.
    Relation(&'static str),
    /// Its NUMA policy.
    Policy(PolicyInWords),
}

impl Value<'_> {
    /// Whether there is nothing to tell people.
    pub(super) fn says_nothing(&self) -> bool {
        match self {
            Self::Flags(flags) => flags.is_empty(),
            Self::Relation(words) => words.is_empty(),
            _ => false,
        }
    }
}

/// The details of the two VMAs that a rule asks for, each with its name.
pub(super) fn values<'a>(
    details: Details,
    boundary: &Boundary,
    sides: &Sides<'a, impl Described>,
) -> impl Iterator<Item = (&'static Detail, Value<'a>)> {
    let Sides { prev, next, .. } = sides;
    let both = |prev, next| [Some(prev), Some(next), None];
    let offsets = |found: PageOffset, expected: PageOffset| {
        both(Value::Offset(found), Value::Offset(expected))
    };
    let expected = boundary.next_if_continued();
    let values = match details {
        Details::None => [None, None, None],
        Details::Hole => [Some(Value::Size(boundary.hole())), None, None],
        Details::Flags => both(
            Value::Flags(boundary.only_prev),
            Value::Flags(boundary.only_next),
        ),
        Details::Files => {
            let [prev, next] = [prev.file, next.file].map(FileWords::of);
            let relation = match boundary.files {
                Files::OpenedAnew => "one file, opened anew",
                Files::Two if prev == next => "two files",
                Files::Two | Files::Same => "",
            };
            [
                Some(Value::File(prev)),
                Some(Value::File(next)),
                Some(Value::Relation(relation)),
            ]
        }
        Details::PageOffsets => offsets(boundary.next.pgoff, expected.pgoff),
        Details::AnonPageOffsets => offsets(boundary.next.anon_pgoff, expected.anon_pgoff),
        Details::Names => both(Value::Name(prev.name()), Value::Name(next.name())),
        Details::Policies => both(Value::Policy(prev.policy()), Value::Policy(next.policy())),
    };
    details.each().iter().zip(values.into_iter().flatten())
}

/// The reasons that keep two VMAs apart, in the order in which they are told, each with its name for programs
/// and with what is said of it.
pub(super) fn reasons(boundary: &Boundary) -> impl Iterator<Item = (&'static str, OfPair)> {
    let close = Reduction::NextStays;
    let closing = close.of_pair().filter(|_| boundary.must_not_disappear);
    let rules = boundary.blockers.iter();
    closing
        .map(|said| (close.name(), said))
        .into_iter()
        .chain(rules.filter_map(|rule| Some((rule.name(), rule.of_pair()?))))
        .map(|(name, said)| (name.as_str(), said))
}
