// SPDX-License-Identifier: GPL-2.0

//! What Rust says before C acts, how the two are compared, and what is told if they differ.

use crate::{
    hook::{
        Entry,
        Trouble, //
    },
    sys::live::{
        count_compared,
        set_bit,
        telling,
        trouble,
        Compared, //
    },
    vma::{
        compat::{
            Attributes,
            Candidate, //
        },
        extent::{
            Extent,
            Range, //
        },
        forecast::{
            Answer,
            Before,
            Forecast,
            Layout,
            Piece,
            Who, //
        },
        merge::IfNoMemory,
        plan::Decision,
        split::{
            Split,
            SplitError, //
        },
        sys::{
            VmaFlags,
            VmaRef, //
        },
    },
};
use kernel::{
    fmt,
    prelude::*,
    sync::atomic::Atomic, //
};

/// What is decided, and how that becomes a forecast. The module's own rules are right; a test's may be
/// wrong.
pub(crate) trait Rules: Sized {
    /// What is decided about a call of `vma_modify()` or `vma_merge_new_range()`.
    fn decided(_entry: Entry, decision: Decision) -> Decision {
        decision
    }

    /// What `vma_modify()` will do.
    fn modified(
        before: &Before,
        decision: &Decision,
        range: Range,
        may_split: impl FnMut(usize, i32) -> Result<(), SplitError>,
    ) -> Forecast {
        before.modified(decision, range, may_split)
    }

    /// What `vma_merge_new_range()` will do.
    fn placed(before: &Before, decision: &Decision) -> Forecast {
        before.placed(decision)
    }

    /// What `__split_vma()` will do.
    fn split(before: &Before, split: Split, driver: Result<(), SplitError>) -> Forecast {
        before.split(split, driver)
    }

    /// What `vma_expand()` and `vma_shrink()` will do.
    fn resized(before: &Before, to: Extent) -> Forecast {
        before.resized(to)
    }
}

/// A VMA that a call is about, and how it compares with what is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Neighbour {
    extent: Extent,
    flags: VmaFlags,
    has_file: bool,
    same_file: bool,
    anon_vma: AnonVma,
    is_forked: bool,
    same_policy: bool,
    same_context: bool,
    same_name: bool,
    closes: bool,
}

#[derive(Clone, Copy)]
enum AnonVma {
    None,
    Same,
    Other,
}

impl Neighbour {
    /// Looks at a VMA beside the candidate, or that the candidate is a part of.
    pub(crate) fn of(vma: &VmaRef, candidate: &Candidate<'_, VmaRef>) -> Self {
        let anon_vma = match vma.anon_vma() {
            None => AnonVma::None,
            theirs if theirs == candidate.anon_vma => AnonVma::Same,
            Some(_) => AnonVma::Other,
        };
        Self {
            extent: vma.extent(),
            flags: vma.vma_flags(),
            has_file: vma.file().is_some(),
            same_file: vma.file() == candidate.file,
            anon_vma,
            is_forked: vma.anon_vma().is_some() && vma.has_forked_anon_vma(),
            same_policy: vma.has_policy_like(&candidate.policy),
            same_context: vma.userfaultfd_context() == candidate.userfaultfd_context,
            same_name: vma.has_name_like(&candidate.name),
            closes: vma.must_not_disappear(),
        }
    }
}

/// What a call asks for.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    extent: Extent,
    flags: VmaFlags,
    has_file: bool,
    has_anon_vma: bool,
    is_forked: bool,
    /// Whether it moves here, from a VMA that stays one of its own.
    moves: bool,
    /// Whether it is to be as if nothing could merge, if there is no memory.
    gives_up: bool,
}

impl Wanted {
    /// What the candidate says of it.
    pub(crate) fn of(
        entry: Entry,
        candidate: &Candidate<'_, VmaRef>,
        if_no_memory: IfNoMemory,
    ) -> Self {
        let source = candidate.source.vma();
        Self {
            moves: entry == Entry::MergeNewRange && source.is_some(),
            gives_up: if_no_memory == IfNoMemory::GiveUp,
            extent: candidate.extent,
            flags: candidate.flags,
            has_file: candidate.file.is_some(),
            has_anon_vma: candidate.anon_vma.is_some(),
            is_forked: candidate.anon_vma.is_some()
                && source.is_some_and(VmaRef::has_forked_anon_vma),
        }
    }
}

