// SPDX-License-Identifier: GPL-2.0

//! A second handle exists to a VMA that is about to be cut.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::VmaIter;

fn misuse(iter: &mut VmaIter<'_>) {
    let Some(site) = iter.site_at(0) else { return };
    let (cursor, _, middle, _) = site.into_parts();
    let again = iter.find(usize::MAX);
    //~^ ERROR: cannot borrow `*iter` as mutable more than once at a time
    drop((cursor, middle, again));
}

fn main() {}
