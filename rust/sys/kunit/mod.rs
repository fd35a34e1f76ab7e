// SPDX-License-Identifier: GPL-2.0

//! The KUnit fixture: address spaces to experiment on, the engine and the C functions that it is
//! compared with, and all that can be seen afterwards.
//!
//! ```text
//!   mm.rs           an address space of its own: mapping, touching, forking
//!   file.rs         files to map
//!   attributes.rs   policies, names, userfaultfd contexts
//!   huge.rs         huge pages
//!   limits.rs       vm.max_map_count
//!
//!   action.rs       what is done, by either engine
//!   in_rust.rs        ... by ours
//!   in_c.rs           ... by that of the kernel
//!   request.rs        ... through a request as C makes it
//!   leaves.rs       the calls that are made meanwhile, one of which may fail
//!   seen.rs         what can be seen afterwards
//!   facts.rs          ... in numbers, which are what is compared
//!   flaw.rs           ... of an engine that is wrong on purpose
//!   cost.rs         how long something takes
//!   call.rs           ... a call of a helper, and nothing else
//! ```

mod action;
mod attributes;
mod call;
mod cost;
mod facts;
mod file;
mod flaw;
mod huge;
mod in_c;
mod in_rust;
mod leaves;
mod limits;
mod mm;
mod reach;
mod request;
mod seen;

pub(crate) use self::{
    action::{
        Action,
        Ask,
        Engine,
        Said, //
    },
    attributes::{
        Context,
        Placement,
        TestName,
        TestPolicy, //
    },
    call::{
        ticks_around_a_call,
        Measure, //
    },
    cost::{
        no_instructions,
        thousand_instructions,
        ticks, //
    },
    facts::{
        Difference,
        Facts,
        What, //
    },
    file::TestFile,
    flaw::{
        Call,
        Flaw,
        Object, //
    },
    huge::HugePages,
    leaves::{
        Failure,
        Leaf,
        Probes, //
    },
    limits::MaxMapCount,
    mm::{
        Backing,
        TestMm, //
    },
    seen::Seeing,
};

use crate::vma::sys::{
    bindings,
    VmaFlags, //
};

/// Makes a VMA special, and does nothing else.
pub(crate) const DONTEXPAND: VmaFlags = VmaFlags::of(&[bindings::VMA_DONTEXPAND_BIT]);
/// A flag that a merge keeps from any of its parts.
pub(crate) const MAYBE_GUARD: VmaFlags = VmaFlags::of(&[bindings::VMA_MAYBE_GUARD_BIT]);
/// Pages stay in memory.
pub(crate) const LOCKED: VmaFlags = VmaFlags::of(&[bindings::VMA_LOCKED_BIT]);
/// KSM may merge pages.
pub(crate) const MERGEABLE: VmaFlags = VmaFlags::of(&[bindings::VMA_MERGEABLE_BIT]);
/// Huge pages are welcome.
pub(crate) const HUGEPAGE: VmaFlags = VmaFlags::of(&[bindings::VMA_HUGEPAGE_BIT]);
