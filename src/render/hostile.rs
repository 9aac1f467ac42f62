//! Text that nobody vouches for, and the places that it may be printed to.
//!
//! Names, messages and paths come from artifacts, options and file systems. A line for people is put together by
//! `encoded!`, which takes words of this program, numbers, and [`Hostile`] text, and
//! nothing else: a plain `String` has no [`Part`], so that the compiler finds what was printed without a border.

use super::escape;
use std::fmt::{self, Display, Formatter};
use std::marker::PhantomData;

/// A place that text is printed to, with its border.
pub trait Sink {
    /// The text as it cannot act there.
    fn encode(text: &str) -> String;
}

/// A terminal, and the log of a pipeline: one line.
#[derive(Debug, Clone, Copy)]
pub struct Log;

/// XML, and SVG in it: text and quoted attributes.
#[derive(Debug, Clone, Copy)]
pub struct Xml;

impl Sink for Log {
    fn encode(text: &str) -> String {
        escape::terminal(text)
    }
}

impl Sink for Xml {
    fn encode(text: &str) -> String {
        escape::xml(text)
    }
}

/// Text from outside. It cannot be displayed; each sink has its own form of it.
#[derive(Debug, Clone, Copy)]
pub struct Hostile<'a>(pub &'a str);

/// What may stand in a line for a sink.
pub trait Part<S: Sink> {
    /// As it is printed there.
    fn part(&self) -> impl Display;
}

impl<S: Sink> Part<S> for Hostile<'_> {
    fn part(&self) -> impl Display {
        S::encode(self.0)
    }
}

/// Words of this program.
impl<S: Sink> Part<S> for &'static str {
    fn part(&self) -> impl Display {
        *self
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl<S: Sink> Part<S> for $number {
            fn part(&self) -> impl Display {
                *self
            }
        })*
    };
}
numbers!(u8, u32, u64, usize, i32, i64);

/// Text that has passed the border of its sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded<S> {
    text: String,
    sink: PhantomData<S>,
}

impl<S: Sink> Encoded<S> {
    /// What [`encoded!`](crate::render::hostile::encoded) has put together of parts.
    #[doc(hidden)]
    #[must_use]
    pub fn of_parts(parts: fmt::Arguments<'_>) -> Self {
        Self { text: parts.to_string(), sink: PhantomData }
    }

    /// Several texts, with words of this program between them.
    #[must_use]
    pub fn joined<'a>(texts: impl IntoIterator<Item = &'a str>, between: &'static str) -> Self {
        let texts: Vec<String> = texts.into_iter().map(S::encode).collect();
        Self { text: texts.join(between), sink: PhantomData }
    }

    /// The same, filled with spaces to so many characters.
    #[must_use]
    pub fn padded(self, width: usize) -> Self {
        Self { text: format!("{:width$}", self.text), ..self }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<S> Display for Encoded<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl<S: Sink> Part<S> for Encoded<S> {
    fn part(&self) -> impl Display {
        &self.text
    }
}

/// Text for a sink, put together as by `format!`: of words of this program, numbers, [`Hostile`] text and what is
/// [`Encoded`] already. Variables are named behind the text and never inside of it, where no border could be set.
macro_rules! encoded {
    ($sink:ty, $text:literal $(, $part:expr)* $(,)?) => {
        $crate::render::hostile::Encoded::<$sink>::of_parts(format_args!(
            concat!($text, ""),
            $($crate::render::hostile::Part::<$sink>::part(&$part)),*
        ))
    };
}
pub(crate) use encoded;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sink_has_its_own_border() {
        let name = Hostile("<a>\n::add-mask::b");
        assert_eq!(encoded!(Log, "{}: {}", name, 7_u64).as_str(), "<a> ::add-mask::b: 7");
        assert_eq!(encoded!(Xml, "<t>{}</t>", name).as_str(), "<t>&lt;a&gt;\n:&#58;add-mask::b</t>");
        let inner = encoded!(Log, "{:6}|", "ok");
        assert_eq!(encoded!(Log, "{} {}", inner, Hostile("##vso[x]")).as_str(), "ok    | # #vso[x]");
    }
}
