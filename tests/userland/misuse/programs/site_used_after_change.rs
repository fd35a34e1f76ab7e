// SPDX-License-Identifier: GPL-2.0

//! A site is used although its VMA may be gone.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    extent::Range,
    flags::VmaFlags,
    modify::vma_modify_flags,
    sys::Site, //
};

fn misuse(site: Site<'_, '_>, range: Range) {
    let _ = vma_modify_flags(site, range, VmaFlags::EMPTY);
    site.middle();
    //~^ ERROR: borrow of moved value: `site`
}

fn main() {}
