// SPDX-License-Identifier: GPL-2.0

//! All that the pure files take from their host, in place of rust/vma/host.rs: here, plain numbers and an
//! errno of our own.

pub(crate) use crate::bits::*;

/// An errno.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Error(pub(crate) i32);

pub(crate) const ENOMEM: Error = Error(12);

pub(crate) const PAGE_SHIFT: usize = 12;
/// One more than the kernel has, so that what is done to each is done to more than one.
pub(crate) const FLAG_WORDS: usize = 2;
pub(crate) const TRACKS_SOFT_DIRTY: bool = true;
pub(crate) const ARCH_1_IS_BTI: bool = false;
pub(crate) const PROTECTION_KEY_BITS: &[u32] = &[32, 33, 34, 35];

/// As on arm64: on x86_64 the number is not used.
pub(crate) const MTE_BIT: u32 = 36;
pub(crate) const SHADOW_STACK_BIT: u32 = 37;
/// On arm64 it is the one above, so that this one stands for flags that the host lacks.
pub(crate) const MTE_ALLOWED_BIT: u32 = u32::MAX;
