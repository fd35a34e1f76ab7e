// SPDX-License-Identifier: GPL-2.0

//! A sample that uses the engine's interface: it splits a VMA of the process that loads the module, and merges
//! the parts again. Documentation/write-side.rst explains it.

#[allow(dead_code, unused_imports)]
#[path = "../rust/vma/mod.rs"]
mod vma;
#[allow(dead_code)]
#[path = "../rust/vocabulary.rs"]
mod vocabulary;

use kernel::{current, mm::MmWithUser, prelude::*};
use vma::compat::{Attributes, Side};
use vma::extent::{Range, PAGE_SIZE};
use vma::flags::{SHARED, WRITE};
use vma::sys::{map_count, MmapWriteGuard, Splitting, VmaWalk};
use vma::{modify::vma_modify_flags, split::split_vma};

module! {
    type: Sample,
    name: "rust_vma_sample",
    authors: ["rust_vma developers"],
    description: "Cuts a VMA in two, and merges it again",
    license: "GPL",
}

/// Returns the range of the first VMA with private, writable, anonymous memory of two pages or more.
fn find(mm: &MmWithUser) -> Result<Range> {
    let mut walk = VmaWalk::lock_killable(mm, 0)?;
    while let Some(vma) = walk.next() {
        let (flags, range) = (vma.vma_flags(), vma.extent().range);
        let fits = vma.file().is_none() && flags.contains(WRITE) && !flags.contains(SHARED);
        if fits && range.pages() > 1 {
            return Ok(range);
        }
    }
    Err(ENOENT)
}

/// Splits the VMA that contains `addr`, a byte address, at that address. The part above is a new VMA.
fn cut(guard: &mut MmapWriteGuard<'_>, addr: usize) -> Result {
    guard.with_iter_at(addr, |iter| {
        let (mut cursor, _, vma, _) = iter.site_at(addr).ok_or(EFAULT)?.into_parts();
        let splitting = Splitting::at(vma.alone(), addr, Side::Above).ok_or(EINVAL)?;
        split_vma(&mut cursor, splitting)?;
        Ok(())
    })
}

/// Merges the VMA at `addr`, a byte address, with its mergeable neighbours. Returns the range of the resulting
/// VMA.
fn merge(guard: &mut MmapWriteGuard<'_>, addr: usize) -> Result<Range> {
    guard.with_iter_at(addr, |iter| {
        let site = iter.site_at(addr).ok_or(EFAULT)?;
        let (range, flags) = (site.middle().extent().range, site.middle().vma_flags());
        Ok(vma_modify_flags(site, range, flags)?.vma.extent().range)
    })
}

struct Sample;

impl kernel::Module for Sample {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let task = current!();
        let mm = task.mm().ok_or(EINVAL)?;
        let whole = find(mm)?;
        let (start, end) = (whole.start(), whole.end());
        let addr = start + whole.pages() / 2 * PAGE_SIZE;
        pr_info!("{} VMAs, one at {start:x}-{end:x}\n", map_count(mm));
        let mut guard = MmapWriteGuard::lock_killable(mm)?;
        cut(&mut guard, addr)?;
        pr_info!("{} VMAs after a cut at {addr:x}\n", map_count(mm));
        let merged = merge(&mut guard, addr)?;
        let (start, end) = (merged.start(), merged.end());
        pr_info!("{} VMAs, one at {start:x}-{end:x}\n", map_count(mm));
        Ok(Self)
    }
}
