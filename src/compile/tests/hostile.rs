//! Documents with something deleted, doubled or replaced: messages, never a panic.

use proptest::prelude::*;

use super::*;

/// A text in pieces that mean something: names, numbers, quoted texts, signs.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut quoted = false;
    for c in text.chars() {
        let joins = tokens.last().and_then(|token| token.chars().last()).is_some_and(|before| {
            let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
            quoted || (word(before) && word(c)) || (before.is_whitespace() && c.is_whitespace())
        });
        if c == '"' {
            if quoted {
                tokens.last_mut().unwrap().push(c);
            } else {
                tokens.push(c.to_string());
            }
            quoted = !quoted;
        } else if joins {
            tokens.last_mut().unwrap().push(c);
        } else {
            tokens.push(c.to_string());
        }
    }
    tokens
}

fn survives(text: &str) {
    let (sources, opened) = open(text, "doc", &Overrides::default());
    let answer = opened.and_then(|opened| compile(&opened.document));
    if let Err(errors) = answer {
        assert!(!errors.is_empty());
        for error in errors {
            let _ = crate::document::render::render(&error, &sources, false);
        }
    }
}

#[test]
fn tokens_are_the_text() {
    assert_eq!(tokens(TOY).concat(), TOY);
}

#[test]
fn every_token_can_be_missing() {
    for text in [TOY, TOY_SCENARIO] {
        let tokens = tokens(text);
        for i in 0..tokens.len() {
            if !tokens[i].trim().is_empty() {
                survives(&format!("{}{}", tokens[..i].concat(), tokens[i + 1..].concat()));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tokens_can_be_shuffled(
        scenario in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_u8), 1..6),
        number in prop_oneof![
            Just("0"), Just("-1"), Just("1e308"), Just("18446744073709551615"), Just("\"9999999w\""),
            Just("\"T-1d\""), Just("\"\""), Just("\"csirt@ES\""), Just("[]"), Just("{}"), Just("()"), Just("None"),
        ],
    ) {
        let mut tokens = tokens(if scenario { TOY_SCENARIO } else { TOY });
        let solid: Vec<usize> = (0..tokens.len()).filter(|i| !tokens[*i].trim().is_empty()).collect();
        for (at, other, what) in changes {
            let (at, other) = (*at.get(&solid), *other.get(&solid));
            match what {
                0 => tokens[at].clear(),
                1 => tokens[at] = tokens[other].clone(),
                2 => tokens.swap(at, other),
                3 => tokens[at] = tokens[at].repeat(2),
                _ => tokens[at] = number.to_owned(),
            }
        }
        survives(&tokens.concat());
    }

    #[test]
    fn values_can_be_replaced(
        at in any::<prop::sample::Index>(),
        with in any::<prop::sample::Index>(),
        scenario in any::<bool>(),
    ) {
        // A quoted text or number for another one: the document stays readable, names and units go wrong.
        let mut tokens = tokens(if scenario { TOY_SCENARIO } else { TOY });
        let is_value = |token: &String| {
            token.starts_with('"') || token.starts_with(|c: char| c.is_ascii_digit())
        };
        let values: Vec<usize> = (0..tokens.len()).filter(|i| is_value(&tokens[*i])).collect();
        let (at, with) = (*at.get(&values), *with.get(&values));
        tokens[at] = tokens[with].clone();
        survives(&tokens.concat());
    }
}
