// SPDX-License-Identifier: GPL-2.0

//! Addresses and page offsets: the numbers that say where a VMA lies and what it maps.

use super::host::PAGE_SHIFT;
use core::fmt;

/// The size of a page, in bytes.
pub(crate) const PAGE_SIZE: usize = 1 << PAGE_SHIFT;

/// A page offset: a number of pages into a file, or into the address space for anonymous memory.
///
/// Page offsets wrap around, as they do in C: a moved anonymous mapping may have any page offset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PageOffset(usize);

impl PageOffset {
    /// Returns the page offset with this number of pages.
    pub(crate) const fn new(pages: usize) -> Self {
        Self(pages)
    }

    /// Returns the number of pages.
    pub(crate) const fn pages(self) -> usize {
        self.0
    }

    /// Returns the offset that lies `pages` after this one.
    pub(crate) const fn forward(self, pages: usize) -> Self {
        Self(self.0.wrapping_add(pages))
    }

    /// Returns the offset that lies `pages` before this one.
    pub(crate) const fn back(self, pages: usize) -> Self {
        Self(self.0.wrapping_sub(pages))
    }
}

/// A range of addresses in bytes, `end` not included.
///
/// # Invariants
///
/// Both ends are multiples of the page size, and `start < end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Range {
    start: usize,
    end: usize,
}

/// The reason why two addresses do not form a [`Range`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RangeError {
    /// This address is not a multiple of the page size.
    Unaligned(usize),
    /// The range ends at its start, or before it.
    Reversed,
}

impl Range {
    /// Returns the range from `start` to `end`, both in bytes.
    pub(crate) const fn new(start: usize, end: usize) -> Result<Self, RangeError> {
        if start % PAGE_SIZE != 0 {
            return Err(RangeError::Unaligned(start));
        }
        if end % PAGE_SIZE != 0 {
            return Err(RangeError::Unaligned(end));
        }
        if start >= end {
            return Err(RangeError::Reversed);
        }
        // INVARIANT: Checked above.
        Ok(Self { start, end })
    }

    /// Returns the first address in the range.
    pub(crate) const fn start(self) -> usize {
        self.start
    }

    /// Returns the first address after the range.
    pub(crate) const fn end(self) -> usize {
        self.end
    }

    /// Returns the number of pages in the range.
    pub(crate) const fn pages(self) -> usize {
        // By the type invariant the difference does not wrap.
        self.end.wrapping_sub(self.start) >> PAGE_SHIFT
    }

    /// Returns whether every address of `other` is also in this range.
    pub(crate) const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Returns the parts of this range below and above `addr`; `None` if `addr` is not a multiple of the page
    /// size inside the range.
    pub(crate) const fn cut(self, addr: usize) -> Option<(Self, Self)> {
        if addr % PAGE_SIZE != 0 {
            return None;
        }
        self.cut_at_border(addr)
    }

    /// Returns the part of this range below `part`, and the rest; `None` if `part` does not start inside this
    /// range.
    pub(crate) const fn cut_before(self, part: Self) -> Option<(Self, Self)> {
        self.cut_at_border(part.start)
    }

    /// Returns this range without its part above `part`, and that part; `None` if `part` does not end inside
    /// this range.
    pub(crate) const fn cut_after(self, part: Self) -> Option<(Self, Self)> {
        self.cut_at_border(part.end)
    }

    /// Splits like [`cut`](Self::cut), at a multiple of the page size such as the start or end of a range.
    const fn cut_at_border(self, border: usize) -> Option<(Self, Self)> {
        if border <= self.start || border >= self.end {
            return None;
        }
        // INVARIANT: `border` lies inside this range, and is a multiple of the page size.
        Some((
            Self {
                start: self.start,
                end: border,
            },
            Self {
                start: border,
                end: self.end,
            },
        ))
    }

    /// Returns the range from the start of this range to the end of `last`, which must not lie below this
    /// range.
    pub(crate) const fn through(self, last: Self) -> Self {
        // INVARIANT: The end of `last` is used only if it lies above our start. Otherwise the result is this
        // range.
        Self {
            start: self.start,
            end: if last.end > self.start {
                last.end
            } else {
                self.end
            },
        }
    }
}

/// Writes both ends, as /proc/PID/maps does.
impl fmt::LowerHex for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.start, self.end)
    }
}

/// The addresses and the page offsets of a VMA: `vm_start`, `vm_end`, `vm_pgoff` and the anonymous page
/// offset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Extent {
    /// The addresses.
    pub(crate) range: Range,
    /// The page offset of the first page.
    pub(crate) pgoff: PageOffset,
    /// The anonymous page offset of the first page, by which the rmap finds anonymous pages.
    pub(crate) anon_pgoff: PageOffset,
}

impl Extent {
    /// Returns the page offset at which a VMA that follows this one would have to start.
    pub(crate) const fn end_pgoff(&self) -> PageOffset {
        self.pgoff.forward(self.range.pages())
    }

    /// Returns the anonymous page offset at which a VMA that follows this one would have to start.
    pub(crate) const fn end_anon_pgoff(&self) -> PageOffset {
        self.anon_pgoff.forward(self.range.pages())
    }

    /// Returns whether a page offset wraps around inside this extent, so that the rmap would not find the
    /// pages. `mmap()` and `mremap()` ensure that no VMA has such an extent.
    pub(crate) const fn wraps(&self) -> bool {
        // A range has at most this many pages, so offsets up to this number do not wrap.
        (self.pgoff.0 | self.anon_pgoff.0) > usize::MAX >> PAGE_SHIFT
            && (self.end_pgoff().0 < self.pgoff.0 || self.end_anon_pgoff().0 < self.anon_pgoff.0)
    }

    /// Returns the extent of the same mapping over `range`, which may start or end elsewhere. The offsets
    /// move with the start.
    ///
    /// ```text
    ///   self:        |-----------|          self:            |-------|
    ///   range:           |---|              range:       |-------|
    ///                <-->  offsets grow                  <--->  offsets shrink
    /// ```
    pub(crate) const fn seen_through(&self, range: Range) -> Self {
        let (from, to) = (self.range.start(), range.start());
        if to >= from {
            let pages = (to - from) >> PAGE_SHIFT;
            Self {
                range,
                pgoff: self.pgoff.forward(pages),
                anon_pgoff: self.anon_pgoff.forward(pages),
            }
        } else {
            let pages = (from - to) >> PAGE_SHIFT;
            Self {
                range,
                pgoff: self.pgoff.back(pages),
                anon_pgoff: self.anon_pgoff.back(pages),
            }
        }
    }
}
