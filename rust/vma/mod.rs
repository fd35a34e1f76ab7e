// SPDX-License-Identifier: GPL-2.0

//! The engine: merging and splitting VMAs.
//!
//! When something about a part of a process's memory changes (its flags, its policy, its name),
//! the VMAs that describe it have to follow: either a neighbour takes the part over, because the
//! two have become alike (a *merge*), or the VMA is cut so that the part stands alone (a *split*).
//!
//! ```text
//!   modify.rs      something about a part of a VMA changes: merge if possible, else split
//!   |  +-- merge.rs      the part becomes part of the VMA beside it
//!   |  +-- split.rs      a VMA is cut in two
//!   new_range.rs   something is mapped: let a VMA beside it grow, if possible
//!   |  +-- expand.rs     a VMA grows over free addresses
//!   shrink.rs      a VMA ends earlier
//!
//!   plan.rs        which merge is it?             pure: reads, decides, changes nothing
//!   compat.rs      are these two mergeable?       pure: every rule, once, by name
//!   blocker.rs     all that is said of each rule  pure
//!   causes.rs      and of each cause              pure
//!   change.rs      the change of a range          pure
//!   cut.rs         where a VMA is cut             pure
//!   extent.rs      addresses and offsets          pure
//!   flags.rs       sets of VMA flags              pure
//!   forecast.rs    the layout that results        pure; for callers that ask, and do not do it
//!   pair.rs        are two neighbours mergeable?  likewise
//!   reason.rs      why a VMA has not joined       pure; for those who report
//!
//!   host.rs        all that the pure files take from their host
//!   sys/           the only way to C; all the unsafe there is
//! ```
//!
//! Nothing in here but `host.rs` and `sys` knows what a kernel is: it all rests on `core` and on these. The
//! pure files name nothing of `sys`; with another `host.rs` they are a crate of their own (tests/host).
//!
//! # Inlining
//!
//! What decides and what carries out is in functions that hand large values to each other: candidates,
//! plans, sections. What hands them on is `#[inline(always)]`, so that each helper is one function to
//! LLVM, and these values lie in registers. Else they would be written to memory and copied in
//! between, which took a third of the instructions that are the engine's own (Documentation/speed.rst tells
//! how that is seen). For the same reason, functions off that way, such as those of `sys/rmap.rs` for files,
//! are given pointers by value, not references to handles: what a reference points to has to be in memory.
//!
//! # Locking
//!
//! Everything is done under the mmap lock, held for write. That is what a
//! [`VmaIter`](sys::VmaIter) stands for, and nothing here can be called without one. Below it are
//! taken, in this order: the write locks of the VMAs concerned (per-VMA locks), the mapping's
//! `i_mmap_rwsem`, the root anon_vma's lock. The last two are held in an `RmapSection` (`sys/rmap.rs`).

#![deny(unsafe_code)]

pub(crate) mod blocker;
pub(crate) mod causes;
pub(crate) mod change;
pub(crate) mod compat;
pub(crate) mod cut;
pub(crate) mod expand;
pub(crate) mod extent;
pub(crate) mod flags;
pub(crate) mod forecast;
pub(crate) mod host;
pub(crate) mod merge;
pub(crate) mod modify;
pub(crate) mod new_range;
pub(crate) mod pair;
pub(crate) mod plan;
pub(crate) mod reason;
pub(crate) mod shrink;
pub(crate) mod split;
#[allow(unsafe_code)]
pub(crate) mod sys;
