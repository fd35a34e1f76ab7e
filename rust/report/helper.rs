// SPDX-License-Identifier: GPL-2.0

//! The helpers of the engine, and their callers.

use crate::vocabulary::vocabulary;
use core::ffi::CStr;

/// All that is said of a helper.
struct SaidOfHelper {
    /// The name that C has for it.
    name: &'static CStr,
}

vocabulary! {
    /// A helper of the engine: those of the kernel's hook by their numbers there, then the one that
    /// Linux 7.3 has split.
    pub(crate) enum Helper: SaidOfHelper {
        /// `vma_modify_flags()`.
        ModifyFlags { name: c"vma_modify_flags" },
        /// `vma_modify_name()`.
        ModifyName { name: c"vma_modify_name" },
        /// `vma_modify_policy()`.
        ModifyPolicy { name: c"vma_modify_policy" },
        /// `vma_modify_flags_uffd()`.
        ModifyFlagsUffd { name: c"vma_modify_flags_uffd" },
        /// `vma_merge_new_range()`.
        MergeNewRange { name: c"vma_merge_new_range" },
        /// `vma_merge_copied_range()`.
        MergeCopiedRange { name: c"vma_merge_copied_range" },
        /// `vma_merge_extend()`.
        MergeExtend { name: c"vma_merge_extend" },
        /// `split_vma()`.
        Split { name: c"split_vma" },
        /// `__split_vma()`.
        SplitPastLimit { name: c"__split_vma" },
        /// `vma_expand()`.
        Expand { name: c"vma_expand" },
        /// `vma_shrink()`.
        Shrink { name: c"vma_shrink" },
        /// `vma_modify_flags_name()` of Linux 6.7.
        ModifyFlagsName { name: c"vma_modify_flags_name" },
    }
}

impl Helper {
    /// The helpers that the kernel's hook has, by their numbers there.
    pub(crate) const HOOKED: [Self; Self::ModifyFlagsName as usize] = {
        let mut hooked = [Self::ModifyFlags; Self::ModifyFlagsName as usize];
        let mut number = 0;
        while number < hooked.len() {
            hooked[number] = Self::ALL[number];
            number += 1;
        }
        hooked
    };

    /// Returns the name that C has for it.
    pub(crate) const fn name(self) -> &'static CStr {
        self.said().name
    }

    /// The kernel's call of this helper, through the hook.
    pub(crate) const fn by_kernel(self) -> Call {
        Call {
            helper: self,
            caller: Caller::Kernel,
        }
    }

    /// The call of this helper for a command written to `ctl`.
    pub(crate) const fn by_ctl(self) -> Call {
        Call {
            helper: self,
            caller: Caller::Ctl,
        }
    }
}

/// A caller of the engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Caller {
    /// The kernel's own code, through the hook.
    Kernel,
    /// A command written to `ctl`.
    Ctl,
}

impl Caller {
    /// All callers.
    pub(crate) const ALL: [Self; 2] = [Self::Kernel, Self::Ctl];
}

/// A call of a helper, which is counted by helper and caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Call {
    /// The helper.
    pub(crate) helper: Helper,
    /// Its caller.
    pub(crate) caller: Caller,
}

impl Call {
    /// How many kinds of calls there are.
    pub(crate) const COUNT: usize = Caller::ALL.len() * Helper::COUNT;

    /// The number of this kind of call.
    pub(crate) const fn index(self) -> usize {
        self.caller as usize * Helper::COUNT + self.helper as usize
    }
}
