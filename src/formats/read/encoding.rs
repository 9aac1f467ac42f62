//! Bytes to text: byte order marks, UTF-16 (with or without a mark), declared encodings, and the two kinds of
//! bad UTF-8 that real tools write (Windows-1252 without saying so, binary dumped into text).

use crate::evidence::Diagnostic;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// The text of a file and what had to be done to get it.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// The text; borrowed from the bytes in the ordinary case.
    pub text: Cow<'a, str>,
    /// Remarks on the decoding.
    pub remarks: Vec<Diagnostic>,
    /// Offset in the bytes of the first one that the encoding does not have.
    pub invalid: Option<usize>,
}

/// Decodes a file. Never fails: what cannot be decoded is replaced, and the remarks say so.
#[must_use]
pub fn decode(bytes: &[u8]) -> Decoded<'_> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let body = bytes.get(mark..).unwrap_or_default();
        return if encoding == UTF_8 {
            utf8_or_guess(body)
        } else {
            transcode(encoding, body, "its byte order mark")
        };
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return transcode(encoding, bytes, "the pattern of its bytes");
    }
    match declared(bytes) {
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => {
            let mut decoded = utf8_or_guess(bytes);
            let remark = "declares UTF-16 and is not: the bytes were believed";
            decoded.remarks.push(Diagnostic::warning("encoding.contradiction", remark));
            decoded
        }
        Some(encoding) if encoding != UTF_8 => transcode(encoding, bytes, "its declaration"),
        _ => utf8_or_guess(bytes),
    }
}

/// UTF-16 text of any markup or JSON begins with an ASCII character and a zero byte.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<' | b'{' | b'[', 0, _, 0, ..] => Some(UTF_16LE),
        [0, b'<' | b'{' | b'[', 0, _, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// The encoding that an XML declaration names; nothing for an unknown name.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(256))?;
    let start = memchr::memmem::find(head, b"<?xml")?;
    let declaration = head.get(start..)?;
    let end = memchr::memmem::find(declaration, b"?>")?;
    let declaration = declaration.get(..end)?;
    let value = declaration.get(memchr::memmem::find(declaration, b"encoding")?..)?;
    let open = memchr::memchr2(b'"', b'\'', value)?;
    let quote = *value.get(open)?;
    let rest = value.get(open.saturating_add(1)..)?;
    let label = rest.get(..memchr::memchr(quote, rest)?)?;
    Encoding::for_label(label).or_else(|| Encoding::for_label(label.split(|b| *b == b' ').next()?))
}

fn transcode<'a>(encoding: &'static Encoding, bytes: &'a [u8], told_by: &str) -> Decoded<'a> {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let mut remarks = vec![Diagnostic::info(
        "encoding.transcoded",
        format!("read as {}, told by {told_by}", encoding.name()),
    )];
    if had_errors {
        remarks.push(Diagnostic::warning(
            "encoding.invalid",
            format!("holds bytes that are no {}: replaced", encoding.name()),
        ));
    }
    Decoded { text, remarks, invalid: had_errors.then_some(0) }
}

/// UTF-8 as it stands. Otherwise Windows-1252 if no character beyond ASCII is valid UTF-8, else UTF-8 with
/// the bad bytes replaced.
fn utf8_or_guess(bytes: &[u8]) -> Decoded<'_> {
    let invalid = match std::str::from_utf8(bytes) {
        Ok(text) => return Decoded { text: Cow::Borrowed(text), remarks: Vec::new(), invalid: None },
        Err(error) => error.valid_up_to(),
    };
    let any_valid = bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
    let (text, remark) = if any_valid {
        (String::from_utf8_lossy(bytes), "holds bytes that are no UTF-8: replaced")
    } else {
        (
            WINDOWS_1252.decode_without_bom_handling(bytes).0,
            "is no UTF-8 and does not say what it is: read as Windows-1252",
        )
    };
    let remarks = vec![Diagnostic::warning("encoding.invalid", remark)];
    Decoded { text, remarks, invalid: Some(invalid) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let xml = "<a b=\"ü\"/>";
        let mut marked = vec![0xEF, 0xBB, 0xBF];
        marked.extend(xml.bytes());
        let mut utf16 = vec![0xFF, 0xFE];
        utf16.extend(utf16le(xml));
        let be: Vec<u8> = xml.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [xml.as_bytes().to_vec(), marked, utf16, utf16le(xml), be, b"<a b=\"\xFC\"/>".to_vec()] {
            assert_eq!(decode(&bytes).text, xml);
        }
    }

    #[test]
    fn a_declared_encoding_is_used_unless_the_bytes_disprove_it() {
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xFC</a>";
        assert!(decode(latin).text.ends_with("<a>ü</a>"));
        let lie = b"<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>";
        assert_eq!(decode(lie).remarks.len(), 1);
        assert!(decode(lie).text.ends_with("<a/>"));
    }

    #[test]
    fn binary_in_utf8_text_is_replaced_and_said() {
        let decoded = decode(b"\xC3\xBC \xFF\xFE");
        assert!(decoded.text.starts_with('ü'));
        assert_eq!(decoded.remarks.len(), 1);
    }
}
