// SPDX-License-Identifier: GPL-2.0

//! The items that the pure files need from their host, in place of rust/vma/host.rs. Flags are numbered as in Linux
//! 7.3, whatever kernel is asked: see kernel.rs.

pub(crate) use crate::bits::*;

/// An errno.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Error(pub(crate) i32);

pub(crate) const ENOMEM: Error = Error(12);

pub(crate) const PAGE_SHIFT: usize = 12;
pub(crate) const FLAG_WORDS: usize = 1;
/// Whether the kernel tracks soft-dirty memory. Assumed here: other kernels never set the flag.
pub(crate) const TRACKS_SOFT_DIRTY: bool = true;
pub(crate) const ARCH_1_IS_BTI: bool = cfg!(target_arch = "aarch64");

/// The bit of a flag that the architecture does not have.
const NO_BIT: u32 = u32::MAX;

pub(crate) const PROTECTION_KEY_BITS: &[u32] = if cfg!(target_arch = "aarch64") {
    &[32, 33, 34]
} else {
    &[32, 33, 34, 35]
};
pub(crate) const MTE_BIT: u32 = on_arm64(36);
pub(crate) const MTE_ALLOWED_BIT: u32 = on_arm64(37);
pub(crate) const SHADOW_STACK_BIT: u32 = if cfg!(target_arch = "aarch64") {
    38
} else {
    37
};

const fn on_arm64(bit: u32) -> u32 {
    if cfg!(target_arch = "aarch64") {
        bit
    } else {
        NO_BIT
    }
}
