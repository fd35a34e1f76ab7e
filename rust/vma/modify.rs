// SPDX-License-Identifier: GPL-2.0

//! Making a part of a VMA ready for a change: the part is merged if possible, otherwise split off.

use super::{
    compat::Attributes,
    cut::SplitError,
    extent::Range,
    flags::VmaFlags,
    merge::{
        merge_existing_range,
        Attempt,
        IfNoMemory,
        NoMemory,
        Unmerged, //
    },
    plan::Plan,
    reason::Reasons,
    split::split_vma,
    sys::{
        Cursor,
        Error,
        Name,
        Policy,
        Site,
        Splitting,
        UserfaultfdContext,
        Vma,
        EINVAL,
        ENOMEM, //
    },
};

pub(crate) use super::merge::Change;

/// A VMA that may be changed as a whole, and the way in which it was made ready.
pub(crate) struct Modified<'i, 'g> {
    /// The VMA. If the range has merged, the VMA covers more than the range, and has the requested flags
    /// already.
    pub(crate) vma: Vma<'i, 'g>,
    /// The way in which the VMA was made ready.
    pub(crate) outcome: Outcome,
}

impl Modified<'_, '_> {
    /// Returns the flags that the caller has to set on the VMA if it requested `flags`. If the range has
    /// merged, they include the sticky flags of all merged parts.
    pub(crate) fn flags(&self, flags: VmaFlags) -> VmaFlags {
        self.merged_flags().unwrap_or(flags)
    }

    /// Returns the flags that the VMA has if the range has merged, including the sticky flags of all merged
    /// parts.
    pub(crate) fn merged_flags(&self) -> Option<VmaFlags> {
        match self.outcome {
            Outcome::Merged(_) => Some(self.vma.vma_flags()),
            Outcome::Split(..) | Outcome::Whole(_) => None,
        }
    }
}

/// The way in which a VMA was made ready for a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// The range has become part of the VMA beside it.
    Merged(Plan),
    /// The range has been split off its VMA.
    Split(Cut, Unmerged),
    /// The range is a whole VMA, and stays as it is.
    Whole(Unmerged),
}

/// The places where a VMA was split.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cut {
    /// The start of the range.
    Start,
    /// The end of the range.
    End,
    /// Both ends of the range.
    Both,
}

/// The reason why a VMA could not be made ready for a change.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum ModifyError {
    /// The range does not lie within the VMA.
    NotWithinVma,
    /// The range would have merged, by this plan, but memory ran out. Nothing has changed.
    NoMemory(Plan),
    /// The range did not merge, for these reasons, and could not be split off. Nothing has changed.
    Split(SplitError, Reasons),
    /// The range did not merge, for these reasons, and two splits were needed. The first, at the start of the
    /// range, succeeded and remains; the second, at the end, failed.
    SecondSplit(SplitError, Reasons),
}

impl From<NoMemory> for ModifyError {
    fn from(NoMemory(plan): NoMemory) -> Self {
        Self::NoMemory(plan)
    }
}

impl From<ModifyError> for Error {
    fn from(error: ModifyError) -> Error {
        match error {
            ModifyError::NotWithinVma => EINVAL,
            ModifyError::NoMemory(_) => ENOMEM,
            ModifyError::Split(error, _) | ModifyError::SecondSplit(error, _) => error.into(),
        }
    }
}

/// Makes the part `range` of the VMA at `site` ready to have its flags set to `flags`.
///
/// A range that has merged already has these flags, because the neighbour had them, and also has the sticky
/// flags of all merged parts.
///
/// Sleeps. The mmap lock is held for write, as the site proves. Fails as [`vma_modify`] does.
///
/// Answers to `vma_modify_flags()`.
#[inline(always)]
pub(crate) fn vma_modify_flags<'i, 'g>(
    site: Site<'i, 'g>,
    range: Range,
    flags: VmaFlags,
) -> Result<Modified<'i, 'g>, ModifyError> {
    let change = Change {
        flags: Some(flags),
        ..Change::default()
    };
    vma_modify(site, range, &change, IfNoMemory::Fail)
}

/// Makes the part `range` of the VMA at `site` ready to have its flags set to `flags` and its name to
/// `name`.
///
/// Sleeps. The mmap lock is held for write, as the site proves. Fails as [`vma_modify`] does.
///
/// Answers to `vma_modify_flags_name()` of Linux 6.7.
#[inline(always)]
pub(crate) fn vma_modify_flags_name<'i, 'g>(
    site: Site<'i, 'g>,
    range: Range,
    flags: VmaFlags,
    name: Name<'_>,
) -> Result<Modified<'i, 'g>, ModifyError> {
    let change = Change {
        flags: Some(flags),
        name: Some(name),
        ..Change::default()
    };
    vma_modify(site, range, &change, IfNoMemory::Fail)
}

