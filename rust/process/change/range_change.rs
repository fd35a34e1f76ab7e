// SPDX-License-Identifier: GPL-2.0

//! A change of the VMAs of a range, described once: what it looks at, in which order, what the engine is
//! asked for, and what is done afterwards.
//!
//! `ctl` carries the description out; `plan` asks it the same questions and carries nothing out.

use super::failure::Obstacle;
use crate::{
    report::{
        self,
        helper::Helper, //
    },
    vma::{
        change::Change,
        extent::Range,
        flags::VmaFlags,
        merge::IfNoMemory,
        modify::{
            vma_modify_flags,
            vma_modify_flags_name,
            vma_modify_flags_uffd,
            vma_modify_policy,
            Modified,
            ModifyError, //
        },
        sys::{
            Error,
            Name,
            Policy,
            Site,
            UserfaultfdContext,
            Vma,
            VmaRef, //
        },
    },
};

/// A change that can be made to each VMA of a range, or to the part of it that lies in the range.
///
/// For a range, [`check`](Self::check) is called for all VMAs, in order; then, for one part after the other,
/// [`want`](Self::want), [`make_ready`](Self::make_ready), the engine, [`finish`](Self::finish) and
/// [`count`](Self::count). `plan` leaves out `make_ready` and `finish`, which change something.
pub(super) trait RangeChange {
    /// Holds what `make_ready` has found and set aside for `finish`.
    type Ready;

    /// Returns how holes in the range are treated.
    fn holes(&self) -> Holes;

    /// Finds out whether anything forbids the change of a part of this VMA. It is asked of all VMAs before
    /// the first is changed.
    fn check(&self, _vma: &VmaRef, _part: Range) -> Result<(), Obstacle> {
        Ok(())
    }

    /// Returns what the engine has to be asked for, so that a part of this VMA may be changed; nothing, if
    /// it is so already.
    fn want(&self, vma: &VmaRef, part: Range) -> Result<Option<Ask<'_>>, Obstacle>;

    /// Does what comes before the engine is asked. The part will have these flags.
    ///
    /// This, and the engine, may still refuse: the driver, what may be promised, and memory are asked here.
    fn make_ready(
        &self,
        site: &mut Site<'_, '_>,
        part: Range,
        flags: VmaFlags,
    ) -> Result<Self::Ready, Obstacle>;

    /// Returns what it means that the engine could not do what it was asked for.
    fn unready(&self, error: ModifyError) -> Obstacle {
        Obstacle::Modify(error)
    }

    /// Makes the change in `part`, which this VMA covers now, and which has these flags then.
    fn finish(
        &self,
        part: Range,
        ready: Self::Ready,
        vma: &mut Vma<'_>,
        flags: VmaFlags,
    ) -> Result<(), Obstacle>;

    /// Keeps in mind that `part` had the flags `before`, and has `after`, for the parts that follow.
    fn count(&self, _part: Range, _before: VmaFlags, _after: VmaFlags) {}
}

/// The treatment of holes in a range.
#[derive(Clone, Copy)]
pub(super) enum Holes {
    /// The whole range has to be mapped. If it is not, nothing is done but to fail with this errno.
    Forbidden(Error),
    /// They are skipped. Only if nothing at all is mapped, the command fails with this errno.
    Skipped(Error),
}

/// A request to the engine about a part of a VMA: a helper, and what it is called with.
#[derive(Clone, Copy)]
pub(super) enum Ask<'c> {
    /// `vma_modify_flags()`
    Flags(VmaFlags),
    /// `vma_modify_flags_name()`
    FlagsName(VmaFlags, Name<'c>),
    /// `vma_modify_policy()`
    Policy(Policy<'c>),
    /// `vma_modify_flags_uffd()`
    FlagsUserfaultfd(VmaFlags, UserfaultfdContext, IfNoMemory),
}

impl<'c> Ask<'c> {
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

    /// Returns the flags that the part will have, if they may change.
    pub(super) fn flags(self) -> Option<VmaFlags> {
        match self {
            Self::Flags(flags)
            | Self::FlagsName(flags, _)
            | Self::FlagsUserfaultfd(flags, _, _) => Some(flags),
            Self::Policy(_) => None,
        }
    }

    /// Asks the engine to make `part` ready.
    pub(super) fn of_engine<'i>(
        self,
        site: Site<'i, '_>,
        part: Range,
    ) -> Result<Modified<'i>, ModifyError> {
        let (helper, modified) = match self {
            Self::Flags(flags) => (Helper::ModifyFlags, vma_modify_flags(site, part, flags)),
            Self::FlagsName(flags, name) => (
                Helper::ModifyFlagsName,
                vma_modify_flags_name(site, part, flags, name),
            ),
            Self::Policy(policy) => (
                Helper::ModifyPolicy,
                vma_modify_policy(site, part, policy), //
            ),
            Self::FlagsUserfaultfd(flags, context, if_no_memory) => (
                Helper::ModifyFlagsUffd,
                vma_modify_flags_uffd(site, part, flags, context, if_no_memory),
            ),
        };
        report::modified(helper.by_ctl(), part, &modified);
        modified
    }
}
