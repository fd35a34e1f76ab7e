// SPDX-License-Identifier: GPL-2.0

//! `explain` and `explain.jsonl`: why a process has so many VMAs.
//!
//! Write `<pid>`, or `<pid> <start> <end>`, with or without `summary` behind it, then read. For each boundary
//! between two VMAs, a line says whether an operation that changes nothing about them would merge them, and if not, every
//! reason. A summary follows; with `summary`, it comes alone. Before the first write, readers see their
//! own process.
//!
//! The list is produced piece by piece, as that of `maps` is. Each boundary is looked at under the lock;
//! between pieces the process may change.

use super::{
    chosen::Chosen,
    command::{
        self,
        BadCommand, //
    }, //
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
        Described,
        Part,
        Paths,
        PolicyInWords,
        Scope,
        SeenAnonVma,
        Segments,
        Sides,
        Walk,
        LONGEST_PATH, //
    },
    process::{
        anon_vma_of,
        current_mm,
        grab,
        inode_of,
        name_of,
        path_of,
        policy_of,
        write_count,
        Identity,
        Pid, //
    },
    sys::debugfs::DebugfsFile,
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
use core::marker::PhantomData;
use kernel::{
    fmt,
    mm::Mm,
    prelude::*,
    sync::{
        aref::ARef,
        Arc, //
    },
};

/// The most VMAs that are looked at without releasing the lock.
const BATCH: usize = 256;

/// The memory that is explained, and how much is said of it.
pub(super) struct Subject {
    pid: Pid,
    range: Option<Range>,
    level: Level,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Boundaries,
    Summary,
}

/// The figures, with room in the memory of the kernel.
type Tally = crate::explain::Tally<KVVec<Option<Count>>>;

impl Described for VmaRef {
    fn name_in_bytes(&self) -> Option<&[u8]> {
        name_of(self).map(CStr::to_bytes)
    }

    fn policy_in_words(&self) -> PolicyInWords {
        let (mode, nodes) = policy_of(self);
        PolicyInWords { mode, nodes }
    }

