// SPDX-License-Identifier: GPL-2.0

//! The nature of a VMA: its rights, its kind, its identity within that kind, and its name.

use super::{
    file_words::FileWords,
    kind::Kind,
    rights::Rights,
    sides::{
        Described,
        OneOfTwo,
        Sides,
        Use, //
    },
};
use crate::vma::{
    compat::Blocker,
    flags, //
};

/// The kind of a VMA, and its identity within that kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct OneOfKind<'a> {
    pub(super) kind: Kind,
    /// A path, a key, or the kernel's name for the VMA. Empty if the kind says everything.
    pub(super) which: &'a [u8],
}

/// The nature of a VMA. A part that is not reported is `None`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Nature<'a> {
    pub(super) rights: Option<Rights>,
    pub(super) kind: Option<OneOfKind<'a>>,
    /// The name that the process has given the VMA, if there is one.
    pub(super) name: Option<Option<&'a [u8]>>,
}

impl<'a> Nature<'a> {
    /// Returns the whole nature of a VMA.
    pub(super) fn of(one: &OneOfTwo<'a, impl Described>) -> Self {
        Self {
            rights: Some(one.rights()),
            kind: Some(kind_of(one)),
            name: Some(one.name()),
        }
    }

    /// Returns the parts in which the nature of the VMA above differs from that of the VMA below.
    pub(super) fn of_next(sides: &Sides<'a, impl Described>) -> Self {
        let Sides { prev, next, .. } = sides;
        let differ_in = |rule| sides.blockers.contains(rule);
        // Two VMAs that map one file are of one kind, and the path of the file was not looked up.
        let are_of_one_kind =
            !differ_in(Blocker::File) && (next.maps_a_file() || prev.used_as() == next.used_as());
        Self {
            rights: changed(prev.rights(), next.rights()),
            kind: if are_of_one_kind {
                None
            } else {
                changed(kind_of(prev), kind_of(next))
            },
            name: differ_in(Blocker::Name).then(|| next.name()),
        }
    }

    /// Returns whether there is nothing to report.
    pub(super) fn is_empty(&self) -> bool {
        self.rights.is_none() && self.kind.is_none() && self.name.is_none()
    }
}

fn changed<T: PartialEq>(before: T, after: T) -> Option<T> {
    (before != after).then_some(after)
}

fn kind_of<'a>(one: &OneOfTwo<'a, impl Described>) -> OneOfKind<'a> {
    let (kind, which): (Kind, &[u8]) = match FileWords::of(one.file) {
        Some(FileWords { kind, name }) => match kind {
            Kind::File if one.flags().contains(flags::HUGETLB) => (Kind::HugeFile, name),
            _ => (kind, name),
        },
        None => match one.used_as() {
            Use::Unknown => (Kind::Anonymous, b""),
            Use::Heap => (Kind::Heap, b""),
            Use::Stack => (Kind::Stack, b""),
            Use::Special(name) => (Kind::Special, name),
        },
    };
    OneOfKind { kind, which }
}
