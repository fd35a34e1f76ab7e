// SPDX-License-Identifier: GPL-2.0

//! A VMA as changes would leave it, for the decisions about those above it.

use crate::vma::{
    change::Change,
    compat::{
        Attributes,
        Candidate, //
    },
    extent::Extent,
    flags::VmaFlags,
    plan::{
        Decision,
        Shape, //
    },
    sys::{
        Name,
        Policy,
        UserfaultfdContext,
        VmaRef, //
    },
};

/// The place of a VMA, and those of its attributes that a change may reach, without its policy and name.
#[derive(Clone, Copy)]
pub(super) struct VmaState {
    pub(super) extent: Extent,
    pub(super) flags: VmaFlags,
    anon_vma: Option<<VmaRef as Attributes>::AnonVma>,
    has_forked_anon_vma: bool,
    userfaultfd_context: UserfaultfdContext,
}

impl VmaState {
    /// Returns the state in which a change leaves the VMA that covers the candidate, if it is carried out as
    /// decided.
    ///
    /// Answers to `commit_merge()` for a VMA that grows, and to the callers of `vma_modify()` for others.
    pub(super) fn after(
        candidate: &Candidate<'_, ImaginedVma<'_>>,
        decision: &Decision,
        prev: Option<&ImaginedVma<'_>>,
        middle: &ImaginedVma<'_>,
        next: Option<&ImaginedVma<'_>>,
    ) -> Self {
        let alone = Self {
            extent: candidate.extent,
            flags: candidate.flags,
            userfaultfd_context: candidate.userfaultfd_context,
            ..middle.state
        };
        let Decision::Merge(plan) = decision else {
            return alone;
        };
        let grown = if plan.shape.grows_prev() { prev } else { next };
        let Some(grown) = grown.map(|vma| vma.state) else {
            return alone;
        };
        // A VMA without an anon_vma gets one from those that it takes over.
        let taken = next.filter(|_| plan.shape == Shape::Both);
        let family = match taken.map(|vma| vma.state) {
            _ if grown.anon_vma.is_some() => grown,
            Some(next) if next.anon_vma.is_some() => next,
            _ => middle.state,
        };
        // The sticky flags of the parts are left out: no rule and no verb looks at them.
        Self {
            extent: plan.grown,
            anon_vma: family.anon_vma,
            has_forked_anon_vma: family.has_forked_anon_vma,
            ..grown
        }
    }
}

/// A VMA as it is, or as changes would leave it.
pub(super) struct ImaginedVma<'v> {
    /// The VMA to ask about everything that no change reaches.
    vma: &'v VmaRef,
    state: VmaState,
    policy: Policy<'v>,
    name: Name<'v>,
}

impl<'v> ImaginedVma<'v> {
    /// Returns a VMA as it is.
    pub(super) fn of(vma: &'v VmaRef) -> Self {
        let state = VmaState {
            extent: vma.extent(),
            flags: vma.vma_flags(),
            anon_vma: vma.anon_vma(),
            has_forked_anon_vma: vma.has_forked_anon_vma(),
            userfaultfd_context: vma.userfaultfd_context(),
        };
        Self::changed(vma, state, &Change::default())
    }

    /// Returns the VMA that the last change of a range has left in `state`. `vma` is its uppermost part as
    /// things are; `change` is that of the whole range.
    pub(super) fn changed(
        vma: &'v VmaRef,
        state: VmaState,
        change: &Change<Policy<'v>, Name<'v>, UserfaultfdContext>,
    ) -> Self {
        Self {
            vma,
            state,
            policy: change.policy.unwrap_or(vma.policy()),
            name: change.name.unwrap_or(vma.name()),
        }
    }
}

impl<'v> Attributes for ImaginedVma<'v> {
    type File = <VmaRef as Attributes>::File;
    type AnonVma = <VmaRef as Attributes>::AnonVma;
    type UserfaultfdContext = UserfaultfdContext;
    type Policy<'a>
        = Policy<'a>
    where
        Self: 'a;
    type Name<'a>
        = Name<'a>
    where
        Self: 'a;

    fn extent(&self) -> Extent {
        self.state.extent
    }

    fn vma_flags(&self) -> VmaFlags {
        self.state.flags
    }

    fn file(&self) -> Option<Self::File> {
        self.vma.file()
    }

    fn anon_vma(&self) -> Option<Self::AnonVma> {
        self.state.anon_vma
    }

    fn has_forked_anon_vma(&self) -> bool {
        self.state.has_forked_anon_vma
    }

    fn policy(&self) -> Policy<'_> {
        self.policy
    }

    fn has_policy_like<'a>(&self, policy: &Policy<'a>) -> bool
    where
        Self: 'a,
    {
        self.policy.is_like(policy)
    }

    fn userfaultfd_context(&self) -> UserfaultfdContext {
        self.state.userfaultfd_context
    }

    fn name(&self) -> Name<'_> {
        self.name
    }

    fn has_name_like<'a>(&self, name: &Name<'a>) -> bool
    where
        Self: 'a,
    {
        self.name.is_like(name)
    }

    fn loses_userfaultfd_when_moved(&self) -> bool {
        self.vma.loses_userfaultfd_when_moved()
    }

    fn must_not_disappear(&self) -> bool {
        self.vma.must_not_disappear()
    }
}
