// SPDX-License-Identifier: GPL-2.0

//! A VMA shrinks without a promise that its pages will be unmapped.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::{
    Shrinking,
    Vma, //
};

fn misuse(vma: Vma<'_, '_>) {
    let _ = Shrinking::to(4096, vma);
    //~^ ERROR: call to unsafe function
}

fn main() {}
