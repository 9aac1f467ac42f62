//! What keeps the exit code an answer, whatever happens to the process: a panic, too few threads, a limit on files.

use crate::render::escape::terminal;
use std::io::Write as _;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

/// How long threads that could not all be started are given to end, so that their memory is there again.
const ENDING: std::time::Duration = std::time::Duration::from_millis(50);
/// Bytes of a panic's message that are told.
const MAX_PANIC: usize = 300;

/// Prepares the process. To be called once, before any work.
pub(super) fn prepare() {
    panic::set_hook(Box::new(|info| {
        let payload = info.payload();
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
        let place = info.location().map_or_else(String::new, |at| format!("{}:{}", at.file(), at.line()));
        // The message may quote what was read.
        let text: String = terminal(text).chars().take(MAX_PANIC).collect();
        let _nobody_reads_it = writeln!(std::io::stderr(), "internal error at {place}: {text}");
    }));
    let _the_limit_then_kills_as_before = survive_file_limit();
}

/// Writing beyond the limit on the size of a file is an error to be answered, and not the end of the process.
#[cfg(unix)]
fn survive_file_limit() -> std::io::Result<()> {
    let reached = std::sync::Arc::default();
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, reached).map(|_| ())
}

#[cfg(not(unix))]
const fn survive_file_limit() -> std::io::Result<()> {
    Ok(())
}

/// The result of some work; nothing where it panicked, on whatever thread.
pub(super) fn unwound<T>(work: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).ok()
}

/// All work from here on runs on `jobs` threads, or on all cores and never on more: those would only take memory. Where the
/// machine does not give that many, it runs on this thread alone. What is answered does not depend on it.
pub(super) fn use_threads(jobs: Option<usize>) {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = jobs.filter(|jobs| *jobs > 0).unwrap_or(cores).min(cores);
    if rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().is_err() {
        thread::sleep(ENDING);
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
        // The thread belongs to the pool until the process ends.
        std::mem::forget(alone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_answered_on_whatever_thread_it_is() {
        assert_eq!(unwound(|| 7), Some(7));
        assert_eq!(unwound(|| rayon::join(|| (), || panic!("on a thread"))).map(|_| ()), None);
    }
}
