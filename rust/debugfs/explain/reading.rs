// SPDX-License-Identifier: GPL-2.0

//! An answer that is produced piece by piece, as it is read.
//!
//! Each boundary is examined under the mmap lock; the process may change between pieces. A reader gives way to tasks
//! that wait for the lock.

use super::subject::{
    Level,
    Subject, //
};
use crate::{
    explain::{
        answer::Entry,
        counts::{
            Count,
            SETS, //
        },
        form::Form,
        About,
        Answer,
        Boundary,
        Described,
        OneOfTwo,
        Part,
        Paths,
        PolicyInWords,
        Scope,
        SeenAnonVma,
        Segments,
        Sides,
        Use,
        Walk,
        LONGEST_PATH, //
    },
    process::{
        anon_vma_of,
        current_mm,
        give_way,
        grab,
        inode_of,
        name_of,
        path_of,
        policy_of,
        use_of,
        write_count,
        Identity, //
    },
    text::{
        Full,
        Text, //
    },
    vma::{
        compat::Attributes,
        extent::Range,
        sys::{
            max_map_count,
            Three,
            VmaRef,
            VmaWalk, //
        },
    },
};
use kernel::{
    mm::{
        Mm,
        MmWithUser, //
    },
    prelude::*,
    sync::aref::ARef, //
};

/// The maximum number of VMAs that are examined without releasing the lock.
const BATCH: usize = 64;

/// The tally of an answer, with its table in kernel memory.
type Tally = crate::explain::Tally<KVVec<Option<Count>>>;

impl Described for VmaRef {
    fn name_in_bytes(&self) -> Option<&[u8]> {
        name_of(self).map(CStr::to_bytes)
    }

    fn policy_in_words(&self) -> PolicyInWords {
        policy_of(self)
    }

    fn seen_anon_vma(&self) -> Option<SeenAnonVma> {
        let (number, root) = anon_vma_of(self)?;
        Some(SeenAnonVma {
            number,
            root,
            is_forked: self.has_forked_anon_vma(),
        })
    }

    fn used_as(&self) -> Use<'_> {
        use_of(self)
    }

    fn inode_number(&self) -> Option<usize> {
        inode_of(self)
    }

    fn path<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        path_of(self, buffer)
    }
}

fn room_for_path() -> Result<KVec<u8>> {
    Ok(KVec::from_elem(0, LONGEST_PATH, GFP_KERNEL)?)
}

/// The state of an answer that is being read.
pub(super) struct Reading {
    identity: Identity,
    /// The process that asked, if it is not the reader.
    asked_by: Option<i32>,
    mm: ARef<Mm>,
    /// Buffers for two paths.
    paths: [KVec<u8>; 2],
    walk: Walk,
    /// The [`write_count`] of the memory when a batch was last examined: `None` before the first batch, `Some(None)`
    /// if the kernel does not provide the count.
    write_count: Option<Option<u32>>,
    /// The start of the last VMA that was examined; initially, the start of the memory in question.
    from: usize,
    /// The end of the memory in question.
    end: usize,
    is_range: bool,
    level: Level,
    /// Whether the VMA at `from` was counted.
    has_begun: bool,
    /// Whether the answer already describes the VMA at `from`.
    is_last_known: bool,
    segments: Segments,
    tally: Tally,
    /// The answer, once all VMAs have been examined.
    answer: Option<Answer>,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Header,
    Boundaries,
    Summary(Part),
    Over,
}

impl Reading {
    /// Returns the answer about this subject, with nothing read yet. Fails if its process is gone, or if the caller
    /// may not inspect that process.
    pub(super) fn new(subject: &Subject, asked_by: Option<i32>) -> Result<KBox<Self>> {
        let mm = subject.pid.mm().map_err(|none| none.errno())?;
        let identity = subject.pid.identity().map_err(|none| none.errno())?;
        let mut this = Self::of_all(identity, &mm)?;
        this.asked_by = asked_by;
        this.from = subject.range.map_or(0, Range::start);
        this.end = subject.range.map_or(usize::MAX, Range::end);
        this.is_range = subject.range.is_some();
        this.level = subject.level;
        Ok(this)
    }

    /// Returns the answer about the calling process.
    pub(super) fn of_caller() -> Result<KBox<Self>> {
        let mm = current_mm().ok_or(ESRCH)?;
        Self::of_all(Identity::of_caller(), &mm)
    }

    /// Returns the answer about all memory of a process.
    #[inline(never)]
    fn of_all(identity: Identity, mm: &MmWithUser) -> Result<KBox<Self>> {
        let this = Self {
            identity,
            asked_by: None,
            mm: grab(mm),
            paths: [room_for_path()?, room_for_path()?],
            walk: Walk::Undisturbed,
            write_count: None,
            from: 0,
            end: usize::MAX,
            is_range: false,
            level: Level::Boundaries,
            has_begun: false,
            is_last_known: false,
            segments: Segments::new(),
            tally: Tally::new(KVVec::from_elem(None, SETS, GFP_KERNEL)?),
            answer: None,
            stage: Stage::Header,
        };
        Ok(KBox::new(this, GFP_KERNEL)?)
    }

