//! The product beside others that do the same, in turns, with ratios and their spread; and the goals.
//!
//! `benches/peers/compare.sh` builds the peers and calls this with what it found; `cargo bench --bench peers` alone
//! compares with the plain loops.

#![allow(clippy::print_stdout, reason = "a program that prints tables")]

#[path = "../common/mod.rs"]
mod common;
mod contests;
mod foreign;
mod goals;
mod options;
mod page;
mod scale;
mod single;

use std::process::ExitCode;

use options::Options;
use page::Page;

fn main() -> ExitCode {
    let options = Options::given();
    if let Some(what) = &options.alone {
        let told = scale::alone(what).unwrap_or_else(|| single::alone(what, &options));
        println!("{told}");
        return ExitCode::SUCCESS;
    }
    let mut page = Page::default();
    if !options.about.is_empty() {
        page.say(&options.about);
    }
    if options.scaling {
        scale::tables(&options, &mut page);
        return finish(&page, &options);
    }
    page.say(&format!(
        "Median and, in brackets, the smallest and largest of {} rounds in which all took turns.",
        options.rounds
    ));
    let [full, tenth] = contests::relays(&options);
    let queue = contests::queues(&options);
    let worm = contests::worms(&options);
    let replay = contests::replays(&options);
    for contest in [&full, &tenth, &queue, &worm, &replay] {
        page.contest(&contest.title, &contest.timings, &contest.missing);
    }
    page.goals(&goals::all(&options, &full, &tenth, &worm, &replay));
    finish(&page, &options)
}

/// Prints the page and puts it where it is wanted.
fn finish(page: &Page, options: &Options) -> ExitCode {
    println!("{}", page.text());
    if let Some(path) = &options.write
        && let Err(error) = page.write_into(path)
    {
        println!("{} was not written: {error}", path.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
