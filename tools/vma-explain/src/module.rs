// SPDX-License-Identifier: GPL-2.0

//! The answers of the module rust_vma, if it is loaded: its files in debugfs take a question and give the answer.

use crate::{
    choices::{
        Level,
        Readers, //
    },
    output::Output,
    problem::{
        Problem,
        Result, //
    },
    vma::extent::Range,
};
use std::{
    fs::{
        File,
        OpenOptions, //
    },
    io::{
        self,
        ErrorKind,
        Read,
        Write, //
    },
};

const FOLDER: &str = "/sys/kernel/debug/rust_vma";

/// Fails if the module cannot be asked.
pub(crate) fn check() -> Result<()> {
    open("explain").map(drop)
}

/// Prints the answer about a process, or a range of its memory.
pub(crate) fn explain(
    pid: u32,
    readers: Readers,
    range: Option<Range>,
    level: Level,
    output: &mut Output<impl Write>,
) -> Result<()> {
    let mut question = pid.to_string();
    if let Some(range) = range {
        question += &format!(" {:x}-{:x}", range.start(), range.end());
    }
    if level == Level::Summary {
        question += " summary";
    }
    let name = match readers {
        Readers::People => "explain",
        Readers::Programs => "explain.jsonl",
    };
    let mut file = open(name)?;
    let failed =
        |error: io::Error| Problem::new(format!("{FOLDER}/{name} cannot be read: {error}"));
    // The answer has the reason of a refusal.
    let refused = file.write_all(question.as_bytes()).err();
    let mut answer = [0; 1 << 16];
    loop {
        let length = file.read(&mut answer).map_err(failed)?;
        if let Some(error) = refused {
            let reason = String::from_utf8_lossy(&answer[..length]);
            return Err(Problem::new(match reason.trim_end() {
                "" => format!("the module refuses the question: {error}"),
                reason => format!("the module has {reason}"),
            }));
        }
        if length == 0 {
            return output.flush();
        }
        output.pass(&answer[..length])?;
    }
}

fn open(name: &str) -> Result<File> {
    let path = format!("{FOLDER}/{name}");
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(&path)
        .map_err(|error| {
            Problem::new(match error.kind() {
                ErrorKind::NotFound => {
                    format!("there is no {path}: load the module rust_vma, and mount debugfs")
                }
                ErrorKind::PermissionDenied => {
                    format!("you may not open {path}: be root, on a kernel that is not locked down")
                }
                _ => format!("{path} cannot be opened: {error}"),
            })
        })
}