    fn seen_anon_vma(&self) -> Option<SeenAnonVma> {
        let (number, root) = anon_vma_of(self)?;
        Some(SeenAnonVma {
            number,
            root,
            is_forked: self.has_forked_anon_vma(),
        })
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

/// One reading of the answer.
pub(super) struct Explain<F> {
    target: Arc<Chosen<Subject>>,
    reading: Option<Reading>,
    /// Room for two paths.
    paths: [KVec<u8>; 2],
    _form: PhantomData<F>,
}

struct Reading {
    identity: Identity,
    mm: ARef<Mm>,
    walk: Walk,
    /// How often the memory had been locked for writing, as far as that is known, when it was looked at last.
    write_count: Option<Option<u32>>,
    /// The last VMA that was looked at starts here, or the memory in question does.
    from: usize,
    /// The memory in question ends here.
    end: usize,
    is_range: bool,
    level: Level,
    /// Whether the VMA at `from` was counted.
    has_begun: bool,
    segments: Segments,
    tally: Tally,
    /// Found when all was looked at.
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

impl<F: Form + Send + Unpin + 'static> DebugfsFile for Explain<F> {
    type Shared = Chosen<Subject>;

    const LONGEST_WRITE: usize = command::LONGEST_LINE + 1;

    fn open(target: Arc<Chosen<Subject>>) -> Result<Self> {
        Ok(Self {
            target,
            reading: None,
            paths: [room_for_path()?, room_for_path()?],
            _form: PhantomData,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result {
        let (pid, range, level) = match parse(bytes) {
            Ok(parsed) => parsed,
            Err(bad) => {
                return self
                    .target
                    .refuse(bad.errno(), fmt!("{}", BadQuestion(bad)));
            }
        };
        let pid = self.target.find(pid)?;
        self.target.set(Subject { pid, range, level })
    }

    fn refuse_overlong(&mut self, length: usize) -> Result {
        self.target.refuse_overlong(length)
    }

    fn rewind(&mut self) -> Result {
        let subject = self.target.get();
        let (identity, mm, range, level) = match &subject {
            Some(subject) => {
                let mm = subject.pid.mm().map_err(|none| none.errno())?;
                let identity = subject.pid.identity().map_err(|none| none.errno())?;
                (identity, mm, subject.range, subject.level)
            }
            None => {
                let mm = current_mm().ok_or(ESRCH)?;
                (Identity::of_caller(), mm, None, Level::Boundaries)
            }
        };
        self.reading = Some(Reading {
            identity,
            mm: grab(&mm),
            walk: Walk::Undisturbed,
            write_count: None,
            from: range.map_or(0, Range::start),
            end: range.map_or(usize::MAX, Range::end),
            is_range: range.is_some(),
            level,
            has_begun: false,
            segments: Segments::new(),
            tally: Tally::new(KVVec::from_elem(None, SETS, GFP_KERNEL)?),
            answer: None,
            stage: Stage::Header,
        });
        Ok(())
    }

    fn produce(&mut self, text: &mut Text) -> Result {
        let Some(reading) = &mut self.reading else {
            return Ok(());
        };
        if reading.stage == Stage::Header {
            F::header(text).map_err(|Full| ENOSPC)?;
            reading.stage = Stage::Boundaries;
        }
        while reading.stage == Stage::Boundaries && text.as_bytes().is_empty() {
            if current!().signal_pending() {
                // To go on from here.
                return Err(ERESTARTSYS);
            }
            reading.look::<F>(&mut self.paths, text)?;
        }
        while text.as_bytes().is_empty() {
            let Stage::Summary(part) = reading.stage else {
                break;
            };
            reading.sum_up::<F>(part, text)?;
            reading.stage = part.next().map_or(Stage::Over, Stage::Summary);
        }
        Ok(())
    }
}

impl Reading {
    /// Looks at more VMAs, until there is no room for another line or a batch is full.
    fn look<F: Form>(&mut self, [prev, next]: &mut [KVec<u8>; 2], text: &mut Text) -> Result {
        // If the process has exited meanwhile, that is all there is.
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
        }
        for place in 0..BATCH {
            let Some(Three { last, vma, ahead }) = walk
                .next_of_three()
                .filter(|three| three.vma.start() < self.end)
            else {
                self.end_walk();
                return Ok(());
            };
            // The first one is the last one of the batch before.
            if place == 0 && self.has_begun && vma.start() <= self.from {
                continue;
            }
            let mut segments = self.segments.clone();
            let boundary = segments.look(last, vma, ahead);
            if let (Some(last), Some(boundary), Level::Boundaries) = (last, &boundary, self.level) {
                let sides = Sides::of(boundary, last, vma, Paths { prev, next });
                match F::boundary(boundary, &sides, text) {
                    Ok(()) => {}
                    // An empty text would end the answer.
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

    /// All that there is was seen.
    fn end_walk(&mut self) {
        self.tally.end();
        self.stage = Stage::Summary(Part::FIRST);
    }

    fn sum_up<F: Form>(&mut self, part: Part, text: &mut Text) -> Result {
        let scope = if self.is_range {
            Scope::Range
        } else {
            Scope::Process {
                max_map_count: max_map_count(),
            }
        };
        let answer = match self.answer.take() {
            Some(answer) => answer,
            None => {
                // For sixteen causes it takes 512 KiB.
                let length = Answer::table_length(&self.tally);
                let mut table = KVVec::from_elem(Entry::NOTHING, length, GFP_KERNEL)?;
                Answer::find(&self.tally, scope.least(self.tally.vmas), &mut table)
            }
        };
        let about = About {
            pid: self.identity.pid,
            command: self.identity.command(),
            time: self.identity.time(),
            scope,
            walk: self.walk,
        };
        F::summary(part, &self.tally, &answer, &about, text).map_err(|Full| ENOSPC)?;
        self.answer = Some(answer);
        Ok(())
    }
}

/// The form of a question.
const FORM: &str = "<pid>, or <pid> <start> <end>, with summary behind it or not";

/// A mistake in a question.
struct BadQuestion<'a>(BadCommand<'a>);

impl fmt::Display for BadQuestion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            BadCommand::Empty(form) => write!(f, "the line is empty; write {form}"),
            BadCommand::MissingRange(form) => {
                write!(f, "a range has two hexadecimal addresses; write {form}")
            }
            bad => f.write_fmt(fmt!("{bad}")),
        }
    }
}

fn parse(bytes: &[u8]) -> Result<(i32, Option<Range>, Level), BadCommand<'_>> {
    let mut words = command::line_of(bytes)?.split_ascii_whitespace().peekable();

    let pid = command::parse_pid(words.next().ok_or(BadCommand::Empty(FORM))?)?;
    let range = match words.peek() {
        None | Some(&"summary") => None,
        Some(_) => Some(command::parse_range(&mut words, FORM)?),
    };
    let level = match words.next() {
        None => Level::Boundaries,
        Some("summary") => Level::Summary,
        Some(word) => return Err(BadCommand::Surplus(word)),
    };
    match words.next() {
        None => Ok((pid, range, level)),
        Some(word) => Err(BadCommand::Surplus(word)),
    }
}
