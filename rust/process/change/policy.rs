// SPDX-License-Identifier: GPL-2.0

//! The verb `policy`: gives memory a NUMA policy, as `mbind()` does. Pages that are present stay on their nodes, as
//! with `mbind()` without `MPOL_MF_MOVE`.

use super::{
    failure::{
        Failure,
        Obstacle, //
    },
    range_change::{
        HelperCall,
        Holes,
        Part,
        RangeChange, //
    },
    subject::Subject, //
};
use crate::{
    process::sys::policy::{
        replace_policy,
        Mode,
        OwnedPolicy, //
    },
    vma::{
        extent::Range,
        modify::Modified, //
    },
};
use kernel::error::code::{
    EFAULT,
    EINVAL, //
};

/// A NUMA policy as a command describes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PolicySpec {
    /// The way in which the policy places memory.
    pub(crate) mode: Mode,
    /// The nodes, one bit each.
    pub(crate) nodes: usize,
}

/// A change that gives VMAs this policy.
pub(super) struct NewPolicy<'c> {
    pub(super) policy: &'c OwnedPolicy,
    pub(super) mode: Mode,
}

/// Creates the policy that a command describes.
pub(super) fn make_policy(spec: PolicySpec) -> Result<OwnedPolicy, Failure> {
    OwnedPolicy::new(spec.mode, spec.nodes).map_err(|errno| match errno {
        EINVAL => Failure::NoSuchPolicy,
        _ => Failure::PolicyNotMade(errno),
    })
}

impl<'c> RangeChange<'c> for NewPolicy<'c> {
    fn holes(&self) -> Holes {
        match self.mode {
            Mode::Default => Holes::Skipped(EFAULT),
            Mode::Bind | Mode::Preferred | Mode::Interleave => Holes::Forbidden(EFAULT),
        }
    }

    fn want(&self, vma: &impl Subject, _part: Range) -> Result<Option<HelperCall<'c>>, Obstacle> {
        let policy = self.policy.as_policy();
        Ok((!vma.is_placed_like(&policy)).then_some(HelperCall::Policy(policy)))
    }

    fn carry_out<'i, 'g>(&self, part: Part<'i, 'g, '_>) -> Result<Modified<'i, 'g>, Obstacle> {
        let (mut modified, _) = part.merge_or_split(self)?;
        replace_policy(&mut modified.vma, self.policy).map_err(Obstacle::Policy)?;
        Ok(modified)
    }
}
