//! The graph of the information relay: who has how many servers and whom each desk passes things on to.

/// Microseconds in an hour.
pub(crate) const HOUR: f64 = 3_600e6;
/// Time between the first tellings of two facts that follow each other.
pub(crate) const GAP_HOURS: f64 = 0.5;
/// Median of the time that a desk needs for a letter.
pub(crate) const SERVICE_MEDIAN_HOURS: f64 = 1.0;
/// Sigma of the time that a desk needs for a letter.
pub(crate) const SERVICE_SIGMA: f64 = 0.8;
/// Sigma of the time that a letter is under way.
pub(crate) const LATENCY_SIGMA: f64 = 1.0;

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): enough to draw a graph once.
pub(crate) struct SplitMix(u64);

impl SplitMix {
    /// A generator with a seed.
    pub(crate) fn new(seed: u64) -> Self {
        SplitMix(seed)
    }

    /// The next word.
    pub(crate) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, with a bias that does not matter here.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.word() % n as u64) as usize
    }

    /// A number in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A link to another desk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Link {
    /// The desk at its far end.
    pub(crate) to: usize,
    /// Median of the time under way, in whole microseconds: 15 to 60 minutes.
    pub(crate) median_us: u64,
}

/// Desks with their servers and links.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Graph {
    /// Servers of each desk: 1, 2 or 4.
    pub(crate) servers: Vec<u32>,
    /// Links of each desk in order of the far end: 4 to 12, one of them to the next desk of a ring.
    pub(crate) links: Vec<Vec<Link>>,
}

impl Graph {
    /// The graph of `desks` desks; 300 have 2,378 links.
    pub(crate) fn of(desks: usize) -> Graph {
        let mut random = SplitMix::new(20_261_123);
        let mut links = Vec::with_capacity(desks);
        for desk in 0..desks {
            let degree = 4 + random.below(9);
            let mut of_desk: Vec<Link> = Vec::with_capacity(degree);
            let mut to = (desk + 1) % desks;
            while of_desk.len() < degree {
                if to != desk && of_desk.iter().all(|link| link.to != to) {
                    let hours = 0.25 + 0.75 * random.unit();
                    of_desk.push(Link { to, median_us: (hours * HOUR).round() as u64 });
                }
                to = random.below(desks);
            }
            of_desk.sort_unstable_by_key(|link| link.to);
            links.push(of_desk);
        }
        let servers = (0..desks).map(|_| [1, 2, 4][random.below(3)]).collect();
        Graph { servers, links }
    }

    /// Number of links.
    pub(crate) fn n_links(&self) -> usize {
        self.links.iter().map(Vec::len).sum()
    }

    /// The desk that hears of a fact first.
    pub(crate) fn origin(&self, fact: usize) -> usize {
        (29 * fact + 7) % self.servers.len()
    }

    /// When a fact is told first, in microseconds.
    pub(crate) fn told_at_us(fact: usize) -> u64 {
        (GAP_HOURS * HOUR) as u64 * fact as u64
    }

    /// Arrivals and ends of service until nothing is under way: one of each for the first telling and for
    /// each link of each desk.
    pub(crate) fn n_events(&self, facts: usize) -> u64 {
        2 * (facts * (1 + self.n_links())) as u64
    }
}
