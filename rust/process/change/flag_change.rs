// SPDX-License-Identifier: GPL-2.0

//! Changes to advice flags.

use crate::vma::flags::{
    self,
    VmaFlags, //
};

/// A change to flags: some are set, some are cleared, and all others keep their values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FlagChange {
    set: VmaFlags,
    clear: VmaFlags,
    named: VmaFlags,
}

impl FlagChange {
    /// The empty change.
    pub(crate) const NONE: Self = Self {
        set: VmaFlags::EMPTY,
        clear: VmaFlags::EMPTY,
        named: VmaFlags::EMPTY,
    };

    /// Returns the flags after the change.
    pub(crate) fn apply(&self, flags: VmaFlags) -> VmaFlags {
        flags.without(self.clear).union(self.set)
    }

    /// Returns whether the command clears one of these flags by name.
    pub(crate) fn clears(&self, flags: VmaFlags) -> bool {
        self.named.without(self.set).intersects(flags)
    }

    /// Adds another change, `+name` or `-name`.
    ///
    /// Each word does what `madvise()` does: `+seq` also clears `rand`, and `+rand` clears `seq`.
    pub(crate) fn and(self, word: &str) -> Result<Self, BadFlagChange> {
        let (flag, excluded) = match word.strip_prefix(['+', '-']) {
            Some("dontfork") => (flags::DONTCOPY, VmaFlags::EMPTY),
            Some("dontdump") => (flags::DONTDUMP, VmaFlags::EMPTY),
            Some("seq") => (flags::SEQ_READ, flags::RAND_READ),
            Some("rand") => (flags::RAND_READ, flags::SEQ_READ),
            _ => return Err(BadFlagChange::Unknown),
        };
        let named = self.named.union(flag);

        let change = if word.starts_with('+') {
            if self.set.intersects(excluded) {
                return Err(BadFlagChange::Contradiction);
            }
            Self {
                set: self.set.union(flag),
                clear: self.clear.union(excluded),
                named,
            }
        } else {
            Self {
                set: self.set,
                clear: self.clear.union(flag),
                named,
            }
        };
        if self.named.intersects(flag) {
            return Err(BadFlagChange::Contradiction);
        }
        Ok(change)
    }
}

/// The reason why a word cannot be added to a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BadFlagChange {
    /// No flag has this name.
    Unknown,
    /// The word contradicts or repeats another word.
    Contradiction,
}
