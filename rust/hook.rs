// SPDX-License-Identifier: GPL-2.0

//! Who serves the running kernel's own merging and splitting: C, Rust, or both.
//!
//! The kernel's hook (mm/vma_hook.h) asks one of three tables of functions, one for each engine:
//!
//! ```text
//!   mprotect, mmap, ...  ->  vma_modify(), ...  ->  c        the body in C
//!                                                   rust     sys/hook.rs, and the engine
//!                                                   shadow   sys/shadow.rs: the body in C, after
//!                                                            Rust has said what it will do
//! ```

use crate::{
    report::Helper,
    sys::live::{
        self,
        Registration, //
    },
    text::{
        Full,
        Text, //
    },
};
use kernel::prelude::*;

/// Who serves the hooked functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Engine {
    /// The bodies in C, as without this module.
    C,
    /// Rust.
    Rust,
    /// C, and Rust says beforehand what C will do.
    Shadow,
}

impl Engine {
    /// All of them, by the numbers that the module's parameter has for them.
    pub(crate) const ALL: [Self; 3] = [Self::C, Self::Rust, Self::Shadow];

    /// What it is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::C => "c",
            Self::Rust => "rust",
            Self::Shadow => "shadow",
        }
    }

    /// The engine with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|engine| engine.name() == name)
    }

    /// The engine with this number.
    pub(crate) fn from_number(number: i32) -> Option<Self> {
        let number = usize::try_from(number).ok()?;
        Self::ALL.get(number).copied()
    }
}

/// A hooked function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Entry {
    /// `vma_modify()`.
    Modify,
    /// `vma_merge_existing_range()`. In the kernel nobody calls it from outside.
    MergeExistingRange,
    /// `vma_merge_new_range()`.
    MergeNewRange,
    /// `__split_vma()`.
    Split,
    /// `vma_expand()`.
    Expand,
    /// `vma_shrink()`.
    Shrink,
}

impl Entry {
    /// Those that the kernel enters.
    pub(crate) const ENTERED: [Self; 5] = [
        Self::Modify,
        Self::MergeNewRange,
        Self::Split,
        Self::Expand,
        Self::Shrink,
    ];

    /// How many there are.
    pub(crate) const COUNT: usize = Self::Shrink as usize + 1;

    /// What serves it in Rust.
    pub(crate) const fn helper(self) -> Helper {
        match self {
            Self::Modify => Helper::Modify,
            Self::MergeExistingRange => Helper::MergeExistingRange,
            Self::MergeNewRange => Helper::MergeNewRange,
            Self::Split => Helper::Split,
            Self::Expand => Helper::Expand,
            Self::Shrink => Helper::Shrink,
        }
    }

    /// What C calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Modify => "vma_modify",
            Self::MergeExistingRange => "vma_merge_existing_range",
            Self::MergeNewRange => "vma_merge_new_range",
            Self::Split => "__split_vma",
            Self::Expand => "vma_expand",
            Self::Shrink => "vma_shrink",
        }
    }
}

/// What can be wrong with how Rust serves a call, or would.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    /// C has done something else than Rust would have.
    Differ,
    /// To Rust, what is asked for makes no sense.
    Senseless,
    /// Rust has planned with a VMA that is not there.
    Misfit,
}

impl Trouble {
    /// What the log says of it.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Differ => "Rust and C differ",
            Self::Senseless => "was asked for what cannot be meant",
            Self::Misfit => "planned with a VMA that is not there",
        }
    }
}

/// What to do when Rust and C differ, or the engine finds itself in a place where it must not be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OnTrouble {
    /// Leave everything that comes to C.
    GoBackToC,
    /// Go on.
    Keep,
}

/// Says who serves the hooked functions, and how many calls each has served.
///
/// ```text
/// engine rust
/// calls                        c         rust       shadow
/// vma_modify                 120         9000            0
/// ...
/// shadow 0 compared, 0 differences, 0 without memory
/// refused 0
/// ```
pub(crate) fn describe(hook: &Registration, text: &mut Text) -> Result<(), Full> {
    let keep = match live::on_trouble() {
        OnTrouble::GoBackToC => "",
        OnTrouble::Keep => " keep",
    };
    text.append(fmt!("engine {}{keep}\n", hook.engine().name()))?;
    text.append(fmt!(
        "{:20} {:>12} {:>12} {:>12}\n",
        "calls",
        Engine::C.name(),
        Engine::Rust.name(),
        Engine::Shadow.name()
    ))?;
    for entry in Entry::ENTERED {
        let served = |engine| live::served(engine, entry);
        text.append(fmt!(
            "{:20} {:>12} {:>12} {:>12}\n",
            entry.name(),
            served(Engine::C),
            served(Engine::Rust),
            served(Engine::Shadow)
        ))?;
    }
    let told = live::told();
    text.append(fmt!(
        "shadow {} compared, {} differences, {} without memory\n",
        told.compared,
        told.differences,
        told.without_memory
    ))?;
    text.append(fmt!("refused {}\n", told.refused))
}
