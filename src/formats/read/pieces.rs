//! Long texts in pieces that threads read side by side.

use super::super::Reading;
use rayon::prelude::*;

/// Texts below this size are read by one thread.
const LONG: usize = 8 << 20;
/// Pieces a thread gets, so that none waits long for the slowest.
const PIECES_PER_THREAD: usize = 4;

/// Cuts a long text behind lines that are `boundary` and nothing else: pieces with the places where they begin.
fn pieces<'a>(text: &'a str, boundary: &str, size: usize) -> Vec<(usize, &'a str)> {
    let line = format!("\n{boundary}");
    let finder = memchr::memmem::Finder::new(line.as_bytes());
    let (mut pieces, mut from) = (Vec::new(), 0_usize);
    let mut search = size;
    while let Some(rest) = text.as_bytes().get(search..) {
        let Some(found) = finder.find(rest) else { break };
        let end = search.saturating_add(found).saturating_add(line.len());
        search = end;
        let tail = text.as_bytes().get(end..).unwrap_or_default();
        let ending = match tail {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => continue,
        };
        let cut = end.saturating_add(ending);
        if let Some(piece) = text.get(from..cut) {
            pieces.push((from, piece));
            from = cut;
            search = cut.saturating_add(size);
        }
    }
    pieces.push((from, text.get(from..).unwrap_or_default()));
    pieces
}

/// Reads a text in pieces, each with a reading of its own; gives what `read` made of them, in order. Whatever is remarked on
/// and marked comes as if one thread had read it all.
pub fn read_in_pieces<T: Send>(
    reading: &mut Reading<'_>,
    boundary: &str,
    read: impl Fn(&mut Reading<'_>, usize, &str) -> T + Sync,
) -> Vec<T> {
    let text = reading.text;
    if text.len() < LONG {
        return vec![read(reading, 0, text)];
    }
    let count = rayon::current_num_threads().saturating_mul(PIECES_PER_THREAD);
    let size = text.len().div_euclid(count.max(1)).max(LONG / 8);
    let path = reading.path;
    let parts: Vec<(Reading<'_>, T)> = pieces(text, boundary, size)
        .into_par_iter()
        .map(|(at, piece)| {
            let mut part = Reading::new(path, text);
            let result = read(&mut part, at, piece);
            (part, result)
        })
        .collect();
    let results = parts.into_iter().map(|(part, result)| {
        reading.take_in(part);
        result
    });
    results.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_behind_whole_boundary_lines_and_lose_nothing() {
        let text = "a\nend\nb end\nending\nend\r\nc\nend";
        for size in 0..text.len() + 2 {
            let pieces = pieces(text, "end", size);
            assert_eq!(pieces.iter().map(|(_, piece)| *piece).collect::<String>(), text, "{size}");
            for (at, piece) in &pieces {
                assert!(text.get(*at..).unwrap().starts_with(piece), "{size}");
            }
            for (_, piece) in &pieces[..pieces.len() - 1] {
                assert!(piece.ends_with("\nend\n") || piece.ends_with("\nend\r\n"), "{size}: {piece:?}");
            }
        }
        assert_eq!(pieces(text, "end", 0).len(), 3);
    }
}
