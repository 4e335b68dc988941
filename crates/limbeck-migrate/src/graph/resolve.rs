//! The words that name revisions: Alembic's, tags, and unique prefixes.

use super::{Graph, Set};
use crate::error::nearest;
use crate::file::RevisionId;

/// What a word names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// Before everything, or before everything of one line.
    Base {
        /// The label or id in `label@base`.
        line: Option<String>,
    },
    /// Revisions; `heads` and `current` may name several, or none.
    At(Vec<RevisionId>),
}

/// A revision in a list of candidates: its id and its message.
pub type Named = (RevisionId, String);

/// Why a word names nothing that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// No id, prefix, label or tag is like that.
    #[error("no revision, label or tag {word:?}")]
    Unknown {
        /// The word.
        word: String,
        /// One that is near.
        nearest: Option<String>,
    },
    /// An id that another revision stands in for.
    #[error("{revision} was squashed into {into}")]
    Squashed {
        /// The id.
        revision: RevisionId,
        /// What stands in for it.
        into: RevisionId,
    },
    /// A prefix of several ids, or a tag on several revisions.
    #[error("{word:?} is ambiguous")]
    Ambiguous {
        /// The word.
        word: String,
        /// What it could mean.
        candidates: Vec<Named>,
    },
    /// `head`, and there are several.
    #[error("{word:?} is ambiguous: there are {} heads", heads.len())]
    SeveralHeads {
        /// The word.
        word: String,
        /// The heads.
        heads: Vec<Named>,
    },
    /// A step up or down from where there are several ways.
    #[error("{word:?} is ambiguous: there are {} ways from {from}", candidates.len())]
    SeveralWays {
        /// The word.
        word: String,
        /// Where the ways part.
        from: String,
        /// Where they lead.
        candidates: Vec<Named>,
    },
    /// More steps than there are revisions.
    #[error("{word:?} is too far: from {from} there {}", steps(*available))]
    TooFar {
        /// The word.
        word: String,
        /// Where the steps begin.
        from: String,
        /// How many were asked for.
        wanted: usize,
        /// How many there are.
        available: usize,
    },
    /// `label@rev` where the revision is on another line.
    #[error("{word:?}: the revision is not on that line")]
    OtherLine {
        /// The word.
        word: String,
    },
    /// A revision to go down to that isn't applied.
    #[error("{word:?} is not applied, so nothing can be undone down to it")]
    NotApplied {
        /// The word.
        word: String,
        /// What is.
        heads: Vec<Named>,
    },
    /// A word that leads in the other direction.
    #[error("{word:?} does not lead {direction}")]
    WrongWay {
        /// The word.
        word: String,
        /// `up` or `down`.
        direction: &'static str,
    },
}

/// A word taken apart: `LINE@NAME±STEPS`.
struct Word<'a> {
    whole: &'a str,
    line: Option<&'a str>,
    name: &'a str,
    steps: Option<i64>,
}

fn steps(available: usize) -> String {
    match available {
        0 => "is no step".to_owned(),
        1 => "is 1 step".to_owned(),
        more => format!("are {more} steps"),
    }
}

impl Graph {
    /// What a word names. `current` are the heads of what is applied: relative words begin there.
    ///
    /// # Errors
    /// If it names nothing, or several things where one is meant; the candidates are listed.
    pub fn resolve(&self, word: &str, current: &[RevisionId]) -> Result<Point, Unresolved> {
        let word = self.take_apart(word);
        let mut line = word.line.map(|label| self.line(label)).transpose()?;
        if word.name.is_empty() && word.steps > Some(0) {
            line = line.map(|line| self.with_stem(line));
        }
        let at = self.resolve_name(&word, line.as_ref(), current)?;
        match word.steps {
            None => Ok(at),
            Some(steps) => self.walk(&word, at, steps, line.as_ref()),
        }
    }

    /// What a word names, if that is one revision.
    ///
    /// # Errors
    /// As [`Graph::resolve`]; several revisions are ambiguous, `base` is unknown.
    pub fn resolve_one(&self, word: &str, current: &[RevisionId]) -> Result<RevisionId, Unresolved> {
        match self.resolve(word, current)? {
            Point::At(ids) if ids.len() == 1 => Ok(ids[0].clone()),
            Point::At(ids) if ids.len() > 1 => {
                Err(Unresolved::Ambiguous { word: word.to_owned(), candidates: self.named_ids(&ids) })
            }
            Point::At(_) | Point::Base { .. } => {
                Err(Unresolved::Unknown { word: word.to_owned(), nearest: None })
            }
        }
    }

