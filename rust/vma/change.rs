// SPDX-License-Identifier: GPL-2.0

//! A change to the attributes of a range.

use super::{
    compat::{
        Attributes,
        Candidate,
        Source, //
    },
    extent::Range,
    flags::VmaFlags, //
};

/// The attributes of a range that are to change. An attribute that is `None` stays as it is.
///
/// A `Change` changes nothing by itself. The caller applies the change and handles its consequences.
///
/// `Policy`, `Name` and `Context` are the [`Attributes`] types of the VMA that changes.
pub(crate) struct Change<Policy, Name, Context> {
    /// The new flags.
    pub(crate) flags: Option<VmaFlags>,
    /// The new NUMA policy.
    pub(crate) policy: Option<Policy>,
    /// The new name.
    pub(crate) name: Option<Name>,
    /// The new userfaultfd context.
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
    /// Returns the part `range` of `middle` as it will be after the change.
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

    /// Returns the flags that a part of `middle` will have after the change.
    #[inline(always)]
    pub(crate) fn flags_of(&self, middle: &impl Attributes) -> VmaFlags {
        match self.flags {
            Some(flags) => flags,
            None => middle.vma_flags(),
        }
    }
}
