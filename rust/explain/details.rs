// SPDX-License-Identifier: GPL-2.0

//! The reasons that keep two VMAs apart, and what is told of the two for each.

use super::{
    attribution::Pair,
    flag_names::Distinctive,
    sides::{
        Described,
        MappedFile,
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
};

/// A detail of two VMAs.
pub(super) enum Value<'a> {
    /// Flags.
    Flags(Distinctive),
    /// A page offset, in pages.
    Offset(usize),
    /// The name of a VMA, if it has one.
    Name(Option<&'a [u8]>),
    /// The file that it maps.
    File(MappedFile<'a>),
    /// Its NUMA policy.
    Policy(PolicyInWords),
}

/// The details of the pair that a rule asks for, each with its name.
pub(super) fn values<'a>(
    details: Details,
    pair: &Pair,
    sides: &Sides<'a, impl Described>,
) -> impl Iterator<Item = (&'static Detail, Value<'a>)> {
    let Sides { prev, next } = sides;
    let values = match details {
        Details::None => None,
        Details::Flags => Some([Value::Flags(pair.only_prev), Value::Flags(pair.only_next)]),
        Details::Files => Some([Value::File(prev.file), Value::File(next.file)]),
        Details::PageOffsets => Some([
            Value::Offset(pair.next.pgoff.pages()),
            Value::Offset(pair.prev.end_pgoff().pages()),
        ]),
        Details::AnonPageOffsets => Some([
            Value::Offset(pair.next.anon_pgoff.pages()),
            Value::Offset(pair.prev.end_anon_pgoff().pages()),
        ]),
        Details::Names => Some([Value::Name(prev.name()), Value::Name(next.name())]),
        Details::Policies => Some([Value::Policy(prev.policy()), Value::Policy(next.policy())]),
    };
    details.each().iter().zip(values.into_iter().flatten())
}

/// The reasons that keep a pair apart, in the order in which they are told, each with its name for programs
/// and with what is said of it.
pub(super) fn reasons(pair: &Pair) -> impl Iterator<Item = (&'static str, OfPair)> {
    let close = Reduction::NextStays;
    let closing = close.of_pair().filter(|_| pair.must_not_disappear);
    let rules = pair.blockers.iter();
    closing
        .map(|said| (close.name(), said))
        .into_iter()
        .chain(rules.filter_map(|rule| Some((rule.name(), rule.of_pair()?))))
        .map(|(name, said)| (name.to_str().unwrap_or_default(), said))
}