    /// Whether a word is about what is applied: `current`, `current-1`, `+1`, `label@-1`.
    pub fn is_relative(&self, word: &str) -> bool {
        let word = self.take_apart(word);
        word.name == "current" || (word.name.is_empty() && word.steps.is_some())
    }

    /// Whether a word names what is applied, with or without steps from there.
    pub fn is_current(&self, word: &str) -> bool {
        self.take_apart(word).name == "current"
    }

    fn take_apart<'a>(&self, whole: &'a str) -> Word<'a> {
        let (line, rest) = match whole.split_once('@') {
            Some((line, rest)) if !line.is_empty() => (Some(line), rest),
            _ => (None, whole),
        };
        // A label or a tag may hold a `-`: what is there as it stands goes first.
        let sign = rest.rfind(['+', '-']).filter(|_| self.exact(rest).is_empty());
        if let Some(sign) = sign
            && let Ok(steps) = rest[sign + 1..].parse::<u32>()
        {
            let steps = i64::from(steps) * if rest[sign..].starts_with('-') { -1 } else { 1 };
            return Word { whole, line, name: &rest[..sign], steps: Some(steps) };
        }
        Word { whole, line, name: rest, steps: None }
    }

    fn line(&self, label: &str) -> Result<Set, Unresolved> {
        match self.lineage(label) {
            Some(set) => Ok(set),
            None => {
                let index = self.find(label, label)?;
                Ok(self.lineage(self.at(index).id().as_str()).unwrap_or_default())
            }
        }
    }

    fn resolve_name(
        &self,
        word: &Word<'_>,
        line: Option<&Set>,
        current: &[RevisionId],
    ) -> Result<Point, Unresolved> {
        let on_line = |id: &RevisionId| {
            line.is_none_or(|set| self.index(id.as_str()).is_some_and(|i| set.contains(&i)))
        };
        let heads = || -> Vec<RevisionId> {
            self.heads().into_iter().map(|r| r.id().clone()).filter(|id| on_line(id)).collect()
        };
        match word.name {
            "base" | "bases" => Ok(Point::Base { line: word.line.map(str::to_owned) }),
            "heads" => Ok(Point::At(heads())),
            "head" => match &heads()[..] {
                [] => Ok(Point::Base { line: None }),
                [head] => Ok(Point::At(vec![head.clone()])),
                several => Err(Unresolved::SeveralHeads {
                    word: word.whole.to_owned(),
                    heads: self.named_ids(several),
                }),
            },
            "current" => Ok(self.current_point(current.iter().filter(|id| on_line(id)).cloned().collect())),
            "" if word.steps.is_some() => {
                let on: Vec<_> = match line {
                    Some(line) => self.standing_on(line, current),
                    None => current.to_vec(),
                };
                // Nothing of this line is applied yet: its steps begin before its first revision.
                Ok(if on.is_empty() {
                    Point::Base { line: word.line.map(str::to_owned) }
                } else {
                    Point::At(on)
                })
            }
            name => {
                let index = self.find(name, word.whole)?;
                let id = self.at(index).id().clone();
                if on_line(&id) {
                    Ok(Point::At(vec![id]))
                } else {
                    Err(Unresolved::OtherLine { word: word.whole.to_owned() })
                }
            }
        }
    }

    /// A line with what it grows out of: steps up it begin where nothing is applied.
    fn with_stem(&self, mut line: Set) -> Set {
        let mut open: Vec<usize> = line.first().copied().into_iter().collect();
        while let Some(place) = open.pop() {
            open.extend(self.parents_at(place).iter().filter(|parent| line.insert(**parent)));
        }
        line
    }

    /// The last applied revisions of a line.
    fn standing_on(&self, line: &Set, current: &[RevisionId]) -> Vec<RevisionId> {
        let have = self.ancestors(current.iter().filter_map(|id| self.index(id.as_str())));
        let on: Set = have.intersection(line).copied().collect();
        let last =
            on.iter().filter(|place| !self.children_at(**place).iter().any(|child| on.contains(child)));
        last.map(|place| self.at(*place).id().clone()).collect()
    }

    fn current_point(&self, current: Vec<RevisionId>) -> Point {
        if current.is_empty() { Point::Base { line: None } } else { Point::At(current) }
    }

    /// Places with exactly this id, label or tag.
    fn exact(&self, name: &str) -> Vec<usize> {
        if let Some(index) = self.index(name) {
            return vec![index];
        }
        let has = |list: &[String]| list.iter().any(|l| l == name);
        let by = |pick: fn(&crate::file::Header) -> &[String]| -> Vec<usize> {
            (0..self.revisions.len()).filter(|&i| has(pick(&self.at(i).header))).collect()
        };
        let labelled = by(|h| &h.labels);
        if labelled.is_empty() { by(|h| &h.tags) } else { labelled }
    }

    fn find(&self, name: &str, word: &str) -> Result<usize, Unresolved> {
        let mut found = self.exact(name);
        if found.is_empty() && !name.is_empty() {
            found =
                (0..self.revisions.len()).filter(|&i| self.at(i).id().as_str().starts_with(name)).collect();
        }
        match found[..] {
            [one] => Ok(one),
            [] => Err(self.squashed(name).unwrap_or_else(|| Unresolved::Unknown {
                word: word.to_owned(),
                nearest: self.nearest_name(name),
            })),
            _ => Err(Unresolved::Ambiguous { word: word.to_owned(), candidates: self.named(&found) }),
        }
    }

    /// Where a name went that no file has any more, because a squash stands in for it.
    fn squashed(&self, name: &str) -> Option<Unresolved> {
        let mut all = self.revisions.iter().flat_map(|r| r.header.replaces.iter().map(move |id| (id, r)));
        let (revision, into) = all.find(|(id, _)| !name.is_empty() && id.as_str().starts_with(name))?;
        Some(Unresolved::Squashed { revision: revision.clone(), into: into.id().clone() })
    }

    fn nearest_name(&self, name: &str) -> Option<String> {
        let words = ["head", "heads", "base", "current"];
        let known = self.revisions.iter().flat_map(|r| {
            let names = r.header.labels.iter().chain(&r.header.tags);
            names.map(String::as_str).chain([r.id().as_str()])
        });
        nearest(name, words.into_iter().chain(known)).map(str::to_owned)
    }

    /// Goes up or down one line of revisions.
    fn walk(
        &self,
        word: &Word<'_>,
        from: Point,
        steps: i64,
        line: Option<&Set>,
    ) -> Result<Point, Unresolved> {
        let mut at = match &from {
            Point::Base { .. } => None,
            Point::At(ids) => match &ids[..] {
                [id] => self.index(id.as_str()),
                several => {
                    let heads = self.named_ids(several);
                    return Err(Unresolved::SeveralHeads { word: word.whole.to_owned(), heads });
                }
            },
        };
        let start = self.place_name(at);
        let wanted = steps.unsigned_abs() as usize;
        for done in 0..wanted {
            let too_far = || Unresolved::TooFar {
                word: word.whole.to_owned(),
                from: start.clone(),
                wanted,
                available: done,
            };
            let mut ways = if steps > 0 {
                self.up(at, line)
            } else {
                at.map(|i| self.parents[i].clone()).ok_or_else(too_far)?
            };
            ways.retain(|i| line.is_none_or(|set| set.contains(i)));
            at = match ways[..] {
                [one] => Some(one),
                [] if steps < 0 => None,
                [] => return Err(too_far()),
                _ => {
                    return Err(Unresolved::SeveralWays {
                        word: word.whole.to_owned(),
                        from: self.place_name(at),
                        candidates: self.named(&ways),
                    });
                }
            };
        }
        Ok(at.map_or(Point::Base { line: word.line.map(str::to_owned) }, |i| {
            Point::At(vec![self.at(i).id().clone()])
        }))
    }

    /// The next revisions; from nowhere, those with which everything, or a line, begins.
    fn up(&self, at: Option<usize>, line: Option<&Set>) -> Vec<usize> {
        let begins = |i: &usize| self.parents_at(*i).iter().all(|p| line.is_some_and(|set| !set.contains(p)));
        match at {
            Some(index) => self.children_at(index).to_vec(),
            None => (0..self.revisions.len()).filter(begins).collect(),
        }
    }

    fn place_name(&self, at: Option<usize>) -> String {
        at.map_or("base".to_owned(), |i| self.at(i).id().to_string())
    }

    pub(crate) fn named(&self, places: &[usize]) -> Vec<Named> {
        places.iter().map(|&i| (self.at(i).id().clone(), self.at(i).header.message.clone())).collect()
    }

    pub(crate) fn named_ids(&self, ids: &[RevisionId]) -> Vec<Named> {
        let message = |id: &RevisionId| self.get(id).map(|r| r.header.message.clone()).unwrap_or_default();
        ids.iter().map(|id| (id.clone(), message(id))).collect()
    }
}
