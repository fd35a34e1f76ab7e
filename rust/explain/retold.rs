// SPDX-License-Identifier: GPL-2.0

//! A VMA with a different end.

use crate::vma::{
    compat::Attributes,
    extent::{
        Extent,
        Range, //
    },
    flags::VmaFlags, //
};

/// A VMA that is treated as if it ended elsewhere.
pub(super) struct Retold<'a, V> {
    vma: &'a V,
    extent: Extent,
}

impl<'a, V: Attributes> Retold<'a, V> {
    /// Returns the VMA unchanged.
    pub(super) fn as_it_is(vma: &'a V) -> Self {
        let extent = vma.extent();
        Self { vma, extent }
    }

    /// Returns the VMA as if it ended at `end`, an address in bytes above its actual end.
    pub(super) fn reaching_up_to(vma: &'a V, end: usize) -> Self {
        let extent = vma.extent();
        let range = Range::new(extent.range.start(), end).unwrap_or(extent.range);
        Self {
            vma,
            extent: Extent { range, ..extent },
        }
    }
}

impl<V: Attributes> Attributes for Retold<'_, V> {
    type File = V::File;
    type AnonVma = V::AnonVma;
    type UserfaultfdContext = V::UserfaultfdContext;
    type Policy<'a>
        = V::Policy<'a>
    where
        Self: 'a;
    type Name<'a>
        = V::Name<'a>
    where
        Self: 'a;

    fn extent(&self) -> Extent {
        self.extent
    }

    fn vma_flags(&self) -> VmaFlags {
        self.vma.vma_flags()
    }

    fn file(&self) -> Option<Self::File> {
        self.vma.file()
    }

    fn anon_vma(&self) -> Option<Self::AnonVma> {
        self.vma.anon_vma()
    }

    fn has_forked_anon_vma(&self) -> bool {
        self.vma.has_forked_anon_vma()
    }

    fn policy(&self) -> Self::Policy<'_> {
        self.vma.policy()
    }

    fn has_policy_like<'a>(&self, policy: &Self::Policy<'a>) -> bool
    where
        Self: 'a,
    {
        self.vma.has_policy_like(policy)
    }

    fn userfaultfd_context(&self) -> Self::UserfaultfdContext {
        self.vma.userfaultfd_context()
    }

    fn name(&self) -> Self::Name<'_> {
        self.vma.name()
    }

    fn has_name_like<'a>(&self, name: &Self::Name<'a>) -> bool
    where
        Self: 'a,
    {
        self.vma.has_name_like(name)
    }

    fn loses_userfaultfd_when_moved(&self) -> bool {
        self.vma.loses_userfaultfd_when_moved()
    }

    fn must_not_disappear(&self) -> bool {
        self.vma.must_not_disappear()
    }
}
