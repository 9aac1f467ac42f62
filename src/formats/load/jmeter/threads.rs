//! Which rows stand for others: parts of a sample, and the transactions of a thread. Rows of one thread come one after
//! another, so its rows and their times tell.

use super::Sample;

/// Start and end in milliseconds since 1970.
pub(super) type Span = (u64, u64);

/// Samples that a thread remembers for the transactions that end behind them.
const MAX_RECENT: usize = 512;

/// Whether a time lies inside of another. Each is cut to a millisecond by itself.
const fn is_inside(part: Span, whole: Span) -> bool {
    part.0.saturating_add(1) >= whole.0 && part.1 <= whole.1.saturating_add(1)
}

/// What is known of the rows of one thread.
#[derive(Debug, Default)]
pub(super) struct Thread {
    outer: Outer,
    /// When the last samples began and whether they failed; without times, those since the last transaction.
    recent: Vec<(Option<u64>, bool)>,
    /// Transactions whose samples may still follow, the innermost last.
    open: Vec<(Span, Transaction)>,
}

/// A sample that parts may follow. Behind a transaction there is none, and the label is empty.
#[derive(Debug, Default)]
struct Outer {
    label: String,
    span: Option<Span>,
    failed: bool,
    /// How many parts were there.
    parts: u64,
}

/// How many of a transaction's samples are there, and whether one of them failed.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Inside {
    /// How many.
    pub(super) samples: u64,
    /// One of them failed.
    pub(super) failed: bool,
}

/// A transaction, and what of its samples is there.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) inside: Inside,
    /// All of its samples are there.
    pub(super) is_whole: bool,
    /// How many samples it says that it has.
    declared: u64,
    pub(super) requests: u64,
    pub(super) failed: u64,
    pub(super) nanos: Option<u64>,
    pub(super) error: String,
}

impl Outer {
    /// True for the row of a part: `label-0`, `label-1` … in this order, each with its own parts `label-0-0` …, inside of the
    /// sample's time. A row that failed behind a sample that did not is one of its own.
    fn has(&mut self, sample: &Sample<'_>) -> bool {
        let Some(place) = sample.label.strip_prefix(self.label.as_str()).and_then(|l| l.strip_prefix('-'))
        else {
            return false;
        };
        let (number, deeper) = place.split_once('-').map_or((place, None), |(n, rest)| (n, Some(rest)));
        let wanted = self.parts.checked_sub(u64::from(deeper.is_some()));
        let numbered = deeper.is_none_or(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
            && number.parse().ok() == wanted;
        let is_part = !self.label.is_empty()
            && numbered
            && (self.failed || !sample.has_failed())
            && self.span.zip(sample.span()).is_none_or(|(outer, part)| is_inside(part, outer));
        self.parts = self.parts.saturating_add(u64::from(is_part && deeper.is_none()));
        is_part
    }

    fn set(&mut self, sample: &Sample<'_>) {
        self.label.clear();
        if !sample.is_transaction() {
            self.label.push_str(&sample.label);
        }
        self.span = sample.span();
        self.failed = sample.has_failed();
        self.parts = 0;
    }
}

impl Inside {
    /// Takes in a sample.
    pub(super) const fn add(&mut self, failed: bool) {
        self.samples = self.samples.saturating_add(1);
        self.failed |= failed;
    }
}

impl Transaction {
    /// Of samples that stand inside of its element.
    pub(super) fn around(sample: &Sample<'_>, inside: Inside) -> Self {
        Self {
            inside,
            is_whole: inside.samples > 0,
            declared: sample.declared().min(MAX_RECENT as u64 / 2),
            requests: sample.requests,
            failed: sample.failed.unwrap_or(0),
            nanos: sample.nanos,
            error: sample.error().into_owned(),
        }
    }

    /// Compares with what the transaction says: fewer samples may be neighbours that the clock cannot tell apart.
    const fn weigh(&mut self) {
        self.is_whole = self.inside.samples >= self.declared;
    }
}

impl Thread {
    /// Takes in a row, and gives the transactions that ended with it; nothing for the row of a part.
    pub(super) fn take(&mut self, sample: &Sample<'_>, inside: Inside) -> Option<Vec<Transaction>> {
        if self.outer.has(sample) {
            return None;
        }
        self.outer.set(sample);
        let mut ended = self.end(sample);
        if sample.is_transaction() {
            ended.extend(self.transaction(sample, inside));
        } else {
            self.note(sample);
        }
        Some(ended)
    }

    /// Every transaction that is still open.
    pub(super) fn finish(&mut self) -> impl Iterator<Item = Transaction> + '_ {
        self.open.drain(..).map(|(_, transaction)| transaction)
    }

    /// An open transaction gets the sample that follows it inside of its time; any other row ends it.
    fn end(&mut self, next: &Sample<'_>) -> Vec<Transaction> {
        let mut ended = Vec::new();
        let belongs = |span: &Span| next.span().is_some_and(|part| is_inside(part, *span));
        while let Some((_, transaction)) = self.open.pop_if(|(span, _)| !belongs(span)) {
            ended.push(transaction);
        }
        if !next.is_transaction() {
            for (_, transaction) in &mut self.open {
                transaction.inside.add(next.has_failed());
                transaction.weigh();
            }
        }
        ended
    }

    /// A transaction without its samples before it or inside of it stays open for those behind it.
    fn transaction(&mut self, sample: &Sample<'_>, inside: Inside) -> Option<Transaction> {
        if inside.samples > 0 {
            return Some(Transaction::around(sample, inside));
        }
        let mut transaction = Transaction::around(sample, self.before(sample.span()));
        transaction.weigh();
        match sample.span() {
            Some(span) if !transaction.is_whole => {
                self.open.push((span, Transaction::around(sample, Inside::default())));
                None
            }
            _ => Some(transaction),
        }
    }

    /// The samples that came before a transaction's row: those that began in its time, or where no times are told, those
    /// since the last transaction.
    fn before(&mut self, span: Option<Span>) -> Inside {
        let mut inside = Inside::default();
        let since = |start: &Option<u64>| span.is_none_or(|(from, _)| start.is_some_and(|at| at >= from));
        self.recent
            .iter()
            .rev()
            .take_while(|(start, _)| since(start))
            .for_each(|(_, failed)| inside.add(*failed));
        if span.is_none() {
            self.recent.clear();
        }
        inside
    }

    /// Takes in a sample that is no transaction.
    fn note(&mut self, sample: &Sample<'_>) {
        if self.recent.len() >= MAX_RECENT {
            self.recent.drain(..MAX_RECENT / 2);
        }
        self.recent.push((sample.millis_since_1970, sample.has_failed()));
    }
}
