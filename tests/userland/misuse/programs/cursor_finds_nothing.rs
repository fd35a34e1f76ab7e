// SPDX-License-Identifier: GPL-2.0

//! A cursor that yields a handle.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::Cursor;

fn misuse(cursor: &mut Cursor<'_, '_>) {
    cursor.find(usize::MAX);
    //~^ ERROR: the method `find` exists
}

fn main() {}
