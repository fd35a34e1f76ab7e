// SPDX-License-Identifier: GPL-2.0

//! Sequences of safe calls that no real caller makes, and that do no harm all the same
//! (Documentation/soundness.rst).

use crate::{
    fixture::{
        give_flags,
        Backing,
        Context,
        TestFile,
        TestMm,
        TestPolicy,
        DONTEXPAND, //
    },
    process::sys::{
        mapping::insert_anonymous,
        protection::protect, //
    },
    vma::{
        compat::{
            Attributes,
            Candidate,
            Joining,
            Source, //
        },
        extent::{
            Extent,
            PageOffset,
            Range,
            PAGE_SIZE, //
        },
        flags::{
            VmaFlags,
            DONTCOPY,
            EXEC,
            HUGETLB,
            MAYWRITE,
            PAGE_FRAMES,
            READ,
            SHARED,
            WRITE, //
        },
        merge::{
            Change,
            IfNoMemory, //
        },
        modify::{
            vma_modify_flags,
            Outcome, //
        },
        new_range::{
            vma_merge_new_range,
            NewRange,
            Placed, //
        },
        sys::{
            address_space_end,
            Asking,
            Growth,
            MmapWriteGuard,
            Name,
            Uprobes,
            VmaIter, //
        },
    },
    words::Pages, //
};
use kernel::prelude::*;

const WHOLE: Pages = Pages(4, 8);

/// Returns an address space with anonymous memory in these pages.
fn mapped(pages: Pages) -> Result<TestMm> {
    let mm = TestMm::new()?;
    mm.map(&Backing::Anonymous, pages.range()?, 0)?;
    Ok(mm)
}

/// Calls `f` with an iterator over the VMAs.
fn with_iter<R>(mm: &TestMm, f: impl for<'g> FnOnce(&mut VmaIter<'g>) -> Result<R>) -> Result<R> {
    MmapWriteGuard::lock_killable(mm.mm())?.with_iter_at(0, f)
}

/// Returns the flags of the VMA at `range` after `change`.
fn flags_after(
    mm: &TestMm,
    range: Range,
    change: impl for<'i, 'g> FnOnce(&mut crate::vma::sys::Vma<'i, 'g>),
) -> Result<VmaFlags> {
    with_iter(mm, |iter| {
        iter.set(range.start());
        let mut vma = iter.find(range.end()).ok_or(ENOENT)?;
        change(&mut vma);
        Ok(vma.vma_flags())
    })
}

#[kunit_tests(rust_vma_misuse)]
mod does_no_harm {
    use super::*;

    /// Nothing can be mapped or extended beyond the end of the address space.
    #[test]
    fn a_range_beyond_the_end() {
        fn play() -> Result<bool> {
            let mm = TestMm::new()?;
            let end = address_space_end(mm.mm());
            let range = |from: usize, to: usize| {
                Range::new(end - from * PAGE_SIZE, end + to * PAGE_SIZE).map_err(|_| EINVAL)
            };
            let (last, beyond) = (range(4, 0)?, range(0, 4)?);
            let gaps = with_iter(&mm, |iter| {
                Ok((iter.gap_at(last).is_some(), iter.gap_at(beyond).is_none()))
            })?;
            mm.map(&Backing::Anonymous, last, 0)?;
            let extends = with_iter(&mm, |iter| Ok(iter.extension_at(beyond).is_some()))?;
            Ok(gaps == (true, true) && !extends)
        }
        assert_eq!(play(), Ok(true));
    }

    /// A private mapping does not merge into a shared one, even if it gets the same flags.
    #[test]
    fn another_kind_of_memory() {
        fn play() -> Result<bool> {
            let (mm, file) = (TestMm::new()?, TestFile::new(16 * PAGE_SIZE)?);
            let (below, whole) = (Pages(0, 4).range()?, WHOLE.range()?);
            mm.map(&Backing::Shared(&file), below, 0)?;
            mm.map(&Backing::Private(&file), whole, 4 * PAGE_SIZE)?;
            with_iter(&mm, |iter| {
                let site = iter.site_at(whole.start()).ok_or(ENOENT)?;
                let shared = site.prev().ok_or(ENOENT)?.vma_flags();
                let modified = vma_modify_flags(site, whole, shared)?;
                Ok(matches!(modified.outcome, Outcome::Whole(_)) && modified.vma.range() == whole)
            })
        }
        assert_eq!(play(), Ok(true));
    }

