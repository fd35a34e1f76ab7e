// SPDX-License-Identifier: GPL-2.0

//! Text for people at a terminal: labels are bold, details are dim, and lines are cut at the terminal's width.

use anstream::{
    AutoStream,
    ColorChoice, //
};
use anstyle::Style;
use std::io::{
    self,
    stdout,
    IsTerminal,
    Write, //
};
use textwrap::{
    termwidth,
    wrap,
    Options, //
};

const LABEL: Style = Style::new().bold();
const DETAIL: Style = Style::new().dimmed();

/// The least width of lines: narrower lines are harder to read than wrapped ones.
const NARROWEST: usize = 40;

/// Returns the standard output for people. It has colours if it is a terminal or the environment asks for them, and
/// lines of the terminal's width if it is one.
pub(crate) fn for_people() -> Box<dyn Write> {
    let to = stdout();
    let is_coloured = AutoStream::choice(&to) != ColorChoice::Never;
    let width = to.is_terminal().then(|| termwidth().max(NARROWEST));
    if !is_coloured && width.is_none() {
        return for_programs();
    }
    Box::new(Lines {
        to: to.lock(),
        line: Vec::new(),
        is_coloured,
        width,
    })
}

/// Returns the standard output for programs, which passes every byte on unchanged.
pub(crate) fn for_programs() -> Box<dyn Write> {
    Box::new(stdout().lock())
}

/// A writer of lines to a terminal.
struct Lines<W> {
    to: W,
    /// The beginning of the next line.
    line: Vec<u8>,
    is_coloured: bool,
    width: Option<usize>,
}

impl<W: Write> Lines<W> {
    fn write_line(&mut self) -> io::Result<()> {
        let line = String::from_utf8_lossy(&self.line);
        let indent = line.len() - line.trim_start().len();
        let hanging = " ".repeat(indent + 2);
        let shown = match self.width {
            Some(width) => wrap(&line, Options::new(width).subsequent_indent(&hanging)),
            None => vec![line.as_ref().into()],
        };
        let is_row = line
            .trim_start()
            .starts_with(|first: char| first.is_ascii_digit());
        let is_detail = indent >= 4 && !is_row;
        for (place, part) in shown.iter().enumerate() {
            let label = match part.find(": ") {
                Some(end) if place == 0 && !is_row && !is_detail => end + 1,
                _ => 0,
            };
            let (label, rest) = part.split_at(label);
            if !self.is_coloured {
                writeln!(self.to, "{part}")?;
            } else if is_detail {
                writeln!(self.to, "{DETAIL}{part}{DETAIL:#}")?;
            } else if label.is_empty() {
                writeln!(self.to, "{rest}")?;
            } else {
                writeln!(self.to, "{LABEL}{label}{LABEL:#}{rest}")?;
            }
        }
        self.line.clear();
        Ok(())
    }
}

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            match byte {
                b'\n' => self.write_line()?,
                byte => self.line.push(*byte),
            }
        }
        Ok(bytes.len())
    }

    /// Flushes whole lines. The beginning of a line waits for its end.
    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, width: Option<usize>, is_coloured: bool) -> String {
        let mut lines = Lines {
            to: Vec::new(),
            line: Vec::new(),
            is_coloured,
            width,
        };
        for piece in text.as_bytes().chunks(5) {
            lines.write_all(piece).expect("a Vec takes everything");
        }
        String::from_utf8(lines.to).expect("text")
    }

    #[test]
    fn lines_end_where_the_terminal_does() {
        let text = "main cause: one and two and three\n  what helps: to do nothing at all\n      23  a row\n";
        assert_eq!(
            shown(text, Some(20), false),
            "main cause: one and\n  two and three\n  what helps: to do\n    nothing at all\n      23  a row\n"
        );
        assert_eq!(shown(text, None, false), text);
    }

    #[test]
    fn labels_are_bold_and_details_dim() {
        let text = "then: a thing\n    set by mmap(): no\nboundaries  by itself\n      23         23  files: many\n";
        assert_eq!(
            shown(text, None, true),
            concat!(
                "\x1b[1mthen:\x1b[0m a thing\n",
                "\x1b[2m    set by mmap(): no\x1b[0m\n",
                "boundaries  by itself\n",
                "      23         23  files: many\n",
            )
        );
    }

    /// Only the first line is searched for a label.
    #[test]
    fn no_label_is_looked_for_behind_the_first_line() {
        let text = "a: 1 b: 2\n";
        assert_eq!(
            shown(text, Some(4), true),
            "\x1b[1ma:\x1b[0m 1\n  b:\n  2\n"
        );
    }
}
