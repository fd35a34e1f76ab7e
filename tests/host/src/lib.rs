// SPDX-License-Identifier: GPL-2.0

//! The files of the module that decide and describe, without those that act.
//!
//! They are included here, not copied. The compilation shows that they do not depend on the kernel, and do
//! nothing to it.

#![forbid(unsafe_code)]
// Items that only the acting files use are unused here.
#![allow(dead_code, unused_imports)]

mod bits;
#[path = "../../../rust/bounded.rs"]
mod bounded;
#[path = "../../../rust/explain/mod.rs"]
mod explain;
mod host;
mod vma;
#[path = "../../../rust/vocabulary.rs"]
mod vocabulary;

#[cfg(test)]
mod tests;
