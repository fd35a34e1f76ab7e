// SPDX-License-Identifier: GPL-2.0

//! The cursor moves between the reservation of memory and the store.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::{
    Cursor,
    Growth, //
};

fn misuse<'i, 'g>(growth: Growth<'i, 'g>, cursor: &mut Cursor<'i, 'g>) {
    let Ok(prepared) = growth.prepare(cursor) else {
        return;
    };
    cursor.step_back();
    //~^ ERROR: cannot borrow `*cursor` as mutable more than once at a time
    prepared.commit();
}

fn main() {}
