// SPDX-License-Identifier: GPL-2.0

//! The answer about files that a fuzzer has written (`fuzz/smaps.rs`).

use crate::{
    answer::Question,
    asked::ORIGIN_OF_FILES,
    choices::{
        Level,
        Readers, //
    },
    output::Output,
    smaps::walk_over_saved,
};
use chrono::{
    DateTime,
    Utc, //
};
use std::path::Path;

/// Explains every boundary of a saved smaps and numa_maps with this content. Returns the answer for programs, or the
/// reason why there is none.
///
/// # Errors
///
/// Fails with a sentence if a file is not what the kernel writes.
pub fn explain(smaps: &[u8], numa_maps: &[u8]) -> Result<String, String> {
    let mut text = Vec::new();
    let mut output = Output::new(&mut text);
    let question = Question {
        pid: None,
        command: b"smaps",
        time: DateTime::<Utc>::UNIX_EPOCH,
        max_map_count: None,
        range: None,
        level: Level::Boundaries,
    };
    walk_over_saved(
        (Path::new("smaps"), smaps),
        Some((Path::new("numa_maps"), numa_maps)),
    )
    .and_then(|mut source| {
        question.answer(
            &mut source,
            &ORIGIN_OF_FILES,
            Readers::Programs,
            &mut output,
        )
    })
    .and_then(|()| output.flush())
    .map_err(|problem| problem.to_string())?;
    drop(output);
    Ok(String::from_utf8_lossy(&text).into_owned())
}
