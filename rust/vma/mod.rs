// SPDX-License-Identifier: GPL-2.0

//! The engine: merging and splitting VMAs.
//!
//! When something about a part of a process's memory changes (its flags, its policy, its name),
//! the VMAs that describe it have to follow: either a neighbour takes the part over, because the
//! two have become alike (a *merge*), or the VMA is cut so that the part stands alone (a *split*).
//!
//! ```text
//!   modify.rs   what a caller asks for: merge if possible, else split
//!      |
//!      +-- plan.rs     which merge is it?            pure: reads, decides, changes nothing
//!      |     +-- compat.rs   may these two be one?   pure: every rule, once, by name
//!      |
//!      +-- merge.rs    carries out a plan
//!      +-- split.rs    cuts a VMA in two
//!             |
//!             +-- sys/      the only way to C; all the unsafe there is
//! ```
//!
//! Nothing in here but `sys` knows what a kernel is: it all rests on `core` and on `sys`.
//!
//! # Locking
//!
//! Everything is done under the mmap lock, held for write. That is what a
//! [`VmaIter`](sys::VmaIter) stands for, and nothing here can be called without one. Below it are
//! taken, in this order: the write marks of the VMAs concerned (per-VMA locks), the mapping's
//! `i_mmap_rwsem`, the root anon_vma's lock. The last two are held by a
//! [`MergeSection`](sys::MergeSection) or [`SplitSection`](sys::SplitSection).

pub(crate) mod compat;
pub(crate) mod extent;
mod merge;
pub(crate) mod modify;
pub(crate) mod plan;
mod split;
pub(crate) mod sys;
