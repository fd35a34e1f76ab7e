// SPDX-License-Identifier: GPL-2.0

//! A handle outlives the mmap lock of its VMA.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::MmapWriteGuard;

fn misuse(guard: &mut MmapWriteGuard<'_>) {
    let vma = guard.with_iter_at(0, |iter| iter.find(usize::MAX));
    //~^ ERROR: lifetime may not live long enough
    //~| ERROR: lifetime may not live long enough
    drop(vma);
}

fn main() {}
