// SPDX-License-Identifier: GPL-2.0

//! A VMA of a walk is used after the walk has gone on.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::VmaWalk;

fn misuse(walk: &mut VmaWalk<'_>) {
    let vma = walk.next();
    walk.next();
    //~^ ERROR: cannot borrow `*walk` as mutable more than once at a time
    drop(vma);
}

fn main() {}
