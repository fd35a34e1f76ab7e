// SPDX-License-Identifier: GPL-2.0

//! The description of a change to the VMAs of a range: its checks in order, the call to the engine, and the steps
//! around that call. `ctl` takes all of these steps; `plan` only makes the checks.

use super::{
    failure::Obstacle,
    subject::Subject, //
};
use crate::{
    report::{
        self,
        helper::{
            Call,
            Helper, //
        },
        sys::events::TracedMemory, //
    },
    vma::{
        change::Change,
        compat::Attributes,
        extent::Range,
        flags::VmaFlags,
        merge::IfNoMemory,
        modify::{
            vma_modify,
            Modified,
            ModifyError, //
        },
        sys::{
            Error,
            Name,
            Policy,
            Site,
            UserfaultfdContext,
            WriteLockedMm, //
        },
    },
};

/// A change that can be made to each VMA of a range, or to the part of the VMA that lies in the range.
///
/// For a range, [`check`](Self::check) is called for all VMAs in order. Then [`want`](Self::want),
/// [`carry_out`](Self::carry_out) and [`count`](Self::count) are called for one part after another. `plan` calls all
/// but `carry_out`. `'c` is the lifetime of the policies and names that the change gives to VMAs.
pub(super) trait RangeChange<'c> {
    /// Returns how holes in the range are handled.
    fn holes(&self) -> Holes;

    /// Checks that a part of this VMA may be changed. All VMAs are checked before the first change.
    fn check(&self, _vma: &impl Subject, _part: Range) -> Result<(), Obstacle> {
        Ok(())
    }

    /// Returns the call to the engine that changes this part of the VMA, or `None` if the part needs no change.
    fn want(&self, vma: &impl Subject, part: Range) -> Result<Option<HelperCall<'c>>, Obstacle>;

    /// Changes a part, and returns the VMA that covers the part afterwards.
    ///
    /// The driver, the overcommit limit and the memory allocator may still cause a failure here.
    fn carry_out<'i, 'g>(&self, part: Part<'i, 'g, '_>) -> Result<Modified<'i, 'g>, Obstacle>;

    /// Returns the obstacle for a failure of the engine.
    fn failed(&self, error: ModifyError) -> Obstacle {
        Obstacle::Modify(error)
    }

    /// Returns whether memory that is moved loses its registration with the userfaultfd that the change sets, if any.
    fn loses_what_moves(&self) -> bool {
        false
    }

    /// Records the flags of `part` before and after its change, for the checks of later parts.
    fn count(&self, _part: Range, _before: VmaFlags, _after: VmaFlags) {}
}

/// The handling of holes in a range.
#[derive(Clone, Copy)]
pub(super) enum Holes {
    /// The whole range has to be mapped. Otherwise the command fails with this errno, and changes nothing.
    Forbidden(Error),
    /// Holes are skipped. If nothing is mapped in the range, the command fails with this errno.
    Skipped(Error),
}

/// A part of a VMA that is about to be changed.
pub(super) struct Part<'i, 'g, 'c> {
    /// The VMA.
    pub(super) site: Site<'i, 'g>,
    /// The range of the part.
    pub(super) range: Range,
    /// The flags that the part will have, without the flags that a merge adds from other VMAs.
    pub(super) flags: VmaFlags,
    call: HelperCall<'c>,
    mm: WriteLockedMm<'g>,
}

impl<'i, 'g, 'c> Part<'i, 'g, 'c> {
    /// Creates the part in `range`, with the call to make for it.
    pub(super) fn new(
        mm: WriteLockedMm<'g>,
        site: Site<'i, 'g>,
        range: Range,
        call: HelperCall<'c>,
    ) -> Self {
        let flags = call.flags().unwrap_or(site.middle().vma_flags());
        Self {
            site,
            range,
            flags,
            call,
            mm,
        }
    }

    /// Calls the engine for this change. Returns the VMA that covers the part now, and the flags for that VMA.
    pub(super) fn merge_or_split(
        self,
        change: &impl RangeChange<'c>,
    ) -> Result<(Modified<'i, 'g>, VmaFlags), Obstacle> {
        let modified = self.call.make(self.site, self.range, self.mm);
        let modified = modified.map_err(|error| change.failed(error))?;
        let flags = modified.flags(self.flags);
        Ok((modified, flags))
    }
}

/// A helper of the engine, and its arguments.
#[derive(Clone, Copy)]
pub(super) enum HelperCall<'c> {
    /// `vma_modify_flags()`
    Flags(VmaFlags),
    /// `vma_modify_flags_name()`
    FlagsName(VmaFlags, Name<'c>),
    /// `vma_modify_policy()`
    Policy(Policy<'c>),
    /// `vma_modify_flags_uffd()`
    FlagsUserfaultfd(VmaFlags, UserfaultfdContext, IfNoMemory),
}

impl<'c> HelperCall<'c> {
    /// Returns the attributes that the part will have.
    pub(super) fn change(self) -> Change<Policy<'c>, Name<'c>, UserfaultfdContext> {
        let mut change = Change {
            flags: self.flags(),
            ..Change::default()
        };
        match self {
            Self::Flags(_) => {}
            Self::FlagsName(_, name) => change.name = Some(name),
            Self::Policy(policy) => change.policy = Some(policy),
            Self::FlagsUserfaultfd(_, context, _) => change.userfaultfd_context = Some(context),
        }
        change
    }

    /// Returns the flags that the part will have, or `None` if its flags do not change.
    pub(super) fn flags(self) -> Option<VmaFlags> {
        match self {
            Self::Flags(flags)
            | Self::FlagsName(flags, _)
            | Self::FlagsUserfaultfd(flags, _, _) => Some(flags),
            Self::Policy(_) => None,
        }
    }

    /// Calls the helper for `part` of the VMA at `site`, and reports the call.
    pub(super) fn make<'i, 'g>(
        self,
        site: Site<'i, 'g>,
        part: Range,
        mm: WriteLockedMm<'g>,
    ) -> Result<Modified<'i, 'g>, ModifyError> {
        let (call, modified) = self.perform(site, part);
        let memory = || TracedMemory::part(mm, self.flags());
        report::modified(call, part, &modified, memory);
        modified
    }

    /// Calls the helper like [`make`](Self::make), but leaves out the VMA below.
    pub(super) fn make_upwards<'i, 'g>(
        self,
        site: Site<'i, 'g>,
        part: Range,
        mm: WriteLockedMm<'g>,
    ) -> Result<Modified<'i, 'g>, ModifyError> {
        let (call, modified) = self.perform(site.without_prev(), part);
        let memory = || TracedMemory::part(mm, self.flags());
        report::modified_without_prev(call, part, &modified, memory);
        modified
    }

    /// Calls the helper, and returns the description of the call for the report, and the result.
    fn perform<'i, 'g>(
        self,
        site: Site<'i, 'g>,
        part: Range,
    ) -> (Call, Result<Modified<'i, 'g>, ModifyError>) {
        let (helper, if_no_memory) = match self {
            Self::Flags(_) => (Helper::ModifyFlags, IfNoMemory::Fail),
            Self::FlagsName(..) => (Helper::ModifyFlagsName, IfNoMemory::Fail),
            Self::Policy(_) => (Helper::ModifyPolicy, IfNoMemory::Fail),
            Self::FlagsUserfaultfd(_, _, if_no_memory) => (Helper::ModifyFlagsUffd, if_no_memory),
        };
        // Each helper is this call with a different change. Calling each helper by name would compile four copies.
        let modified = vma_modify(site, part, &self.change(), if_no_memory);
        (helper.by_ctl(), modified)
    }
}
