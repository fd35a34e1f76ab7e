// SPDX-License-Identifier: GPL-2.0

//! Everything that the pure files take from their host, instead of rust/vma/host.rs: here, plain numbers and
//! a type for errnos.

pub(crate) use crate::bits::*;

/// An errno.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Error(pub(crate) i32);

pub(crate) const ENOMEM: Error = Error(12);

pub(crate) const PAGE_SHIFT: usize = 12;
/// The number of words is one more than in the kernel, so that code which visits each word visits more than
/// one.
pub(crate) const FLAG_WORDS: usize = 2;
pub(crate) const TRACKS_SOFT_DIRTY: bool = true;
pub(crate) const ARCH_1_IS_BTI: bool = false;
pub(crate) const PROTECTION_KEY_BITS: &[u32] = &[32, 33, 34, 35];

/// The bit of arm64, because x86_64 does not use its number.
pub(crate) const MTE_BIT: u32 = 36;
pub(crate) const SHADOW_STACK_BIT: u32 = 37;
/// A bit that stands for flags that the host lacks. On arm64, it has the number of [`SHADOW_STACK_BIT`].
pub(crate) const MTE_ALLOWED_BIT: u32 = u32::MAX;
