//! Texts that match a pattern of `~`, `similar to` or `like`: enough of Postgres's regular expressions
//! (manual, "POSIX Regular Expressions") for what people write into checks. The server judges the rest.

use std::iter::Peekable;
use std::str::Chars;

/// A text that matches a regular expression; another number mostly gives another text. `None` where
/// the expression has something that isn't known here.
pub(super) fn matching(pattern: &str, number: usize) -> Option<String> {
    let mut sample = Sample { chars: pattern.chars().peekable(), number };
    let text = sample.alternatives()?;
    sample.chars.peek().is_none().then_some(text)
}

/// A text that is like a pattern.
pub(super) fn like(pattern: &str, number: usize) -> String {
    let mut text = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => text += &format!("v{}", number + 1),
            '_' => text.push(pick(&LETTERS.chars().collect::<Vec<_>>(), number)),
            '\\' => text.extend(chars.next()),
            c => text.push(c),
        }
    }
    text
}

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "1234567890";
/// What a negated class is picked from.
const OTHERS: &str = "-_ ./:@!#%&*+,;=?$";

struct Sample<'a> {
    chars: Peekable<Chars<'a>>,
    number: usize,
}

impl Sample<'_> {
    fn eat(&mut self, c: char) -> bool {
        self.chars.next_if_eq(&c).is_some()
    }

    fn alternatives(&mut self) -> Option<String> {
        let mut all = vec![self.sequence()?];
        while self.eat('|') {
            all.push(self.sequence()?);
        }
        let at = self.number % all.len();
        Some(all.swap_remove(at))
    }

    fn sequence(&mut self) -> Option<String> {
        let mut text = String::new();
        while let Some(&c) = self.chars.peek() {
            if matches!(c, '|' | ')') {
                break;
            }
            let (atom, plain) = self.atom()?;
            let Some((least, most)) = self.quantifier()? else {
                text += &atom;
                continue;
            };
            // Texts of more than the least length tell one number from another.
            let times = if least == 0 { usize::from(most > 0) } else { least };
            let different = plain.filter(|set| set.len() > 1 && times > 1);
            match different {
                Some(set) => {
                    text.extend((0..times).map(|i| pick(&set, self.digit(set.len(), times - 1 - i))))
                }
                None => text += &atom.repeat(times),
            }
        }
        Some(text)
    }

    /// The digit of the number at a place, for as many digits as the set has.
    fn digit(&self, base: usize, place: usize) -> usize {
        let power = u32::try_from(place).ok().and_then(|place| base.checked_pow(place));
        power.map_or(0, |power| self.number / power)
    }

    /// A sample, and the set that it is picked from.
    fn atom(&mut self) -> Option<(String, Option<Vec<char>>)> {
        let set = match self.chars.next()? {
            '^' | '$' => return Some((String::new(), None)),
            '(' => return self.group().map(|text| (text, None)),
            '[' => self.class()?,
            '.' => LETTERS.chars().collect(),
            '\\' => match escape(self.chars.next()?) {
                Some(set) => set,
                None => return Some((String::new(), None)),
            },
            c => vec![c],
        };
        Some((pick(&set, self.number).to_string(), Some(set)))
    }

    fn group(&mut self) -> Option<String> {
        if self.eat('?') && !self.eat(':') {
            // Looking ahead or behind takes no text; what it demands is left to the server.
            let (behind, _) = (self.eat('<'), self.chars.next_if(|c| matches!(c, '=' | '!'))?);
            let _ = behind;
            self.alternatives()?;
            return self.eat(')').then(String::new);
        }
        let text = self.alternatives()?;
        self.eat(')').then_some(text)
    }

    /// The rest of `[…]`.
    fn class(&mut self) -> Option<Vec<char>> {
        let negated = self.eat('^');
        let mut set = Vec::new();
        loop {
            match self.chars.next()? {
                ']' if !set.is_empty() => break,
                '[' if self.chars.peek() == Some(&':') => set.extend(self.named()?),
                '\\' => set.extend(escape(self.chars.next()?)?),
                c => set.extend(self.range(c)),
            }
        }
        if negated {
            let all = LETTERS.chars().chain(UPPER.chars()).chain(DIGITS.chars()).chain(OTHERS.chars());
            set = all.filter(|c| !set.contains(c)).collect();
        }
        (!set.is_empty()).then_some(set)
    }

    /// `a-z`, or one character.
    fn range(&mut self, from: char) -> Vec<char> {
        let mut ahead = self.chars.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(to)) if to != ']' => {
                self.chars = ahead;
                (from..=to).take(64).collect()
            }
            _ => vec![from],
        }
    }

    /// The rest of `[:alpha:]` inside a class.
    fn named(&mut self) -> Option<Vec<char>> {
        self.chars.next();
        let name: String = std::iter::from_fn(|| self.chars.next_if(|c| c.is_ascii_alphabetic())).collect();
        let closed = self.eat(':') && self.eat(']');
        let set = match name.as_str() {
            "alpha" | "lower" | "alnum" | "graph" | "print" => LETTERS,
            "upper" => UPPER,
            "digit" | "xdigit" => DIGITS,
            "space" | "blank" => " ",
            "punct" => OTHERS,
            _ => return None,
        };
        closed.then(|| set.chars().collect())
    }

    /// `Some(None)` where there is none; `None` where it can't be read.
    fn quantifier(&mut self) -> Option<Option<(usize, usize)>> {
        let found = match self.chars.peek() {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            Some('{') => {
                self.chars.next();
                let bounds: String = std::iter::from_fn(|| self.chars.next_if(|c| *c != '}')).collect();
                let (least, most) = bounds.split_once(',').unwrap_or((&bounds, &bounds));
                (least.parse().ok()?, most.parse().unwrap_or(usize::MAX))
            }
            _ => return Some(None),
        };
        self.chars.next();
        // Not greedy: the text is the same.
        self.eat('?');
        (found.0 <= 1000).then_some(Some(found))
    }
}

/// What an escape stands for; `None` for one that takes no text.
fn escape(c: char) -> Option<Vec<char>> {
    Some(match c {
        'd' => DIGITS.chars().collect(),
        'w' => LETTERS.chars().chain(DIGITS.chars()).collect(),
        's' => vec![' '],
        'D' | 'S' => LETTERS.chars().collect(),
        'W' => OTHERS.chars().collect(),
        'n' => vec!['\n'],
        't' => vec!['\t'],
        'A' | 'Z' | 'm' | 'M' | 'y' | 'Y' => return None,
        c => vec![c],
    })
}

fn pick(set: &[char], number: usize) -> char {
    set[number % set.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_made_to_match() {
        for (pattern, want) in [
            ("^[a-z]{3}$", "aac"),
            ("^[A-Z][A-Z0-9]+-\\d{2,4}$", "CC-13"),
            ("^(foo|bar)(?:/[^/]+)*$", "foo/c"),
            ("^[[:alpha:]_]+@[a-z.]+\\.(com|org|net)$", "c@c.net"),
            ("^\\w+?x?$", "cx"),
            ("[]a]b", "]b"),
        ] {
            assert_eq!(matching(pattern, 2).as_deref(), Some(want), "{pattern}");
        }
        assert_eq!(matching("(a", 0), None);
        assert_eq!(matching("^[0-9a-f]{40}$", 17).map(|text| text.len()), Some(40));
    }

    #[test]
    fn texts_are_made_like() {
        assert_eq!(like("http%\\_x_", 1), "httpv2_xb");
    }
}
