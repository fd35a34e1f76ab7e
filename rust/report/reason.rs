// SPDX-License-Identifier: GPL-2.0

//! The reasons why a VMA beside a range has not joined it.

use crate::vma::compat::{
    Blocker,
    Reduction, //
};
use core::ffi::CStr;

/// The reason why a VMA has not joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reason {
    /// A rule forbids it.
    Rule(Blocker),
    /// The VMA that would disappear has a close hook.
    Close,
}

impl Reason {
    /// The number of reasons.
    pub(crate) const COUNT: usize = Blocker::COUNT + 1;

    /// Returns all reasons.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(|index| match Blocker::ALL.get(index) {
            Some(blocker) => Self::Rule(*blocker),
            None => Self::Close,
        })
    }

    /// Returns its name for programs.
    pub(crate) const fn name(self) -> &'static CStr {
        match self {
            Self::Rule(blocker) => blocker.name(),
            Self::Close => Reduction::NextStays.name(),
        }
    }

    /// Returns its index in `all()`.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Rule(blocker) => blocker as usize,
            Self::Close => Blocker::COUNT,
        }
    }
}