/// What a call asks for, and the VMAs that it is about, as they are before it.
pub(crate) struct Asked {
    /// Which function is called.
    pub(crate) entry: Entry,
    /// What it is asked for.
    pub(crate) wanted: Wanted,
    /// The VMA before.
    pub(crate) prev: Option<Neighbour>,
    /// The VMA that changes; none if something is mapped.
    pub(crate) middle: Option<Neighbour>,
    /// The VMA after, as far as it matters.
    pub(crate) next: Option<Neighbour>,
    /// Whether the VMAs before and after have one anon_vma.
    pub(crate) ends_share_anon_vma: bool,
    /// How many VMAs there are, and may be.
    pub(crate) limit: Limit,
}

/// How many VMAs a process has, and how many it may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    /// Its `map_count`.
    pub(crate) vmas: i32,
    /// `vm.max_map_count`.
    pub(crate) most: i32,
}

/// What C left, and how far it came.
pub(crate) struct Found {
    /// What it returned.
    pub(crate) answer: Answer,
    /// What is there now.
    pub(crate) layout: Layout,
    /// What became of the merge that it wanted, if it was not done.
    pub(crate) tried: Tried,
    /// `vm.max_map_count` now.
    pub(crate) most: i32,
}

/// What C has tried and could not do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tried {
    /// Nothing, as far as can be seen.
    Nothing,
    /// The merge that Rust had planned.
    AsPlanned,
    /// Another merge.
    Otherwise,
}

impl Asked {
    /// Where they are.
    pub(crate) fn before(&self) -> Before {
        let extent = |vma: &Option<Neighbour>| vma.as_ref().map(|vma| vma.extent);
        Before {
            prev: extent(&self.prev),
            middle: extent(&self.middle),
            next: extent(&self.next),
        }
    }

    /// All addresses that the call is about.
    pub(crate) fn span(&self) -> Range {
        let before = self.before();
        let first = before.prev.or(before.middle).unwrap_or(self.wanted.extent);
        let last = before.next.or(before.middle).unwrap_or(self.wanted.extent);
        let whole = first.range.through(self.wanted.extent.range);
        if last.range.end() > whole.end() {
            whole.through(last.range)
        } else {
            whole
        }
    }

    /// Whether this is where something is about to be mapped.
    pub(crate) fn replaces(&self, extent: Extent) -> bool {
        self.middle.is_none() && self.wanted.extent.range.contains(extent.range)
    }

    /// Compares what Rust said with what C has done.
    pub(crate) fn compare(&self, rust: &Forecast, c: &Found) {
        let compared = self.judge(rust, c);
        count_compared(compared);
        if compared == Compared::Different {
            self.tell(rust, c);
            trouble(self.entry, Trouble::Differ);
        }
    }

    /// Whether there is memory, Rust cannot foresee. What C does without, it can.
    fn judge(&self, rust: &Forecast, c: &Found) -> Compared {
        let is_unchanged = c.layout == self.before().layout();
        match c.tried {
            Tried::AsPlanned if is_unchanged && self.says_no_memory(c.answer) => {
                return Compared::WithoutMemory;
            }
            Tried::AsPlanned | Tried::Otherwise => return Compared::Different,
            Tried::Nothing => {}
        }
        if rust.answer == c.answer && rust.layout == c.layout {
            return Compared::Same;
        }
        let limit_has_moved =
            c.most != self.limit.most && (rust.answer.is_no_memory() || c.answer.is_no_memory());
        let is_on_the_way = is_unchanged || Some(c.layout) == rust.halfway;
        // What a driver forbids, C finds before it asks for memory.
        let driver_stops = rust.answer.is_failure_but_no_memory() && rust.halfway.is_none();
        let has_no_memory =
            c.answer.is_no_memory() && is_on_the_way && !driver_stops && !self.limit_stops(c);
        if limit_has_moved || has_no_memory {
            return Compared::WithoutMemory;
        }
        Compared::Different
    }

    /// Whether this is what C answers when it has no memory for a merge.
    fn says_no_memory(&self, answer: Answer) -> bool {
        match answer {
            Answer::NotMerged => self.entry == Entry::MergeNewRange,
            Answer::Vma(Who::Middle) => self.wanted.gives_up,
            answer => answer.is_no_memory(),
        }
    }

    /// Whether C could go no further because there are as many VMAs as there may be, which it finds
    /// before it asks for memory.
    fn limit_stops(&self, c: &Found) -> bool {
        let more = c
            .layout
            .count()
            .saturating_sub(self.before().layout().count());
        let vmas = usize::try_from(self.limit.vmas).unwrap_or(0) + more;
        self.entry == Entry::Modify && vmas >= usize::try_from(self.limit.most).unwrap_or(0)
    }

