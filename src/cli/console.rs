//! What a command prints. Whoever reads it may stop reading: that changes no answer.
//!
//! A reader that closes standard output has seen enough, and what is printed afterwards goes nowhere. Any other failure
//! is told to the command. Standard error is for people alone, so that nothing depends on it.

use crate::ci::Commands;
use crate::render::hostile::{Encoded, Log};
use std::io::{self, ErrorKind, Write};

/// Standard output and standard error of a command.
pub(super) struct Console<'a> {
    out: Box<dyn Write + 'a>,
    err: Box<dyn Write + 'a>,
    closed: bool,
}

impl<'a> Console<'a> {
    /// A console on two streams.
    pub(super) fn on(out: impl Write + 'a, err: impl Write + 'a) -> Self {
        Self { out: Box::new(out), err: Box::new(err), closed: false }
    }

    /// A line for people or scripts.
    pub(super) fn line(&mut self, line: &Encoded<Log>) -> io::Result<()> {
        self.document(format!("{}\n", line.as_str().trim_end()).as_bytes())
    }

    /// Bytes that a renderer made: they passed the border of their format there.
    pub(super) fn document(&mut self, content: &[u8]) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let result = self.out.write_all(content);
        self.unless_closed(result)
    }

    /// What the pipeline is to obey: the only lines that it may take for commands.
    pub(super) fn commands(&mut self, commands: &Commands) -> io::Result<()> {
        self.document(commands.as_str().as_bytes())
    }

    /// Text for people beside the output. That nobody reads it is no failure.
    pub(super) fn aside(&mut self, text: &str) {
        let _nobody_reads_it = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
    }

    /// Hands over what is still held back.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let result = self.out.flush();
        self.unless_closed(result)
    }

    fn unless_closed(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other,
        }
    }
}

/// A line on a console, put together as [`encoded!`](crate::render::hostile::encoded) does it.
macro_rules! say {
    ($console:expr, $($line:tt)*) => {
        $console.line(&$crate::render::hostile::encoded!($crate::render::hostile::Log, $($line)*))
    };
}
pub(super) use say;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::hostile::Hostile;

    /// A stream that fails in one way.
    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_failure_and_a_full_disk_is_one() {
        let mut console = Console::on(Failing(ErrorKind::BrokenPipe), Failing(ErrorKind::StorageFull));
        say!(console, "{}", Hostile("x")).unwrap();
        console.document(b"more").unwrap();
        console.aside("to nobody");
        console.flush().unwrap();
        let mut console = Console::on(Failing(ErrorKind::StorageFull), io::sink());
        assert_eq!(say!(console, "x").unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(console.flush().unwrap_err().kind(), ErrorKind::StorageFull);
    }
}
