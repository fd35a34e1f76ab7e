// SPDX-License-Identifier: GPL-2.0

//! Two iterators over one tree exist.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::MmapWriteGuard;

fn misuse(guard: &mut MmapWriteGuard<'_>) {
    guard.with_iter_at(0, |iter| {
        //~^ ERROR: closure requires unique access to `*guard`
        //~| ERROR: cannot borrow `*guard` as mutable because previous closure requires unique access
        guard.with_iter_at(0, |other| other.set(0));
        iter.set(0);
    });
}

fn main() {}
