//! Counting votes: whether a ballot adopts, and whether its outcome is certain before all have spoken.
//!
//! A rule of voting is a function of a complete ballot that never falls when a no becomes an abstention or a yes.
//! So an open ballot is certain to adopt if it does with every open vote a no, and certain to fail if it does not
//! adopt with every open vote a yes.
//!
//! The rules and their thresholds are numbers of the document. What they are called in the European Union: Articles
//! 16(4) and 31(1) TEU, 238 TFEU (recalled, not re-read).

use crate::model::{Base, Position, Vote};

/// A share is reached in spite of rounding.
const EPSILON: f64 = 1e-9;

/// A member on a ballot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voter {
    /// What it said; none: it may still speak.
    pub(super) says: Option<Position>,
    /// Population of its state.
    pub(super) people: f64,
}

/// How a ballot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Adopted, however the others vote.
    Adopted,
    /// Not adopted, however the others vote.
    Failed,
    /// Not certain yet.
    Open,
}

/// How a ballot stands by a rule.
pub(super) fn standing(vote: Vote, ballot: &[Voter]) -> Standing {
    if adopts(vote, ballot, Position::No) {
        Standing::Adopted
    } else if !adopts(vote, ballot, Position::Yes) {
        Standing::Failed
    } else {
        Standing::Open
    }
}

/// Whether only those in the room count, so that nobody waits for the others.
pub(super) fn counts_the_room(vote: Vote) -> bool {
    match vote {
        Vote::Consensus => true,
        Vote::Majority(_, of) | Vote::DoubleMajority { of, .. } => of != Base::Members,
        Vote::Chair | Vote::ChairAfterConsulting(_) | Vote::AtLeast(_) | Vote::Unanimity(_) => false,
    }
}

/// Counts of a ballot: members and their people, all of them and by what they said.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    all: (usize, f64),
    yes: (usize, f64),
    no: (usize, f64),
    abstain: (usize, f64),
}

impl Count {
    fn of(ballot: &[Voter], open: Position) -> Count {
        let mut count = Count::default();
        for voter in ballot {
            let add = |to: &mut (usize, f64)| *to = (to.0 + 1, to.1 + voter.people);
            match voter.says.unwrap_or(open) {
                Position::Yes => add(&mut count.yes),
                Position::No => add(&mut count.no),
                Position::Abstain => add(&mut count.abstain),
                Position::Absent | Position::NotYet => {}
            }
            add(&mut count.all);
        }
        count
    }

    /// Members and people of whom a share is.
    fn base(&self, of: Base) -> (usize, f64) {
        match of {
            Base::Members => self.all,
            Base::Present => {
                let three = [self.yes, self.no, self.abstain];
                (three.iter().map(|c| c.0).sum(), three.iter().map(|c| c.1).sum())
            }
            Base::Voting => (self.yes.0 + self.no.0, self.yes.1 + self.no.1),
        }
    }
}

