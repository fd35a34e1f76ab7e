// SPDX-License-Identifier: GPL-2.0

//! The iterator of one process cuts a VMA of another process.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    compat::Side,
    split::split_vma,
    sys::{
        MmapWriteGuard,
        Splitting, //
    },
};

fn misuse(ours: &mut MmapWriteGuard<'_>, theirs: &mut MmapWriteGuard<'_>) {
    ours.with_iter_at(0, |ours| {
        theirs.with_iter_at(0, |theirs| {
            let (Some(ours), Some(theirs)) = (ours.site_at(0), theirs.site_at(0)) else {
                //~^ ERROR: borrowed data escapes outside of closure
                //~| ERROR: borrowed data escapes outside of closure
                return;
            };
            let (mut cursor, _, _, _) = ours.into_parts();
            let (_, _, middle, _) = theirs.into_parts();
            let Some(splitting) = Splitting::at(middle.alone(), 4096, Side::Above) else {
                return;
            };
            let _ = split_vma(&mut cursor, splitting);
        })
    });
}

fn main() {}
