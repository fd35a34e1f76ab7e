// SPDX-License-Identifier: GPL-2.0

//! Memory is reserved for an arbitrary store.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    extent::Range,
    sys::{
        Cursor,
        Vma, //
    },
};

fn misuse<'g>(cursor: &mut Cursor<'_, 'g>, range: Range, vma: &Vma<'_, 'g>) {
    let _ = cursor.reserve(range, vma);
    //~^ ERROR: method `reserve` is private
}

fn main() {}
