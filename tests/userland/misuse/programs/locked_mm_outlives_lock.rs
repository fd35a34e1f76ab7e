// SPDX-License-Identifier: GPL-2.0

//! The proof that an address space is locked outlives its mmap lock.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::MmapWriteGuard;

fn misuse(guard: &mut MmapWriteGuard<'_>) {
    let mm = guard.with_iter_at(0, |iter| iter.mm());
    //~^ ERROR: lifetime may not live long enough
    let _ = mm;
}

fn main() {}
