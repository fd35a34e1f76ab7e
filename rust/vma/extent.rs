// SPDX-License-Identifier: GPL-2.0

//! Where a VMA lies, and what it maps: the plain numbers that everything else is said in.

use super::host::PAGE_SHIFT;
use core::fmt;

/// The size of a page, in bytes.
pub(crate) const PAGE_SIZE: usize = 1 << PAGE_SHIFT;

/// A page offset: a number of pages into a file, or into the address space for anonymous memory.
///
/// Page offsets wrap around, as they do in C: an anonymous mapping that moved may have any.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PageOffset(usize);

impl PageOffset {
    /// The page offset of that many pages.
    pub(crate) const fn new(pages: usize) -> Self {
        Self(pages)
    }

    /// The number of pages.
    pub(crate) const fn pages(self) -> usize {
        self.0
    }

    /// The offset that lies `pages` further on.
    pub(crate) const fn forward(self, pages: usize) -> Self {
        Self(self.0.wrapping_add(pages))
    }

    /// The offset that lies `pages` before.
    pub(crate) const fn back(self, pages: usize) -> Self {
        Self(self.0.wrapping_sub(pages))
    }
}

/// A range of addresses, in bytes, `end` not included.
///
/// # Invariants
///
/// Both ends are multiples of the page size, and `start < end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Range {
    start: usize,
    end: usize,
}

/// Why two addresses are not a [`Range`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RangeError {
    /// This address is not a multiple of the page size.
    Unaligned(usize),
    /// The range ends where it starts, or before.
    Reversed,
}

impl Range {
    /// The range from `start` to `end`, both in bytes.
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

    /// The first address in the range.
    pub(crate) const fn start(self) -> usize {
        self.start
    }

    /// The first address after the range.
    pub(crate) const fn end(self) -> usize {
        self.end
    }

    /// How many pages the range has.
    pub(crate) const fn pages(self) -> usize {
        // By the type invariant it does not wrap.
        self.end.wrapping_sub(self.start) >> PAGE_SHIFT
    }

    /// Whether every address of `other` is in this range too.
    pub(crate) const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The two parts of this range if it is cut at `addr`; none if that is not a place inside it.
    pub(crate) const fn cut(self, addr: usize) -> Option<(Self, Self)> {
        if addr % PAGE_SIZE != 0 {
            return None;
        }
        self.cut_at_border(addr)
    }

    /// The part of this range below `part`, and the rest; none if `part` does not start inside of it.
    pub(crate) const fn cut_before(self, part: Self) -> Option<(Self, Self)> {
        self.cut_at_border(part.start)
    }

    /// This range without the part above `part`, and that part; none if `part` does not end inside of it.
    pub(crate) const fn cut_after(self, part: Self) -> Option<(Self, Self)> {
        self.cut_at_border(part.end)
    }

    /// [`cut`](Self::cut) at a multiple of the page size, as where a range starts or ends.
    const fn cut_at_border(self, border: usize) -> Option<(Self, Self)> {
        if border <= self.start || border >= self.end {
            return None;
        }
        // INVARIANT: It is cut inside, at a multiple of the page size.
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

    /// The range from the start of this one to the end of `last`, which must not lie below it.
    pub(crate) const fn through(self, last: Self) -> Self {
        // INVARIANT: `last` ends after its own start, and so after ours; if it does not, it is this
        // range that the result keeps to.
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

/// Where a VMA lies and what it maps there: `vm_start`, `vm_end`, `vm_pgoff` and the anonymous page
/// offset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Extent {
    /// The addresses.
    pub(crate) range: Range,
    /// The page offset of the first page.
    pub(crate) pgoff: PageOffset,
    /// The page offset of the first page among anonymous pages, by which the rmap finds them.
    pub(crate) anon_pgoff: PageOffset,
}

impl Extent {
    /// The page offset that a VMA following this one would have to start at.
    pub(crate) const fn end_pgoff(&self) -> PageOffset {
        self.pgoff.forward(self.range.pages())
    }

    /// The anonymous page offset that a VMA following this one would have to start at.
    pub(crate) const fn end_anon_pgoff(&self) -> PageOffset {
        self.anon_pgoff.forward(self.range.pages())
    }

    /// Whether a page offset wraps around in it, so that the rmap would not find its pages. `mmap()` and `mremap()`
    /// see to it that no VMA does that.
    pub(crate) const fn wraps(&self) -> bool {
        // A range has no more pages than that, and so smaller offsets do not wrap.
        (self.pgoff.0 | self.anon_pgoff.0) > usize::MAX >> PAGE_SHIFT
            && (self.end_pgoff().0 < self.pgoff.0 || self.end_anon_pgoff().0 < self.anon_pgoff.0)
    }

    /// The same mapping seen through `range`, which may start or end elsewhere: offsets move with
    /// the start.
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
