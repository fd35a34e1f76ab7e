// SPDX-License-Identifier: GPL-2.0

//! The report of a difference in the log.

use super::{
    asked::{
        word,
        Asked,
        Limit,
        Spelled, //
    },
    judge::{
        Found,
        Tried, //
    },
};
use crate::{
    hook::{
        fallback::set_bit,
        sys::kernel::lock_log, //
    },
    report::helper::Helper,
    vma::forecast::{
        Answer,
        Forecast,
        Layout,
        Piece,
        WhichVma, //
    },
};
use kernel::{
    fmt,
    prelude::*,
    sync::atomic::Atomic, //
};

impl Asked {
    /// Logs a difference, once for each kind. Sleeps while another difference is being logged.
    pub(super) fn tell(&self, rust: &Forecast, c: &Found) {
        static TOLD: [Atomic<u64>; Helper::COUNT] = [const { Atomic::new(0) }; Helper::COUNT];

        let is_new = |told| set_bit(told, 1 << kind_of_difference(rust, c));
        if !TOLD.get(self.helper as usize).is_some_and(is_new) {
            return;
        }
        let _log = lock_log();
        let name = self.helper.name().as_str();
        pr_err!("{name}: Rust and C differ\n");
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

/// Returns the kind of difference as a number below 64. Each pair of different answers is a kind. Equal
/// answers have four kinds: different VMAs, different ranges, different offsets, and none of these.
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

/// The number of kinds of answers.
const ANSWERS: u32 = 5;

/// Returns the kind of an answer.
fn kind(answer: Answer) -> u32 {
    match answer {
        Answer::Vma(WhichVma::Prev) => 0,
        Answer::Vma(WhichVma::Next) => 1,
        Answer::Vma(WhichVma::Middle | WhichVma::New) => 2,
        Answer::NotMerged | Answer::Done => 3,
        Answer::Fails(_) => 4,
    }
}

/// An answer in words.
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
