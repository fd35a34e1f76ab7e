// SPDX-License-Identifier: GPL-2.0

//! What the hook's entries report: who has entered, and that something is not as it must be.

pub(crate) use crate::hook::Entry;
use crate::{
    hook::{
        Engine,
        Trouble, //
    },
    sys::live,
    vma::{
        expand::ExpandError,
        merge::{
            Attempt,
            NoMemory,
            Unmerged, //
        },
        modify::{
            Modified,
            ModifyError,
            Outcome, //
        },
        new_range::Placed,
        split::SplitError,
        sys::Vma, //
    },
};
use kernel::error::Result;

/// The engine serves a call of C's.
pub(crate) fn entered(entry: Entry) {
    live::count_served(Engine::Rust, entry);
}

/// C has asked for something that cannot be meant, and serves that itself.
pub(crate) fn refused(entry: Entry) {
    live::count_served(Engine::C, entry);
    live::trouble(entry, Trouble::Senseless);
}

pub(crate) fn modified(result: &Result<Modified<'_>, ModifyError>) {
    if let Ok(modified) = result {
        if let Outcome::Split(_, unmerged) | Outcome::Whole(unmerged) = &modified.outcome {
            not_merged(Entry::Modify, unmerged);
        }
    }
}

pub(crate) fn attempted(result: &Result<Attempt<'_, '_>, NoMemory>) {
    if let Ok(Attempt::NotMerged(_, _, unmerged)) = result {
        not_merged(Entry::MergeExistingRange, unmerged);
    }
}

pub(crate) fn placed(result: &Result<Placed<'_>, NoMemory>) {
    if let Ok(Placed::NotMerged(unmerged)) = result {
        not_merged(Entry::MergeNewRange, unmerged);
    }
}

fn not_merged(entry: Entry, unmerged: &Unmerged) {
    if let Unmerged::Misfit(_) = unmerged {
        live::trouble(entry, Trouble::Misfit);
    }
}

pub(crate) fn split(_result: &Result<Vma<'_>, SplitError>) {}

pub(crate) fn expanded(_result: &Result<Vma<'_>, ExpandError>) {}

pub(crate) fn shrunk(_result: &Result<Vma<'_>>) {}