/// Makes the part `range` of the VMA at `site` ready to be given the name `name`.
///
/// Sleeps. The mmap lock is held for write, as the site proves. Fails as [`vma_modify`] does.
///
/// Answers to `vma_modify_name()`.
#[inline(always)]
pub(crate) fn vma_modify_name<'i, 'g>(
    site: Site<'i, 'g>,
    range: Range,
    name: Name<'_>,
) -> Result<Modified<'i, 'g>, ModifyError> {
    let change = Change {
        name: Some(name),
        ..Change::default()
    };
    vma_modify(site, range, &change, IfNoMemory::Fail)
}

/// Makes the part `range` of the VMA at `site` ready to be given the NUMA policy `policy`.
///
/// Sleeps. The mmap lock is held for write, as the site proves. Fails as [`vma_modify`] does.
///
/// Answers to `vma_modify_policy()`.
#[inline(always)]
pub(crate) fn vma_modify_policy<'i, 'g>(
    site: Site<'i, 'g>,
    range: Range,
    policy: Policy<'_>,
) -> Result<Modified<'i, 'g>, ModifyError> {
    let change = Change {
        policy: Some(policy),
        ..Change::default()
    };
    vma_modify(site, range, &change, IfNoMemory::Fail)
}

/// Makes the part `range` of the VMA at `site` ready to have its flags set to `flags` and its
/// userfaultfd context to `context`.
///
/// A caller that must not fail passes [`IfNoMemory::GiveUp`] and the range of the whole VMA, because a split
/// may still fail.
///
/// Sleeps. The mmap lock is held for write, as the site proves. Fails as [`vma_modify`] does.
///
/// Answers to `vma_modify_flags_uffd()`, `vma_modify_uffd()` of Linux 6.7.
#[inline(always)]
pub(crate) fn vma_modify_flags_uffd<'i, 'g>(
    site: Site<'i, 'g>,
    range: Range,
    flags: VmaFlags,
    context: UserfaultfdContext,
    if_no_memory: IfNoMemory,
) -> Result<Modified<'i, 'g>, ModifyError> {
    let change = Change {
        flags: Some(flags),
        userfaultfd_context: Some(context),
        ..Change::default()
    };
    vma_modify(site, range, &change, if_no_memory)
}

/// Makes the part `range` of the VMA at `site` ready for `change`. The part either merges into a VMA beside
/// it that already has the changed attributes, or becomes a separate VMA.
///
/// Sleeps. The mmap lock is held for write, as the site proves.
///
/// # Errors
///
/// - `EINVAL` if `range` does not lie within the VMA.
/// - `ENOMEM` if memory runs out, or the process has `vm.max_map_count` VMAs. If two splits were
///   needed and the second failed, the first remains.
/// - The error of the driver's `may_split` hook.
///
/// Answers to `vma_modify()`.
#[inline(always)]
pub(crate) fn vma_modify<'i, 'g>(
    site: Site<'i, 'g>,
    range: Range,
    change: &Change<'_>,
    if_no_memory: IfNoMemory,
) -> Result<Modified<'i, 'g>, ModifyError> {
    if !site.middle().extent().range.contains(range) {
        return Err(ModifyError::NotWithinVma);
    }
    match merge_existing_range(site, range, change, if_no_memory)? {
        Attempt::Merged(vma, plan) => Ok(Modified {
            vma,
            outcome: Outcome::Merged(plan),
        }),
        Attempt::NotMerged(cursor, vma, unmerged) => cut_out(cursor, vma, range, unmerged),
    }
}

/// Splits `vma` at the ends of `range`, so that a VMA covers the range and nothing else.
///
/// Answers to the second half of `vma_modify()`.
#[inline(always)]
fn cut_out<'i, 'g>(
    mut cursor: Cursor<'_, 'g>,
    mut vma: Vma<'i, 'g>,
    range: Range,
    unmerged: Unmerged,
) -> Result<Modified<'i, 'g>, ModifyError> {
    let first = match Splitting::start_of(range, vma) {
        Ok(splitting) => {
            vma = split_vma(&mut cursor, splitting)
                .map_err(|error| ModifyError::Split(error, unmerged.reasons()))?;
            true
        }
        Err(whole) => {
            vma = whole;
            false
        }
    };
    let second = match Splitting::end_of(range, vma) {
        Ok(splitting) => {
            vma = split_vma(&mut cursor, splitting).map_err(|error| match first {
                false => ModifyError::Split(error, unmerged.reasons()),
                true => ModifyError::SecondSplit(error, unmerged.reasons()),
            })?;
            true
        }
        Err(whole) => {
            vma = whole;
            false
        }
    };

    let outcome = match (first, second) {
        (true, true) => Outcome::Split(Cut::Both, unmerged),
        (true, false) => Outcome::Split(Cut::Start, unmerged),
        (false, true) => Outcome::Split(Cut::End, unmerged),
        (false, false) => Outcome::Whole(unmerged),
    };
    Ok(Modified { vma, outcome })
}
