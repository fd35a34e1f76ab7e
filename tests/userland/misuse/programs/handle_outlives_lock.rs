// SPDX-License-Identifier: GPL-2.0

//! A handle to a VMA whose mmap lock is not held any more.

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
