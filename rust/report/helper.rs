// SPDX-License-Identifier: GPL-2.0

//! The helpers of the engine, and their callers.

use crate::{
    vma::sys::bindings::{
        self,
        vma_hook_helper, //
    },
    vocabulary::{
        label,
        vocabulary,
        Label, //
    },
};
use core::ffi::CStr;

/// The table row of a helper.
struct SaidOfHelper {
    /// The name of the helper in C.
    name: Label,
    /// The number of the helper in the kernel's hook; `None` if it is not hooked.
    number: Option<vma_hook_helper>,
    /// Whether the helper fails if it has to split and the process has `vm.max_map_count` VMAs.
    limited: bool,
}

vocabulary! {
    /// A helper of the engine: first the helpers of the kernel's hook, in the order of their numbers there, then the
    /// helper of Linux 6.7 that Linux 7.3 has split into two.
    pub(crate) enum Helper: SaidOfHelper {
        /// `vma_modify_flags()`.
        ModifyFlags {
            name: label(c"vma_modify_flags"),
            number: Some(bindings::vma_hook_helper_VMA_HOOK_MODIFY_FLAGS),
            limited: true,
        },
        /// `vma_modify_name()`.
        ModifyName {
            name: label(c"vma_modify_name"),
            number: Some(bindings::vma_hook_helper_VMA_HOOK_MODIFY_NAME),
            limited: true,
        },
        /// `vma_modify_policy()`.
        ModifyPolicy {
            name: label(c"vma_modify_policy"),
            number: Some(bindings::vma_hook_helper_VMA_HOOK_MODIFY_POLICY),
            limited: true,
        },
        /// `vma_modify_flags_uffd()`.
        ModifyFlagsUffd {
            name: label(c"vma_modify_flags_uffd"),
            number: Some(bindings::vma_hook_helper_VMA_HOOK_MODIFY_FLAGS_UFFD),
            limited: true,
        },
        /// `vma_merge_new_range()`.
        MergeNewRange {
            name: label(c"vma_merge_new_range"),
            number: Some(bindings::vma_hook_helper_VMA_HOOK_MERGE_NEW_RANGE),
            limited: false,
        },
        /// `vma_merge_copied_range()`.
        MergeCopiedRange {
            name: label(c"vma_merge_copied_range"),
            number: Some(bindings::vma_hook_helper_VMA_HOOK_MERGE_COPIED_RANGE),
            limited: false,
        },
        /// `vma_merge_extend()`.
        MergeExtend {
            name: label(c"vma_merge_extend"),
            number: Some(bindings::vma_hook_helper_VMA_HOOK_MERGE_EXTEND),
            limited: false,
        },
        /// `split_vma()`.
        Split {
            name: label(c"split_vma"),
            number: Some(bindings::vma_hook_helper_VMA_HOOK_SPLIT),
            limited: true,
        },
        /// `__split_vma()`.
        SplitPastLimit {
            name: label(c"__split_vma"),
            number: Some(bindings::vma_hook_helper_VMA_HOOK_SPLIT_PAST_LIMIT),
            limited: false,
        },
        /// `vma_expand()`.
        Expand {
            name: label(c"vma_expand"),
            number: Some(bindings::vma_hook_helper_VMA_HOOK_EXPAND),
            limited: false,
        },
        /// `vma_shrink()`.
        Shrink {
            name: label(c"vma_shrink"),
            number: Some(bindings::vma_hook_helper_VMA_HOOK_SHRINK),
            limited: false,
        },
        /// `vma_modify_flags_name()` of Linux 6.7.
        ModifyFlagsName {
            name: label(c"vma_modify_flags_name"),
            number: None,
            limited: true,
        },
    }
}

/// The number of hooked helpers.
const HOOKED: usize = bindings::vma_hook_helper_NR_VMA_HOOK_HELPERS as usize;

// The helpers of the kernel's hook come first, in the order of their numbers there, and none of them is missing.
const _: () = {
    let mut index = 0;
    while index < Helper::COUNT {
        match Helper::ALL[index].said().number {
            Some(number) => assert!(number as usize == index),
            None => assert!(index >= HOOKED),
        }
        index += 1;
    }
};

impl Helper {
    /// The hooked helpers, in the order of their numbers in the kernel's hook.
    pub(crate) const HOOKED: [Self; HOOKED] = {
        let mut hooked = [Self::ModifyFlags; HOOKED];
        let mut number = 0;
        while number < HOOKED {
            hooked[number] = Self::ALL[number];
            number += 1;
        }
        hooked
    };

    /// Returns the name of the helper in C.
    pub(crate) const fn name(self) -> Label {
        self.said().name
    }

    /// Returns whether the helper fails if it has to split and the process has `vm.max_map_count` VMAs.
    pub(crate) const fn is_limited(self) -> bool {
        self.said().limited
    }

    /// Returns the kernel's call to this helper, through the hook.
    pub(crate) const fn by_kernel(self) -> Call {
        Call {
            helper: self,
            caller: Caller::Kernel,
        }
    }

    /// Returns the kernel's call to this helper that C executes while the shadow watches.
    pub(crate) const fn by_shadow(self) -> Call {
        Call {
            helper: self,
            caller: Caller::Shadow,
        }
    }

    /// Returns the call to this helper for a command written to `ctl`.
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
    /// The kernel's own code, through the hook. C executes the call, after Rust has forecast its result.
    Shadow,
    /// A command written to `ctl`.
    Ctl,
}

impl Caller {
    /// The number of callers that are counted separately: the kernel if Rust executes its calls, and all others. Among
    /// the others, calls that the shadow watches have an additional counter.
    const COUNTED: usize = 2;

    /// Returns the number of this caller, for the counters.
    const fn index(self) -> usize {
        match self {
            Self::Kernel => 0,
            Self::Shadow | Self::Ctl => 1,
        }
    }

    /// Returns the name of the engine that decides this caller's calls.
    pub(super) const fn engine(self) -> &'static CStr {
        match self {
            Self::Kernel | Self::Ctl => c"rust",
            Self::Shadow => c"shadow",
        }
    }
}

/// A call to a helper.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Call {
    /// The helper.
    pub(crate) helper: Helper,
    /// Its caller.
    pub(crate) caller: Caller,
}

impl Call {
    /// The number of kinds of calls that are counted separately.
    pub(crate) const COUNT: usize = Caller::COUNTED * Helper::COUNT;

    /// Returns the number of this kind of call, for the counters.
    pub(crate) const fn index(self) -> usize {
        self.caller.index() * Helper::COUNT + self.helper as usize
    }
}
