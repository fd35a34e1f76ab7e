// SPDX-License-Identifier: GPL-2.0

//! Flags of a VMA that is not write-locked are changed.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    flags::VmaFlags,
    sys::Vma, //
};

fn misuse(vma: &mut Vma<'_, '_>) {
    vma.add_sticky(VmaFlags::EMPTY);
    //~^ ERROR: no method named `add_sticky` found
}

fn main() {}
