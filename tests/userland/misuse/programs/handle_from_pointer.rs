// SPDX-License-Identifier: GPL-2.0

//! A handle is made from any pointer to a VMA.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::{
    bindings::vm_area_struct,
    Vma, //
};

fn misuse(vma: core::ptr::NonNull<vm_area_struct>) {
    drop(Vma::from_raw(vma));
    //~^ ERROR: is unsafe and requires unsafe
}

fn main() {}
