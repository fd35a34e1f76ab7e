// SPDX-License-Identifier: GPL-2.0

//! The mmap lock is released while an iterator is in use.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::MmapWriteGuard;

fn misuse(mut guard: MmapWriteGuard<'_>) {
    guard.with_iter_at(0, |iter| {
        //~^ ERROR: cannot move out of `guard` because it is borrowed
        drop(guard);
        iter.set(0);
    });
}

fn main() {}
