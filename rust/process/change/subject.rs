// SPDX-License-Identifier: GPL-2.0

//! The VMAs that verbs look at: real ones, and those of an imagined address space.

use crate::vma::{
    compat::Attributes,
    sys::{
        Name,
        Policy,
        UserfaultfdContext,
        VmaRef, //
    },
};

/// A VMA that a verb looks at.
pub(super) trait Subject: Attributes<UserfaultfdContext = UserfaultfdContext> {
    /// Returns the VMA to ask C about that which no verb alters: its file, its driver, its kind of memory. Private
    /// anonymous memory that is only imagined has none.
    fn real(&self) -> Option<&VmaRef>;

    /// Whether its policy places memory as `policy` does.
    fn is_placed_like(&self, policy: &Policy<'_>) -> bool;

    /// Whether its name reads as `name` does.
    fn is_named_like(&self, name: &Name<'_>) -> bool;
}

impl Subject for VmaRef {
    fn real(&self) -> Option<&VmaRef> {
        Some(self)
    }

    fn is_placed_like(&self, policy: &Policy<'_>) -> bool {
        self.policy().is_like(policy)
    }

    fn is_named_like(&self, name: &Name<'_>) -> bool {
        self.name().is_like(name)
    }
}
