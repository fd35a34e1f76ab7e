// SPDX-License-Identifier: GPL-2.0

//! What a VMA is: its rights, its kind, which one of that kind, and its name.

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

/// The kind of a VMA, and which one of that kind it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct OneOfKind<'a> {
    pub(super) kind: Kind,
    /// A path, a key, or the kernel's name for it; empty if the kind says all.
    pub(super) which: &'a [u8],
}

/// What a VMA is, as far as it is to be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Nature<'a> {
    pub(super) rights: Option<Rights>,
    pub(super) kind: Option<OneOfKind<'a>>,
    /// The name that the process has given it, if there is one.
    pub(super) name: Option<Option<&'a [u8]>>,
}

impl<'a> Nature<'a> {
    /// All of it.
    pub(super) fn of(one: &OneOfTwo<'a, impl Described>) -> Self {
        Self {
            rights: Some(one.rights()),
            kind: Some(kind_of(one)),
            name: Some(one.name()),
        }
    }

    /// What the VMA above is and the one below is not.
    pub(super) fn of_next(sides: &Sides<'a, impl Described>) -> Self {
        let Sides { prev, next, .. } = sides;
        let differ_in = |rule| sides.blockers.contains(rule);
        // Two that map one file are of one kind, and its path was not asked for.
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

    /// Whether there is nothing to tell.
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
