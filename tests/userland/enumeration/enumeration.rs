// SPDX-License-Identifier: GPL-2.0

//! Which VMAs may be one, and which merge it is: every state there is, against what the C code would
//! say.
//!
//! The files of the engine that decide are included here by themselves, without those that act. That
//! they compile shows that they decide and do nothing else.

// What only acts is not used here.
#![allow(dead_code)]

#[path = "../../../rust/vma/compat.rs"]
mod compat;
#[path = "../../../rust/vma/extent.rs"]
mod extent;
#[path = "../../../rust/vma/flags.rs"]
mod flags;
#[path = "../../../rust/vma/pair.rs"]
mod pair;
#[path = "../../../rust/vma/plan.rs"]
mod plan;

mod extents;
mod fake;
mod host;
mod pairs;
mod plans;
mod rules;
