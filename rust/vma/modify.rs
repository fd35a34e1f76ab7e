// SPDX-License-Identifier: GPL-2.0

//! Making a part of a VMA ready for a change: merge it if possible, split it off if not.

use super::{
    compat::Attributes,
    extent::Range,
    merge::{
        merge_existing_range,
        Attempt, //
    },
    plan::Plan,
    split::{
        split_vma,
        Split, //
    },
    sys::{
        Error,
        Site,
        Vma,
        VmaFlags,
        VmaIter,
        EINVAL,
        ENOMEM, //
    },
};

pub(crate) use super::{
    merge::Unmerged,
    split::SplitError, //
};

/// A VMA that covers exactly what may be changed, and how it came to do so.
pub(crate) struct Modified<'i> {
    /// The VMA. If it has merged, it covers more than the range that was asked for, and has the
    /// flags that were asked for already.
    pub(crate) vma: Vma<'i>,
    /// What was done.
    pub(crate) outcome: Outcome,
}

/// How a VMA was made ready for a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// The range has become part of the VMA beside it.
    Merged(Plan),
    /// The range has been cut out of its VMA.
    Split(Cut, Unmerged),
    /// The range is a VMA, whole, and stays as it is.
    Whole(Unmerged),
}

/// Where a VMA was cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cut {
    /// Where the range starts.
    Start,
    /// Where the range ends.
    End,
    /// At both ends of the range.
    Both,
}

/// Why a VMA could not be made ready for a change.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum ModifyError {
    /// The range does not lie within the VMA.
    NotWithinVma,
    /// It would have merged, but there is no memory. Nothing has changed.
    NoMemory,
    /// It had to be split and could not be. Nothing has changed.
    Split(SplitError),
    /// It had to be split twice; it was split at the start of the range, and could not be at the
    /// end. The first split remains.
    SecondSplit(SplitError),
}

impl From<ModifyError> for Error {
    fn from(error: ModifyError) -> Error {
        match error {
            ModifyError::NotWithinVma => EINVAL,
            ModifyError::NoMemory => ENOMEM,
            ModifyError::Split(error) | ModifyError::SecondSplit(error) => error.into(),
        }
    }
}

/// Makes the part `range` of the VMA at `site` ready to have its flags set to `flags`.
///
/// The flags are not set: that is for the caller, who has to do what they imply. If the range has
/// merged it has them already, as the neighbour had.
///
/// Sleeps. The mmap lock is held for write, as the site shows.
///
/// # Errors
///
/// - `EINVAL` if `range` does not lie within the VMA.
/// - `ENOMEM` if there is no memory, or the process has `vm.max_map_count` VMAs. If two cuts were
///   due and the second failed, the first remains.
/// - What the driver's `may_split` hook says.
///
/// Answers to `vma_modify_flags()`.
pub(crate) fn vma_modify_flags<'i>(
    site: Site<'i, '_>,
    range: Range,
    flags: VmaFlags,
) -> Result<Modified<'i>, ModifyError> {
    if !site.middle().extent().range.contains(range) {
        return Err(ModifyError::NotWithinVma);
    }
    match merge_existing_range(site, range, flags).map_err(|_| ModifyError::NoMemory)? {
        Attempt::Merged(vma, plan) => Ok(Modified {
            vma,
            outcome: Outcome::Merged(plan),
        }),
        Attempt::NotMerged(iter, vma, unmerged) => cut_out(iter, vma, range, unmerged),
    }
}

/// Cuts `range` out of `vma`, so that a VMA covers it and nothing else.
///
/// Answers to the second half of `vma_modify()`.
fn cut_out<'i>(
    iter: &mut VmaIter<'_>,
    mut vma: Vma<'i>,
    range: Range,
    unmerged: Unmerged,
) -> Result<Modified<'i>, ModifyError> {
    let below = vma.range().cut(range.start());
    if let Some((new, kept)) = below {
        vma = split_vma(iter, vma, Split::NewBelow { new, kept }).map_err(ModifyError::Split)?;
    }
    let above = vma.range().cut(range.end());
    if let Some((kept, new)) = above {
        let failed = match below {
            None => ModifyError::Split,
            Some(_) => ModifyError::SecondSplit,
        };
        vma = split_vma(iter, vma, Split::NewAbove { kept, new }).map_err(failed)?;
    }

    let outcome = match (below, above) {
        (Some(_), Some(_)) => Outcome::Split(Cut::Both, unmerged),
        (Some(_), None) => Outcome::Split(Cut::Start, unmerged),
        (None, Some(_)) => Outcome::Split(Cut::End, unmerged),
        (None, None) => Outcome::Whole(unmerged),
    };
    Ok(Modified { vma, outcome })
}
