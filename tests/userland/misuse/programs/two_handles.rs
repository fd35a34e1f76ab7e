// SPDX-License-Identifier: GPL-2.0

//! Two handles to one VMA exist.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::VmaIter;

fn misuse(iter: &mut VmaIter<'_>) {
    let vma = iter.find(usize::MAX);
    let again = iter.find(usize::MAX);
    //~^ ERROR: cannot borrow `*iter` as mutable more than once at a time
    drop((vma, again));
}

fn main() {}