    /// Appends the next piece to `text`, which is empty. Appends nothing at the end of the answer.
    pub(super) fn produce<F: Form>(&mut self, text: &mut Text) -> Result {
        if self.stage == Stage::Header {
            F::header(text).map_err(|Full| ENOSPC)?;
            self.stage = Stage::Boundaries;
        }
        while self.stage == Stage::Boundaries && text.as_bytes().is_empty() {
            if current!().signal_pending() {
                // A restarted read continues here.
                return Err(ERESTARTSYS);
            }
            self.look::<F>(text)?;
        }
        while text.as_bytes().is_empty() {
            let Stage::Summary(part) = self.stage else {
                break;
            };
            self.sum_up::<F>(part, text)?;
            self.stage = part.next().map_or(Stage::Over, Stage::Summary);
        }
        Ok(())
    }

    /// Examines more VMAs, until there is no room for another line, a batch is full or other tasks wait for the lock.
    #[inline(never)]
    fn look<F: Form>(&mut self, text: &mut Text) -> Result {
        give_way(&self.mm);
        // If the process has exited meanwhile, the walk ends here.
        let Some(mm) = self.mm.mmget_not_zero() else {
            self.walk = Walk::CutShort;
            self.end_walk();
            return Ok(());
        };
        let mut walk = VmaWalk::lock_killable(&mm, self.from)?;
        let write_count = write_count(&mm);
        let before = self.write_count.replace(write_count);
        if before.is_some_and(|before| before.is_none() || before != write_count) {
            self.walk = Walk::Disturbed;
            // `from` may now be in another VMA.
            self.is_last_known = false;
        }
        for place in 0..BATCH {
            if walk.gives_way(place) {
                break;
            }
            let Some(Three { last, vma, ahead }) = walk
                .next_of_three()
                .filter(|three| three.vma.start() < self.end)
            else {
                self.end_walk();
                return Ok(());
            };
            // The walk begins with the last VMA of the previous batch.
            if place == 0 && self.has_begun && vma.start() <= self.from {
                continue;
            }
            let mut segments = self.segments.clone();
            let boundary = segments.look(last, vma, ahead);
            if self.level == Level::Boundaries {
                match self.tell::<F>(last.zip(boundary.as_ref()), vma, text) {
                    Ok(()) => {}
                    // An empty text would end the answer without an error.
                    Err(Full) if text.as_bytes().is_empty() => return Err(ENOSPC),
                    Err(Full) => return Ok(()),
                }
            }
            self.tally.add(vma, boundary.as_ref());
            self.segments = segments;
            self.from = vma.start();
            self.has_begun = true;
        }
        Ok(())
    }

    /// Appends the lines about a VMA, and about its boundary with the VMA below, if there is one.
    #[inline(never)]
    fn tell<F: Form>(
        &mut self,
        below: Option<(&VmaRef, &Boundary)>,
        vma: &VmaRef,
        text: &mut Text,
    ) -> Result<(), Full> {
        let [prev, next] = &mut self.paths;
        let Some((last, boundary)) = below else {
            F::vma(&OneOfTwo::alone(vma, next), text)?;
            self.is_last_known = true;
            return Ok(());
        };
        if !self.is_last_known {
            F::vma(&OneOfTwo::alone(last, prev), text)?;
            self.is_last_known = true;
        }
        F::boundary(
            boundary,
            &Sides::of(boundary, last, vma, Paths { prev, next }),
            text,
        )
    }

    /// Ends the walk, so that the summary follows.
    fn end_walk(&mut self) {
        self.tally.end();
        self.stage = Stage::Summary(Part::FIRST);
    }

    /// Finds the answer, leaving out steps that make fewer than `least` VMAs disappear.
    #[inline(never)]
    fn find_answer(&self, least: usize) -> Result<Answer> {
        // For sixteen causes, the table takes 512 KiB.
        let length = Answer::table_length(&self.tally);
        let mut table = KVVec::from_elem(Entry::NOTHING, length, GFP_KERNEL)?;
        Ok(Answer::find(&self.tally, least, &mut table))
    }

    #[inline(never)]
    fn sum_up<F: Form>(&mut self, part: Part, text: &mut Text) -> Result {
        let scope = if self.is_range {
            Scope::Range
        } else {
            Scope::Process {
                max_map_count: Some(max_map_count()),
            }
        };
        let answer = match self.answer.take() {
            Some(answer) => answer,
            None => self.find_answer(scope.least(self.tally.vmas))?,
        };
        let about = About {
            pid: Some(self.identity.pid),
            command: self.identity.command(),
            time: self.identity.time(),
            scope,
            walk: self.walk,
            asked_by: self.asked_by,
            origin: None,
        };
        F::summary(part, &self.tally, &answer, &about, text).map_err(|Full| ENOSPC)?;
        self.answer = Some(answer);
        Ok(())
    }
}