/// Whether a ballot adopts if all who have not spoken say `open`.
fn adopts(vote: Vote, ballot: &[Voter], open: Position) -> bool {
    let count = Count::of(ballot, open);
    match vote {
        Vote::Chair | Vote::ChairAfterConsulting(_) => count.yes.0 > 0 && count.no.0 == 0,
        Vote::AtLeast(k) => count.yes.0 >= k as usize,
        Vote::Consensus => count.no.0 == 0 && count.yes.0 + count.abstain.0 > 0,
        Vote::Unanimity(abstaining) => {
            let spoken = count.yes.0 + count.abstain.0;
            let too_many = abstaining.is_some_and(|(members, people)| {
                count.abstain.0 > 0
                    && count.abstain.0 as f64 >= members * count.all.0 as f64 - EPSILON
                    && count.abstain.1 >= people * count.all.1 * (1.0 - EPSILON)
            });
            spoken == count.all.0 && spoken > 0 && !too_many
        }
        Vote::Majority(over, of) => {
            count.yes.0 > 0 && count.yes.0 as f64 > over * count.base(of).0 as f64 + EPSILON
        }
        Vote::DoubleMajority { states, population, blocking, of } => {
            let (members, people) = count.base(of);
            let needed = super::decision::share_of(members, states);
            let of_people = count.yes.1 >= population * people * (1.0 - EPSILON);
            count.yes.0 >= needed && (of_people || members - count.yes.0 < blocking as usize)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Position::{Absent, Abstain, No, Yes};

    /// Persons by member state for 2017 in thousands, in falling order (Council rules of procedure, annex III,
    /// recalled; 510.86 million): the test data of the vote cases.
    const EU28: [(&str, f64); 28] = [
        ("DE", 82_064_489.0),
        ("FR", 66_661_621.0),
        ("UK", 65_341_183.0),
        ("IT", 61_302_519.0),
        ("ES", 46_438_422.0),
        ("PL", 37_967_209.0),
        ("RO", 19_759_968.0),
        ("NL", 17_235_349.0),
        ("BE", 11_289_853.0),
        ("EL", 10_793_526.0),
        ("CZ", 10_445_783.0),
        ("PT", 10_341_330.0),
        ("SE", 9_998_000.0),
        ("HU", 9_830_485.0),
        ("AT", 8_711_500.0),
        ("BG", 7_153_784.0),
        ("DK", 5_700_917.0),
        ("FI", 5_465_408.0),
        ("SK", 5_407_910.0),
        ("IE", 4_664_156.0),
        ("HR", 4_190_669.0),
        ("LT", 2_888_558.0),
        ("SI", 2_064_188.0),
        ("LV", 1_968_957.0),
        ("EE", 1_315_944.0),
        ("CY", 848_319.0),
        ("LU", 576_249.0),
        ("MT", 434_403.0),
    ];

    /// A ballot of the 28 in which those named say something and all others something else.
    fn ballot(named: &[&str], say: Option<Position>, others: Option<Position>) -> Vec<Voter> {
        let says = |state: &str| if named.contains(&state) { say } else { others };
        EU28.iter().map(|&(state, people)| Voter { says: says(state), people }).collect()
    }

    const QMV: Vote = Vote::DoubleMajority { states: 0.55, population: 0.65, blocking: 4, of: Base::Members };
    const RQMV: Vote =
        Vote::DoubleMajority { states: 0.72, population: 0.65, blocking: 0, of: Base::Members };
    const UNA: Vote = Vote::Unanimity(None);
    const UNA_CA: Vote = Vote::Unanimity(Some((0.333_333_333, 0.333_333_333)));
    const SIMPLE: Vote = Vote::Majority(0.5, Base::Members);

    /// Vote, who is named, what they say, what the others say, and how the ballot stands.
    type Case = (Vote, &'static [&'static str], Option<Position>, Option<Position>, Standing);

    #[test]
    fn vote_cases() {
        use Standing::{Adopted, Failed, Open};
        let (y, n, a) = (Some(Yes), Some(No), Some(Abstain));
        let first = |k: usize| -> Vec<&'static str> { EU28[..k].iter().map(|x| x.0).collect() };
        let cases: &[Case] = &[
            // 41.9 % of the people, but only three members.
            (QMV, &["DE", "FR", "UK"], n, y, Adopted),
            (QMV, &["DE", "FR", "UK", "MT"], n, y, Failed),
            // Not in favour is not in favour, whether by a no, an abstention or an empty chair.
            (QMV, &["DE", "FR", "UK"], a, y, Adopted),
            (QMV, &["DE", "FR", "UK", "MT"], a, y, Failed),
            (QMV, &["DE", "FR", "UK", "MT"], Some(Absent), y, Failed),
            // Sealed early: the four cannot be outvoted whatever the others say; the three can.
            (QMV, &["DE", "FR", "UK", "MT"], n, None, Failed),
            (QMV, &["DE", "FR", "UK"], n, None, Open),
            // Without the rule of four members the three would block; in reinforced voting they do.
            (
                Vote::DoubleMajority { states: 0.55, population: 0.65, blocking: 0, of: Base::Members },
                &["DE", "FR", "UK"],
                n,
                y,
                Failed,
            ),
            (RQMV, &["DE", "FR", "UK"], n, y, Failed),
            (RQMV, &["DE"], n, y, Adopted),
            // Unanimity: abstentions and no others let it pass.
            (UNA, &["MT"], n, y, Failed),
            (UNA, &["DE", "FR"], a, y, Adopted),
            (UNA, &["MT"], Some(Absent), y, Failed),
            (UNA, &["MT"], None, y, Open),
            // Constructive abstention: nine large members are more than a third of the people but not of the
            // members; ten of the smallest are not a third of the people.
            (UNA_CA, &["DE", "FR", "UK", "IT", "ES", "PL", "RO", "NL", "BE"], a, y, Adopted),
            (UNA_CA, &["DE", "FR", "UK", "IT", "ES", "PL", "RO", "NL", "BE", "EL"], a, y, Failed),
            (UNA_CA, &["MT", "LU", "CY", "EE", "LV", "SI", "LT", "HR", "IE", "SK"], a, y, Adopted),
            (Vote::Consensus, &["MT"], n, y, Failed),
            (Vote::Consensus, &["MT"], a, y, Adopted),
            (Vote::Consensus, &["MT"], None, y, Open),
            (Vote::Consensus, &["MT"], Some(Absent), y, Adopted),
            (Vote::AtLeast(1), &["MT"], y, None, Adopted),
            (Vote::AtLeast(28), &["MT"], n, None, Failed),
        ];
        for (i, &(vote, named, say, others, expected)) in cases.iter().enumerate() {
            assert_eq!(standing(vote, &ballot(named, say, others)), expected, "case {i}: {vote:?} {named:?}");
        }
        // 15 of 28 are a simple majority, 14 are not; 16 are 55 %, 15 are not; 21 are 72 %, 20 are not.
        for (vote, k) in [(SIMPLE, 15), (QMV, 16), (RQMV, 21)] {
            assert_eq!(standing(vote, &ballot(&first(k), y, n)), Adopted, "{vote:?} {k}");
            assert_eq!(standing(vote, &ballot(&first(k - 1), y, n)), Failed, "{vote:?} {}", k - 1);
            assert_eq!(standing(vote, &ballot(&first(k), y, None)), Adopted, "{vote:?} sealed at {k}");
            assert_eq!(standing(vote, &ballot(&first(k - 1), y, None)), Open, "{vote:?} open at {}", k - 1);
        }
        let people: f64 = EU28.iter().map(|x| x.1).sum();
        assert_eq!((0.65 * people).ceil(), 332_059_455.0, "the threshold of the people");
    }

    #[test]
    fn what_a_share_is_of() {
        let say = |says: &[Option<Position>]| -> Vec<Voter> {
            says.iter().map(|&says| Voter { says, people: 1.0 }).collect()
        };
        // Two for, one against, one abstains, two absent.
        let votes = say(&[Some(Yes), Some(Yes), Some(No), Some(Abstain), Some(Absent), Some(Absent)]);
        let majority = |of| standing(Vote::Majority(0.5, of), &votes);
        assert_eq!(majority(Base::Members), Standing::Failed);
        assert_eq!(majority(Base::Present), Standing::Failed);
        assert_eq!(majority(Base::Voting), Standing::Adopted);
        let double =
            |of| standing(Vote::DoubleMajority { states: 0.5, population: 0.5, blocking: 0, of }, &votes);
        assert_eq!(double(Base::Members), Standing::Failed);
        assert_eq!(double(Base::Present), Standing::Adopted);
        assert_eq!(double(Base::Voting), Standing::Adopted);
        assert_eq!(standing(Vote::Consensus, &say(&[])), Standing::Failed);
        assert_eq!(standing(Vote::Chair, &say(&[Some(Abstain)])), Standing::Failed);
    }

    #[test]
    fn a_seal_is_never_broken() {
        // Of every ballot of four with open votes, whatever is certain stays so however the others vote.
        let all = [Some(Yes), Some(No), Some(Abstain), None];
        let closed = [Yes, No, Abstain, Absent];
        let votes = [
            QMV,
            RQMV,
            UNA,
            UNA_CA,
            SIMPLE,
            Vote::Consensus,
            Vote::AtLeast(2),
            Vote::Majority(0.5, Base::Present),
            Vote::Majority(0.5, Base::Voting),
            Vote::DoubleMajority { states: 0.55, population: 0.65, blocking: 2, of: Base::Voting },
        ];
        let people = [5.0, 3.0, 2.0, 1.0];
        let voters = |says: [Option<Position>; 4]| -> Vec<Voter> {
            says.iter().zip(people).map(|(&says, people)| Voter { says, people }).collect()
        };
        for vote in votes {
            for code in 0..256_usize {
                let says: [Option<Position>; 4] = std::array::from_fn(|i| all[code >> (2 * i) & 3]);
                let now = standing(vote, &voters(says));
                if now == Standing::Open {
                    continue;
                }
                for end in 0..256_usize {
                    // An absence is only what is said when a vote closes: while it is open, a vote will come.
                    let later: [Option<Position>; 4] =
                        std::array::from_fn(|i| says[i].or(Some(closed[(end >> (2 * i) & 3) % 3])));
                    assert_eq!(standing(vote, &voters(later)), now, "{vote:?} {says:?} {later:?}");
                }
            }
        }
    }
}
