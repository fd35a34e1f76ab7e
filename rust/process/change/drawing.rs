// SPDX-License-Identifier: GPL-2.0

//! A picture of some VMAs before and after a change, not to scale:
//!
//! ```text
//!     before  |---------middle*|--next--|
//!     after   |-middle-|******next******|
//!     at      700000000000      700000008000
//!                      700000004000      70000000c000
//! ```

use crate::{
    text::{
        Full,
        Text, //
    },
    vma::{
        extent::Range,
        forecast::{
            Before,
            Layout, //
        },
    },
};
use kernel::prelude::*;

/// The most different addresses at which a VMA starts or ends: three VMAs before, and a range.
const MOST_MARKS: usize = 12;

/// The width of the memory between two of them, in characters.
const WIDTH: usize = 9;

/// The width of a picture.
const LINE: usize = MOST_MARKS * WIDTH + 1;

/// Some VMAs before and after a change.
pub(super) struct Drawing {
    before: Layout,
    after: Layout,
    /// Drawn with stars.
    range: Option<Range>,
    marks: Marks,
}

impl Drawing {
    /// Returns the drawing of a change about `range`.
    pub(super) fn new(before: &Before, after: Layout, range: Option<Range>) -> Self {
        let before = before.layout();
        let mut marks = Marks::new();
        for layout in [&before, &after] {
            for piece in layout.pieces() {
                marks.add(piece.extent.range);
            }
        }
        if let Some(range) = range {
            marks.add(range);
        }
        Self {
            before,
            after,
            range,
            marks,
        }
    }

    /// Draws it: a line for the VMAs before, one for those after, and two with the addresses, which would run
    /// into each other in one.
    pub(super) fn append_to(&self, text: &mut Text) -> Result<(), Full> {
        self.append_row("before", &self.before, text)?;
        self.append_row("after", &self.after, text)?;
        self.append_marks("at", 0, text)?;
        self.append_marks("", 1, text)
    }

    /// Writes every other address below its column, beginning with that one.
    fn append_marks(&self, name: &str, first: usize, text: &mut Text) -> Result<(), Full> {
        text.append(fmt!("    {name:7}"))?;
        let mut column = 0;
        for (index, mark) in self.marks.all().enumerate().skip(first).step_by(2) {
            // The formatter panics above 65,535.
            let blanks = ((index * WIDTH).saturating_sub(column) + 1).min(LINE);
            text.append(fmt!("{:blanks$}{mark:x}", ""))?;
            let digits = (usize::BITS - mark.leading_zeros()).div_ceil(4) as usize;
            column += blanks + digits.max(1);
        }
        text.append(fmt!("\n"))
    }

    fn append_row(&self, name: &str, layout: &Layout, text: &mut Text) -> Result<(), Full> {
        let mut row = [b' '; LINE];
        let mut end = 0;
        for piece in layout.pieces() {
            let range = piece.extent.range;
            let (from, to) = (self.column(range.start()), self.column(range.end()));
            for (index, character) in row.iter_mut().enumerate().take(to + 1).skip(from) {
                *character = if index == from || index == to {
                    b'|'
                } else if self.is_starred(index) {
                    b'*'
                } else {
                    b'-'
                };
            }
            let name = piece.who.name().as_bytes();
            let start = (from + to + 1).saturating_sub(name.len()) / 2;
            if let Some(place) = row.get_mut(start..start + name.len()) {
                place.copy_from_slice(name);
            }
            end = end.max(to + 1);
        }
        let row = row.get(..end).unwrap_or(&[]);
        let row = core::str::from_utf8(row).unwrap_or("");
        text.append(fmt!("    {name:7} {row}\n"))
    }

    /// The column that an address is drawn in.
    fn column(&self, addr: usize) -> usize {
        let below = self.marks.all().filter(|&mark| mark < addr).count();
        below * WIDTH
    }

    fn is_starred(&self, column: usize) -> bool {
        self.range.is_some_and(|range| {
            column > self.column(range.start()) && column < self.column(range.end())
        })
    }
}

/// Addresses, each once, in order.
struct Marks {
    addrs: [usize; MOST_MARKS],
    count: usize,
}

impl Marks {
    const fn new() -> Self {
        Self {
            addrs: [0; MOST_MARKS],
            count: 0,
        }
    }

    fn all(&self) -> impl Iterator<Item = usize> + '_ {
        self.addrs.iter().copied().take(self.count)
    }

    fn add(&mut self, range: Range) {
        self.add_one(range.start());
        self.add_one(range.end());
    }

    fn add_one(&mut self, addr: usize) {
        let place = self.all().filter(|&mark| mark < addr).count();
        if self.all().any(|mark| mark == addr) || self.count == MOST_MARKS {
            return;
        }
        let Some(later) = self.addrs.get_mut(place..=self.count) else {
            return;
        };
        later.rotate_right(1);
        if let Some(first) = later.first_mut() {
            *first = addr;
        }
        self.count += 1;
    }
}