    /// A change of protection changes only the flags of a protection, even if other flags are requested.
    #[test]
    fn protection_with_other_flags() {
        fn play() -> Result<bool> {
            let (mm, whole) = (mapped(WHOLE)?, WHOLE.range()?);
            let before = flags_after(&mm, whole, |_| {})?;
            let wanted = HUGETLB
                .union(SHARED)
                .union(PAGE_FRAMES)
                .union(READ)
                .union(EXEC);
            let after = flags_after(&mm, whole, |vma| protect(vma, whole, wanted))?;
            Ok(after == before.without(WRITE).union(EXEC))
        }
        assert_eq!(play(), Ok(true));
    }

    /// An inserted range is private anonymous memory, even if other flags are requested, and the iterator
    /// continues behind it.
    #[test]
    fn insertion_of_another_kind() {
        fn play() -> Result<bool> {
            let (mm, whole) = (mapped(Pages(12, 16))?, WHOLE.range()?);
            let wanted = HUGETLB.union(SHARED).union(PAGE_FRAMES).union(READ);
            with_iter(&mm, |iter| {
                iter.find(usize::MAX).ok_or(ENOENT)?;
                let flags = insert_anonymous(iter, whole, wanted)?.vma_flags();
                let first = iter.find(usize::MAX).ok_or(ENOENT)?.range();
                let second = iter.find(usize::MAX).ok_or(ENOENT)?.range();
                let others = HUGETLB.union(SHARED).union(PAGE_FRAMES);
                Ok(!flags.intersects(others)
                    && flags.contains(READ)
                    && first == whole
                    && second == Pages(12, 16).range()?)
            })
        }
        assert_eq!(play(), Ok(true));
    }

    /// A special mapping that fork must not copy keeps both flags.
    #[test]
    fn advice_about_a_special_mapping() {
        fn play() -> Result<bool> {
            let (mm, whole) = (mapped(WHOLE)?, WHOLE.range()?);
            let special = DONTEXPAND.union(DONTCOPY);
            let before = flags_after(&mm, whole, |vma| {
                let flags = vma.vma_flags().union(special);
                give_flags(vma, flags);
            })?;
            let after = flags_after(&mm, whole, |vma| vma.set_advice(VmaFlags::EMPTY))?;
            let ordinary = flags_after(&mm, whole, |vma| {
                let flags = vma.vma_flags().without(DONTEXPAND);
                give_flags(vma, flags);
                vma.set_advice(VmaFlags::EMPTY);
            })?;
            Ok(after == before && ordinary == before.without(special))
        }
        assert_eq!(play(), Ok(true));
    }

    /// A shared mapping of a file that is open for reading does not become writable.
    #[test]
    fn protection_that_the_file_forbids() {
        fn play() -> Result<bool> {
            let (mm, whole) = (mapped(WHOLE)?, WHOLE.range()?);
            let after = flags_after(&mm, whole, |vma| {
                let flags = vma.vma_flags().without(MAYWRITE).without(WRITE);
                give_flags(vma, flags);
                protect(vma, whole, READ.union(WRITE).union(EXEC));
            })?;
            Ok(after.contains(READ.union(EXEC)) && !after.contains(WRITE))
        }
        assert_eq!(play(), Ok(true));
    }

    /// Puts a range before the VMA that lies above it. Returns the extent of the merged VMA, if they merge.
    fn put_before(mm: &TestMm, above: Range, extent: Extent) -> Result<Option<Extent>> {
        with_iter(mm, |iter| {
            iter.set(above.start());
            let next = iter.find(above.end()).ok_or(ENOENT)?;
            let (flags, file) = (next.vma_flags(), next.file());
            let gap = iter.gap_at(extent.range).ok_or(ENOENT)?;
            let new = NewRange {
                candidate: Candidate {
                    extent,
                    flags,
                    file,
                    anon_vma: None,
                    policy: TestPolicy::of(None),
                    userfaultfd_context: Context::of(None),
                    name: Name::none(),
                    source: Source::New,
                },
                moved_from: None,
                joining: Joining::EitherSide,
                uprobes: Uprobes::Install,
                if_no_memory: IfNoMemory::Fail,
            };
            match vma_merge_new_range(gap, new) {
                Ok(Placed::Merged(vma, _)) => Ok(Some(vma.extent())),
                _ => Ok(None),
            }
        })
    }

