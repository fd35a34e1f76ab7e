// SPDX-License-Identifier: GPL-2.0

//! What the hook's entries report: who has entered, and that something is not as it must be.

pub(crate) use crate::hook::Entry;
use crate::{
    hook::Engine,
    sys::live,
    vma::{
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
    },
};
use kernel::error::Result;

/// C has entered the engine.
pub(crate) fn entered(entry: Entry) {
    live::count_served(Engine::Rust, entry);
}

/// C has asked for something that cannot be meant, and is refused.
pub(crate) fn refused(entry: Entry) {
    live::trouble(entry, "was asked for what cannot be meant");
}

pub(crate) fn modified(_result: &Result<Modified<'_>, ModifyError>) {}

pub(crate) fn attempted(_result: &Result<Attempt<'_, '_>, NoMemory>) {}

pub(crate) fn placed(_result: &Result<Placed<'_>, NoMemory>) {}

pub(crate) fn split(_result: &Result<Vma<'_>, SplitError>) {}

pub(crate) fn expanded(_result: &Result<Vma<'_>, ExpandError>) {}

pub(crate) fn shrunk(_result: &Result<Vma<'_>>) {}
