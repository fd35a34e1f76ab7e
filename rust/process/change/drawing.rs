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

/// The maximum number of addresses in a picture. The starts and ends of three VMAs and of a range fit.
const MOST_MARKS: usize = 12;

/// The width of the memory between two neighbouring addresses, in characters.
const WIDTH: usize = 9;

/// The width of a picture, in characters.
const LINE: usize = MOST_MARKS * WIDTH + 1;

/// Some VMAs before and after a change.
pub(super) struct Drawing {
    before: Layout,
    after: Layout,
    /// The range that is drawn with stars.
    range: Option<Range>,
    marks: Marks,
}

impl Drawing {
    /// Creates the drawing of a change to `range`.
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

    /// Draws a line for the VMAs before the change, a line for the VMAs after it, and two lines with the addresses,
    /// which would overlap in one line.
    pub(super) fn append_to(&self, text: &mut Text) -> Result<(), Full> {
        self.append_row("before", &self.before, text)?;
        self.append_row("after", &self.after, text)?;
        self.append_marks("at", 0, text)?;
        self.append_marks("", 1, text)
    }

    /// Writes every other address below its column, beginning with the address at index `first`.
    fn append_marks(&self, name: &str, first: usize, text: &mut Text) -> Result<(), Full> {
        text.append(fmt!("    {name:7}"))?;
        let mut column = 0;
        for (index, mark) in self.marks.all().enumerate().skip(first).step_by(2) {
            // The formatter panics for a width above 65,535.
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

    /// Returns the column in which an address is drawn.
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

/// Distinct addresses in order.
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
