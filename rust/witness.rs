// SPDX-License-Identifier: GPL-2.0

//! What the hook's entries report: who has entered, what came of it, and that something is not as it
//! must be.

pub(crate) use crate::hook::Entry;
use crate::{
    hook::{
        Engine,
        Trouble, //
    },
    report::{
        self,
        Helper, //
    },
    sys::live,
    vma::{
        cut::SplitError,
        expand::ExpandError,
        extent::Range,
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
        sys::{
            MmWithUser,
            Vma, //
        },
    },
};
use kernel::error::Result;

/// The engine serves a call of C's. How many those are shows in how they end.
#[inline(always)]
pub(crate) fn entered(_entry: Entry) {}

/// C has asked for something that cannot be meant, and serves that itself.
pub(crate) fn refused(entry: Entry) {
    live::count_served(Engine::C, entry);
    live::trouble(entry, Trouble::Senseless);
}

#[inline(always)]
pub(crate) fn modified(range: Range, result: &Result<Modified<'_>, ModifyError>) {
    report::modified(Helper::Modify, range, result);
    if let Ok(modified) = result {
        if let Outcome::Split(_, unmerged) | Outcome::Whole(unmerged) = &modified.outcome {
            not_merged(Entry::Modify, unmerged);
        }
    }
}

#[inline(always)]
pub(crate) fn attempted(range: Range, result: &Result<Attempt<'_, '_>, NoMemory>) {
    report::attempted(Helper::MergeExistingRange, range, result);
    if let Ok(Attempt::NotMerged(_, _, unmerged)) = result {
        not_merged(Entry::MergeExistingRange, unmerged);
    }
}

#[inline(always)]
pub(crate) fn placed(mm: &MmWithUser, range: Range, result: &Result<Placed<'_>, NoMemory>) {
    report::placed(Helper::MergeNewRange, mm, range, result);
    if let Ok(Placed::NotMerged(unmerged)) = result {
        not_merged(Entry::MergeNewRange, unmerged);
    }
}

#[inline(always)]
fn not_merged(entry: Entry, unmerged: &Unmerged) {
    if let Unmerged::Misfit(_) = unmerged {
        live::trouble(entry, Trouble::Misfit);
    }
}

#[inline(always)]
pub(crate) fn split(range: Range, result: &Result<Vma<'_>, SplitError>) {
    report::split(Helper::Split, range, result);
}

#[inline(always)]
pub(crate) fn expanded(result: &Result<Vma<'_>, ExpandError>) {
    report::expanded(Helper::Expand, result);
}

#[inline(always)]
pub(crate) fn shrunk(result: &Result<Vma<'_>>) {
    report::shrunk(Helper::Shrink, result);
}