    /// A mapping does not grow down to page offsets before the start of its file, where the rmap would not
    /// find its pages.
    #[test]
    fn offsets_before_the_file() {
        fn put_before_page(first: usize) -> Result<Option<Extent>> {
            let (mm, file) = (TestMm::new()?, TestFile::new(16 * PAGE_SIZE)?);
            let (below, whole) = (Pages(0, 4).range()?, WHOLE.range()?);
            mm.map(&Backing::Shared(&file), whole, first * PAGE_SIZE)?;
            let pgoff = PageOffset::new(first).back(4);
            let extent = Extent {
                range: below,
                pgoff,
                anon_pgoff: PageOffset::new(below.start() / PAGE_SIZE),
            };
            put_before(&mm, whole, extent)
        }
        assert_eq!(put_before_page(0), Ok(None));
        let grown = put_before_page(4).map(|grown| grown.map(|grown| grown.pgoff.pages()));
        assert_eq!(grown, Ok(Some(0)));
    }

    /// Returns whether anonymous memory keeps its offset if the range that is mapped before it claims another
    /// one.
    fn keeps_its_offset(mm: &TestMm) -> Result<bool> {
        let (below, whole) = (Pages(0, 4).range()?, WHOLE.range()?);
        let pgoff = PageOffset::new(below.start() / PAGE_SIZE);
        let extent = Extent {
            range: below,
            pgoff,
            anon_pgoff: pgoff.forward(99),
        };
        let grown = put_before(mm, whole, extent)?.ok_or(EINVAL)?;
        Ok(grown.range == below.through(whole) && grown.anon_pgoff == pgoff)
    }

    /// Anonymous memory with a page keeps its offset, so that the page is found.
    #[test]
    fn another_offset_of_anonymous_pages() {
        fn play() -> Result<bool> {
            let mm = mapped(WHOLE)?;
            mm.write_byte(WHOLE.range()?.start(), 7)?;
            keeps_its_offset(&mm)
        }
        assert_eq!(play(), Ok(true));
    }

    /// Untouched anonymous memory keeps its offset, so that later pages are found.
    #[test]
    fn another_offset_of_untouched_memory() {
        assert_eq!(mapped(WHOLE).and_then(|mm| keeps_its_offset(&mm)), Ok(true));
    }

    /// Merges can be prepared and given up in every leaf of a tree that has several leaves, and across their
    /// borders.
    #[test]
    fn merges_that_are_given_up() {
        const VMAS: usize = 64;

        fn play() -> Result<bool> {
            let mm = mapped(Pages(0, VMAS))?;
            let page = |nth: usize| Pages(nth, nth + 1).range();
            for nth in (1..VMAS).step_by(2) {
                let range = page(nth)?;
                with_iter(&mm, |iter| {
                    let site = iter.site_at(range.start()).ok_or(ENOENT)?;
                    let flags = site.middle().vma_flags().union(DONTCOPY);
                    vma_modify_flags(site, range, flags)?.vma.set_advice(flags);
                    Ok(())
                })?;
            }
            for nth in (1..VMAS - 1).step_by(2) {
                let range = page(nth)?;
                let found = with_iter(&mm, |iter| {
                    let mut site = iter.site_at(range.start()).ok_or(ENOENT)?;
                    let change = Change {
                        flags: Some(site.middle().vma_flags().without(DONTCOPY)),
                        ..Change::default()
                    };
                    let asking = Asking::about(&mut site, range, &change);
                    let (mut cursor, prev, middle, next) = site.into_parts();
                    let takeover = asking.takeover(prev, &middle, next);
                    let takeover = takeover.map_err(|_| EINVAL)?;
                    let growth = Growth::of(&asking, takeover, middle);
                    drop(growth.prepare(&mut cursor).map_err(|_| ENOMEM)?);
                    Ok(iter.find(usize::MAX).ok_or(ENOENT)?.range().pages())
                })?;
                if found != 1 {
                    return Ok(false);
                }
            }
            let count = mm.map_count();
            Ok(count == VMAS as i32)
        }
        assert_eq!(play(), Ok(true));
    }
}