    /// Tells of a difference, once for each kind of them.
    fn tell(&self, rust: &Forecast, c: &Found) {
        static TOLD: [Atomic<u64>; Entry::COUNT] = [const { Atomic::new(0) }; Entry::COUNT];

        let is_new = |told| set_bit(told, 1 << kind_of_difference(rust, c));
        if !TOLD.get(self.entry as usize).is_some_and(is_new) {
            return;
        }
        let _telling = telling();
        pr_err!("{}: Rust and C differ\n", self.entry.name());
        let share = word(self.ends_share_anon_vma, " ends-share-anon_vma");
        let Limit { vmas, most } = self.limit;
        pr_err!("  asked   {}{share} vmas {vmas}/{most}\n", self.wanted);
        for (name, vma) in [
            ("prev", &self.prev),
            ("middle", &self.middle),
            ("next", &self.next),
        ] {
            if let Some(vma) = vma {
                pr_err!("  {name:7} {vma}\n");
            }
        }
        for (who, answer, layout) in [
            ("Rust", rust.answer, &rust.layout),
            ("C", c.answer, &c.layout),
        ] {
            pr_err!("  {who} {}\n", Told(answer));
            for piece in layout.pieces() {
                pr_err!("    {:7} {}\n", piece.who.name(), Spelled(piece.extent));
            }
        }
        if c.tried == Tried::Otherwise {
            pr_err!("  C wanted another merge, for which it had no memory\n");
        }
    }
}

/// What differs, as a number below 64: the answers, each with each; or else who is left, where they
/// are, what they map; or none of these.
fn kind_of_difference(rust: &Forecast, c: &Found) -> u32 {
    fn same<T: PartialEq>(rust: &Layout, c: &Layout, what: impl Fn(&Piece) -> T) -> bool {
        rust.count() == c.count() && rust.pieces().map(&what).eq(c.pieces().map(&what))
    }

    let (of_rust, of_c) = (kind(rust.answer), kind(c.answer));
    if of_rust != of_c {
        ANSWERS * of_rust + of_c
    } else if !same(&rust.layout, &c.layout, |piece| piece.who) {
        ANSWERS * ANSWERS
    } else if !same(&rust.layout, &c.layout, |piece| piece.extent.range) {
        ANSWERS * ANSWERS + 1
    } else if rust.layout != c.layout {
        ANSWERS * ANSWERS + 2
    } else {
        ANSWERS * ANSWERS + 3
    }
}

/// How many kinds of answers there are.
const ANSWERS: u32 = 5;

/// What kind of answer it is.
fn kind(answer: Answer) -> u32 {
    match answer {
        Answer::Vma(Who::Prev) => 0,
        Answer::Vma(Who::Next) => 1,
        Answer::Vma(Who::Middle | Who::New) => 2,
        Answer::NotMerged | Answer::Done => 3,
        Answer::Fails(_) => 4,
    }
}

/// Addresses, page offset, anonymous page offset.
struct Spelled(Extent);

impl fmt::Display for Spelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extent = &self.0;
        f.write_fmt(fmt!(
            "{:x}-{:x} {:x} {:x}",
            extent.range.start(),
            extent.range.end(),
            extent.pgoff.pages(),
            extent.anon_pgoff.pages()
        ))
    }
}

/// The word, if it holds.
fn word(holds: bool, word: &str) -> &str {
    if holds {
        word
    } else {
        ""
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "{} flags {:x}{}{}{}{}{}",
            Spelled(self.extent),
            self.flags,
            word(self.has_file, " file"),
            word(self.has_anon_vma, " anon_vma"),
            word(self.is_forked, " forked"),
            word(self.moves, " moves"),
            word(self.gives_up, " gives-up"),
        ))
    }
}

impl fmt::Display for Neighbour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let anon_vma = match self.anon_vma {
            AnonVma::None => "",
            AnonVma::Same => " anon_vma",
            AnonVma::Other => " other-anon_vma",
        };
        f.write_fmt(fmt!(
            "{} flags {:x}{}{}{}{}{}{}{}{}",
            Spelled(self.extent),
            self.flags,
            word(self.has_file, " file"),
            word(!self.same_file, " other-file"),
            anon_vma,
            word(self.is_forked, " forked"),
            word(!self.same_policy, " other-policy"),
            word(!self.same_context, " other-uffd"),
            word(!self.same_name, " other-name"),
            word(self.closes, " closes"),
        ))
    }
}

/// What a call returns.
struct Told(Answer);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Answer::Vma(who) => f.write_fmt(fmt!("returns {}, and leaves", who.name())),
            Answer::NotMerged => f.write_fmt(fmt!("merges nothing, and leaves")),
            Answer::Done => f.write_fmt(fmt!("is done, and leaves")),
            Answer::Fails(error) => f.write_fmt(fmt!("fails with {error:?}, and leaves")),
        }
    }
}
