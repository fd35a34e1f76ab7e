// SPDX-License-Identifier: GPL-2.0

//! The verb `policy`: says on which nodes memory is to be placed, as `mbind()` does. Pages that are
//! there already stay where they are, as with `mbind()` without `MPOL_MF_MOVE`.

use super::{
    failure::{
        Failure,
        Obstacle, //
    },
    range::{
        Holes,
        RangeChange, //
    },
};
use crate::{
    debugfs::command::Placement,
    process::sys::policy::{
        replace_policy,
        Mode,
        OwnedPolicy, //
    },
    report::{
        self,
        Helper, //
    },
    vma::{
        compat::Attributes,
        extent::Range,
        modify::{
            vma_modify_policy,
            Change,
            Modified, //
        },
        sys::{
            Site,
            VmaRef, //
        },
    },
};
use kernel::error::code::EFAULT;

/// Gives this policy.
pub(super) struct NewPolicy {
    policy: OwnedPolicy,
    mode: Mode,
}

impl NewPolicy {
    pub(super) fn new(placement: Placement) -> Result<Self, Failure> {
        let policy = OwnedPolicy::new(placement.mode, placement.nodes).map_err(Failure::Policy)?;
        Ok(Self {
            policy,
            mode: placement.mode,
        })
    }
}

impl RangeChange for NewPolicy {
    type Wanted = ();

    fn holes(&self) -> Holes {
        match self.mode {
            Mode::Default => Holes::Skipped(EFAULT),
            Mode::Bind | Mode::Preferred | Mode::Interleave => Holes::Forbidden(EFAULT),
        }
    }

    fn want(&self, vma: &VmaRef, _part: Range) -> Result<Option<()>, Obstacle> {
        let placed = vma.has_policy_like(&self.policy.as_policy());
        Ok((!placed).then_some(()))
    }

    fn as_change(&self, _wanted: &()) -> Change<'_> {
        Change {
            policy: Some(self.policy.as_policy()),
            ..Change::default()
        }
    }

    fn change<'i>(
        &self,
        site: Site<'i, '_>,
        part: Range,
        _wanted: (),
    ) -> Result<Modified<'i>, Obstacle> {
        let modified = vma_modify_policy(site, part, self.policy.as_policy());
        report::modified(Helper::ModifyPolicy, part, &modified);
        let mut modified = modified?;
        replace_policy(&mut modified.vma, &self.policy).map_err(Obstacle::Policy)?;
        Ok(modified)
    }
}
