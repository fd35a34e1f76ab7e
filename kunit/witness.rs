// SPDX-License-Identifier: GPL-2.0

//! What the hook's entries report. Here the suites see for themselves what was done.

use crate::vma::{
    expand::ExpandError,
    merge::{
        Attempt,
        NoMemory, //
    },
    modify::{
        Modified,
        ModifyError, //
    },
    new_range::Placed,
    split::SplitError,
    sys::Vma, //
};
use kernel::error::Result;

/// An entry of the hook.
#[derive(Clone, Copy)]
pub(crate) enum Entry {
    Modify,
    MergeExistingRange,
    MergeNewRange,
    Split,
    Expand,
    Shrink,
}

pub(crate) fn entered(_entry: Entry) {}

pub(crate) fn modified(_result: &Result<Modified<'_>, ModifyError>) {}

pub(crate) fn attempted(_result: &Result<Attempt<'_, '_>, NoMemory>) {}

pub(crate) fn placed(_result: &Result<Placed<'_>, NoMemory>) {}

pub(crate) fn split(_result: &Result<Vma<'_>, SplitError>) {}

pub(crate) fn expanded(_result: &Result<Vma<'_>, ExpandError>) {}

pub(crate) fn shrunk(_result: &Result<Vma<'_>>) {}
