// SPDX-License-Identifier: GPL-2.0

//! A second handle exists to a VMA of a site.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::VmaIter;

fn misuse(iter: &mut VmaIter<'_>) {
    let site = iter.site_at(0);
    let vma = iter.find(usize::MAX);
    //~^ ERROR: cannot borrow `*iter` as mutable more than once at a time
    drop((site, vma));
}

fn main() {}
