// SPDX-License-Identifier: GPL-2.0

//! A VMA as changes would leave it.

use super::{
    new::extent_of_new,
    subject::Subject, //
};
use crate::process::sys::{
    is_anonymous,
    userfaultfd::all_flags, //
};
use crate::vma::{
    change::Change,
    compat::Attributes,
    extent::{
        Extent,
        Range, //
    },
    flags::VmaFlags,
    sys::{
        Name,
        Policy,
        UserfaultfdContext,
        VmaRef, //
    },
};

/// A VMA as it is, or as changes would leave it.
#[derive(Clone, Copy)]
pub(super) struct ImaginedVma<'s> {
    /// The real VMA, which provides all properties that no change alters, or `None` if a change has mapped the VMA.
    real: Option<&'s VmaRef>,
    extent: Extent,
    flags: VmaFlags,
    anon_vma: Option<<VmaRef as Attributes>::AnonVma>,
    has_forked_anon_vma: bool,
    userfaultfd_context: UserfaultfdContext,
    loses_userfaultfd_when_moved: bool,
    policy: Policy<'s>,
    name: Name<'s>,
}

impl<'s> ImaginedVma<'s> {
    /// Returns an unchanged VMA.
    pub(super) fn of(vma: &'s VmaRef) -> Self {
        Self {
            real: Some(vma),
            extent: vma.extent(),
            flags: vma.vma_flags(),
            anon_vma: vma.anon_vma(),
            has_forked_anon_vma: vma.has_forked_anon_vma(),
            userfaultfd_context: vma.userfaultfd_context(),
            loses_userfaultfd_when_moved: vma.loses_userfaultfd_when_moved(),
            policy: vma.policy(),
            name: vma.name(),
        }
    }

    /// Returns newly mapped private anonymous memory.
    pub(super) fn mapped(range: Range, flags: VmaFlags) -> Self {
        Self {
            real: None,
            extent: extent_of_new(range),
            flags,
            anon_vma: None,
            has_forked_anon_vma: false,
            userfaultfd_context: UserfaultfdContext::NONE,
            loses_userfaultfd_when_moved: false,
            policy: Policy::none(),
            name: Name::none(),
        }
    }

    /// Returns the extent of a copy of `part` at `target`. Answers to the first steps of `copy_vma()`.
    pub(super) fn copied_to(&self, part: Range, target: Range) -> Extent {
        let copy = Extent {
            range: target,
            ..self.extent.seen_through(part)
        };
        // Without anonymous pages, the copy has the offsets of memory that is newly mapped at `target`.
        let new = extent_of_new(target);
        if self.anon_vma.is_some() {
            copy
        } else if self.real.is_none_or(is_anonymous) {
            new
        } else {
            Extent {
                anon_pgoff: new.anon_pgoff,
                ..copy
            }
        }
    }

    /// Returns the VMA after a move. If its userfaultfd does not follow moves, the VMA is no longer registered.
    pub(super) fn moved(self) -> Self {
        if !self.loses_userfaultfd_when_moved {
            return self;
        }
        Self {
            flags: self.flags.without(all_flags()),
            userfaultfd_context: UserfaultfdContext::NONE,
            loses_userfaultfd_when_moved: false,
            ..self
        }
    }

    /// Returns the VMA, or a part of it, with another extent.
    pub(super) fn at(self, extent: Extent) -> Self {
        Self { extent, ..self }
    }

    /// Returns the VMA after a change. `loses_what_moves` is the new value of `loses_userfaultfd_when_moved` if the
    /// change registers the VMA with a different userfaultfd.
    pub(super) fn changed(
        self,
        change: &Change<Policy<'s>, Name<'s>, UserfaultfdContext>,
        loses_what_moves: bool,
    ) -> Self {
        let context = change
            .userfaultfd_context
            .unwrap_or(self.userfaultfd_context);
        Self {
            flags: change.flags_of(&self),
            policy: change.policy.unwrap_or(self.policy),
            name: change.name.unwrap_or(self.name),
            userfaultfd_context: context,
            loses_userfaultfd_when_moved: if context == self.userfaultfd_context {
                self.loses_userfaultfd_when_moved
            } else {
                loses_what_moves
            },
            ..self
        }
    }

    /// Returns the VMA after it has merged with the VMAs `taken`. If it has no anon_vma, it gets the first anon_vma
    /// among them.
    ///
    /// The sticky flags of `taken` are left out, because no rule and no verb reads them. Answers to `dup_anon_vma()`.
    pub(super) fn with_family_of(self, taken: [Option<Self>; 2]) -> Self {
        let mut members = [Some(self)].into_iter().chain(taken).flatten();
        let family = members.find(|vma| vma.anon_vma.is_some());
        let family = family.unwrap_or(self);
        Self {
            anon_vma: family.anon_vma,
            has_forked_anon_vma: family.has_forked_anon_vma,
            ..self
        }
    }
}

impl Subject for ImaginedVma<'_> {
    fn real(&self) -> Option<&VmaRef> {
        self.real
    }

    fn is_placed_like(&self, policy: &Policy<'_>) -> bool {
        self.policy.is_like(policy)
    }

    fn is_named_like(&self, name: &Name<'_>) -> bool {
        self.name.is_like(name)
    }
}

impl<'s> Attributes for ImaginedVma<'s> {
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
        self.extent
    }

    fn vma_flags(&self) -> VmaFlags {
        self.flags
    }

    fn file(&self) -> Option<Self::File> {
        self.real.and_then(Attributes::file)
    }

    fn anon_vma(&self) -> Option<Self::AnonVma> {
        self.anon_vma
    }

    fn has_forked_anon_vma(&self) -> bool {
        self.has_forked_anon_vma
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
        self.userfaultfd_context
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
        self.loses_userfaultfd_when_moved
    }

    fn must_not_disappear(&self) -> bool {
        self.real.is_some_and(Attributes::must_not_disappear)
    }
}
