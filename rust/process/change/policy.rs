// SPDX-License-Identifier: GPL-2.0

//! The verb `policy`: gives memory a NUMA policy, as `mbind()` does. Pages that are present stay on their nodes,
//! as with `mbind()` without `MPOL_MF_MOVE`.

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
};
use crate::{
    process::sys::policy::{
        replace_policy,
        Mode,
        OwnedPolicy, //
    },
    vma::{
        compat::Attributes,
        extent::Range,
        modify::Modified,
        sys::VmaRef, //
    },
};
use kernel::error::code::{
    EFAULT,
    EINVAL, //
};

/// A NUMA policy, as a command describes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PolicySpec {
    /// The way in which memory is placed.
    pub(crate) mode: Mode,
    /// The nodes, one bit each.
    pub(crate) nodes: usize,
}

/// Gives this policy.
pub(super) struct NewPolicy {
    policy: OwnedPolicy,
    mode: Mode,
}

impl NewPolicy {
    /// Makes the policy.
    pub(super) fn new(spec: PolicySpec) -> Result<Self, Failure> {
        let policy = OwnedPolicy::new(spec.mode, spec.nodes).map_err(|errno| match errno {
            EINVAL => Failure::NoSuchPolicy,
            _ => Failure::PolicyNotMade(errno),
        })?;
        Ok(Self {
            policy,
            mode: spec.mode,
        })
    }
}

impl RangeChange for NewPolicy {
    fn holes(&self) -> Holes {
        match self.mode {
            Mode::Default => Holes::Skipped(EFAULT),
            Mode::Bind | Mode::Preferred | Mode::Interleave => Holes::Forbidden(EFAULT),
        }
    }

    fn want(&self, vma: &VmaRef, _part: Range) -> Result<Option<HelperCall<'_>>, Obstacle> {
        let policy = self.policy.as_policy();
        Ok((!vma.has_policy_like(&policy)).then_some(HelperCall::Policy(policy)))
    }

    fn carry_out<'i, 'g>(&self, part: Part<'i, 'g, '_>) -> Result<Modified<'i, 'g>, Obstacle> {
        let (mut modified, _) = part.merge_or_split(self)?;
        replace_policy(&mut modified.vma, &self.policy).map_err(Obstacle::Policy)?;
        Ok(modified)
    }
}
