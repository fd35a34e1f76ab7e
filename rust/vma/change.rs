// SPDX-License-Identifier: GPL-2.0

//! What is to change about a range.

use super::{
    compat::{
        Attributes,
        Candidate,
        Source, //
    },
    extent::Range,
    flags::VmaFlags, //
};

/// What is to change about a range. What is not named stays as it is.
///
/// Nothing of it is changed here: that is for the caller, who has to do what it implies.
///
/// `Policy`, `Name` and `Context` are those of the kind of VMA that changes.
pub(crate) struct Change<Policy, Name, Context> {
    /// The flags it will have.
    pub(crate) flags: Option<VmaFlags>,
    /// The NUMA policy it will have.
    pub(crate) policy: Option<Policy>,
    /// The name it will have.
    pub(crate) name: Option<Name>,
    /// The userfaultfd context it will have.
    pub(crate) userfaultfd_context: Option<Context>,
}

impl<Policy, Name, Context> Default for Change<Policy, Name, Context> {
    fn default() -> Self {
        Self {
            flags: None,
            policy: None,
            name: None,
            userfaultfd_context: None,
        }
    }
}

impl<Policy: Copy, Name: Copy, Context: Copy> Change<Policy, Name, Context> {
    /// The part `range` of `middle`, changed.
    #[inline(always)]
    pub(crate) fn of<'m, V>(&self, middle: &'m V, range: Range) -> Candidate<'m, V>
    where
        V: Attributes<Policy<'m> = Policy, Name<'m> = Name, UserfaultfdContext = Context>,
    {
        let extent = middle.extent().seen_through(range);
        Candidate {
            flags: self.flags_of(middle),
            policy: self.policy.unwrap_or(middle.policy()),
            userfaultfd_context: self
                .userfaultfd_context
                .unwrap_or(middle.userfaultfd_context()),
            name: self.name.unwrap_or(middle.name()),
            ..Candidate::like(middle, extent, Source::Leaving(middle))
        }
    }

    /// The flags that a part of `middle` will have.
    #[inline(always)]
    pub(crate) fn flags_of(&self, middle: &impl Attributes) -> VmaFlags {
        match self.flags {
            Some(flags) => flags,
            None => middle.vma_flags(),
        }
    }
}
