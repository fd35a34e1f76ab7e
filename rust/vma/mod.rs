// SPDX-License-Identifier: GPL-2.0

//! The engine: merging and splitting VMAs.
//!
//! When an attribute of a part of a process's memory changes (its flags, its policy, its name), the VMAs that
//! describe the memory have to follow. Either a neighbour takes the part over, because the two have become
//! alike (a *merge*), or the VMA is split so that the part becomes a separate VMA (a *split*).
//!
//! ```text
//!   modify.rs      an attribute of a part of a VMA changes: merge if possible, otherwise split
//!   |  +-- merge.rs      the part merges into the VMA beside it
//!   |  +-- split.rs      a VMA is split in two
//!   new_range.rs   a range is mapped: a VMA beside it grows, if possible
//!   |  +-- expand.rs     a VMA grows over free addresses
//!   shrink.rs      a VMA ends earlier
//!
//!   plan.rs        which merge is possible?      pure: reads, decides, changes nothing
//!   compat.rs      are two ranges mergeable?     pure: every rule, once, by name
//!   blocker.rs     name and words of each rule   pure
//!   causes.rs      name and words of each cause  pure
//!   change.rs      the change of a range         pure
//!   cut.rs         where a VMA is split          pure
//!   extent.rs      addresses and offsets         pure
//!   flags.rs       sets of VMA flags             pure
//!   forecast.rs    the layout that results       pure; for callers that only query
//!   pair.rs        are two VMAs mergeable?       pure; for callers that only query
//!   reason.rs      why a VMA has not joined      pure; for reports
//!
//!   host.rs        everything that the pure files take from their host
//!   sys/           the only way to C, and all unsafe code
//! ```
//!
//! Only `host.rs` and `sys` depend on the kernel; the other files depend on `core` and on these two. The pure
//! files use nothing from `sys`. With another `host.rs`, they form a separate crate (tests/host).
//!
//! # Inlining
//!
//! The functions that decide and the functions that carry out the decisions pass large values to each other:
//! candidates, plans, rmap-locked sections. The functions that pass these values on are `#[inline(always)]`,
//! so that LLVM sees each helper as one function and keeps the values in registers. Otherwise the values
//! would be written to memory and copied between functions, which cost a third of the engine's own
//! instructions (Documentation/speed.rst describes how this is measured). For the same reason, functions that
//! are not inlined, such as those of `sys/rmap.rs` for files, take pointers by value, not references to
//! handles: the target of a reference has to be in memory.
//!
//! # Locking
//!
//! All operations run under the mmap lock, held for write. A [`VmaIter`](sys::VmaIter) represents this lock,
//! and no operation can be called without a `VmaIter`. The operations take further locks in this order: the
//! write locks of the VMAs concerned (per-VMA locks), the mapping's `i_mmap_rwsem`, the root anon_vma's lock.
//! An `RmapSection` (`sys/rmap.rs`) holds the last two.

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
