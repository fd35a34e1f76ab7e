// SPDX-License-Identifier: GPL-2.0

//! What Rust says before C acts, how the two are compared, and what is told if they differ.

use crate::{
    hook::Entry,
    sys::live::{
        count_compared,
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
            Who, //
        },
        plan::Decision,
        split::SplitError,
        sys::{
            VmaFlags,
            VmaRef, //
        },
    },
};
use kernel::{
    fmt,
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};

/// How a decision becomes a forecast. The module's own are right; a test's may be wrong.
pub(crate) trait Rules: Sized {
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
    fn split(
        before: &Before,
        parts: ((Who, Range), (Who, Range)),
        driver: Result<(), SplitError>,
    ) -> Forecast {
        before.split(parts, driver)
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
}

impl Wanted {
    /// What the candidate says of it.
    pub(crate) fn of(candidate: &Candidate<'_, VmaRef>) -> Self {
        let source = candidate.source.vma();
        Self {
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
    pub(crate) fn compare(&self, rust: &Forecast, c: &Forecast, c_tried_to_merge: bool) {
        // Whether there is memory, Rust cannot foresee. The limit on the number of VMAs it can.
        let no_memory = c_tried_to_merge || c.answer.is_no_memory();
        let compared = if rust == c {
            Compared::Same
        } else if no_memory && !rust.answer.is_no_memory() {
            Compared::WithoutMemory
        } else {
            Compared::Different
        };
        count_compared(compared);
        if compared == Compared::Different {
            self.tell(rust, c);
            trouble(self.entry, "Rust and C differ");
        }
    }

    /// Tells of a difference, once for each kind of them.
    fn tell(&self, rust: &Forecast, c: &Forecast) {
        static TOLD: Atomic<u64> = Atomic::new(0);

        // What is told of is in the bits of a number.
        let kind = 1u64 << (self.entry as u64 * 8 + (kind(rust) ^ kind(c)));
        let told = TOLD.load(Relaxed);
        if told & kind != 0 || TOLD.cmpxchg(told, told | kind, Relaxed).is_err() {
            return;
        }
        pr_err!("{}: Rust and C differ\n", self.entry.name());
        let share = word(self.ends_share_anon_vma, " ends-share-anon_vma");
        pr_err!("  asked   {}{share}\n", self.wanted);
        for (name, vma) in [
            ("prev", &self.prev),
            ("middle", &self.middle),
            ("next", &self.next),
        ] {
            if let Some(vma) = vma {
                pr_err!("  {name:7} {vma}\n");
            }
        }
        for (who, forecast) in [("Rust", rust), ("C", c)] {
            pr_err!("  {who} {}\n", Told(forecast.answer));
            for piece in forecast.layout.pieces() {
                pr_err!("    {:7} {}\n", piece.who.name(), Spelled(piece.extent));
            }
        }
    }
}

/// What kind of answer it is, from 0 to 3.
fn kind(forecast: &Forecast) -> u64 {
    match forecast.answer {
        Answer::Vma(Who::Prev | Who::Next) => 0,
        Answer::Vma(Who::Middle | Who::New) => 1,
        Answer::NotMerged | Answer::Done => 2,
        Answer::Fails(_) => 3,
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
            "{} flags {:x}{}{}{}",
            Spelled(self.extent),
            self.flags,
            word(self.has_file, " file"),
            word(self.has_anon_vma, " anon_vma"),
            word(self.is_forked, " forked"),
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
