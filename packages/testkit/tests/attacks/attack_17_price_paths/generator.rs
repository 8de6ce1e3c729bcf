//! The set of paths: a cartesian product, and a slice of it that is run.

/// How the price moves, in basis points of the entry; a step down hurts the first leg, and all of it is
/// turned around in the mirrored half of the paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Down in steps of one percent.
    SlowDump,
    /// Up in small steps, then down in small steps.
    PumpAndDump,
    /// One step to below maintenance, above zero.
    GapBelowMaintenance,
    /// Below maintenance, and in the next step below zero.
    StepThenGap,
    /// One step to just below zero.
    GapBelowZero,
    /// One step of twice the margin.
    GapTwice,
    /// One step of five times the margin.
    GapFive,
    /// One step of twice the margin, and almost all of it back.
    GapAndRecovery,
    /// Up and down, further each time.
    Sawtooth,
    /// Up in small steps, then a gap of one and a half margins.
    PumpThenGap,
    /// The pair opens at a price of the greatest age at which it may, and knows of the gap that follows.
    Lag,
}

/// All shapes.
pub const SHAPES: [Shape; 11] = [
    Shape::SlowDump,
    Shape::PumpAndDump,
    Shape::GapBelowMaintenance,
    Shape::StepThenGap,
    Shape::GapBelowZero,
    Shape::GapTwice,
    Shape::GapFive,
    Shape::GapAndRecovery,
    Shape::Sawtooth,
    Shape::PumpThenGap,
    Shape::Lag,
];

impl Shape {
    /// Prices after the entry, in basis points of it.
    pub const fn steps(self) -> &'static [i64] {
        match self {
            Self::SlowDump => &[
                -100, -200, -300, -400, -500, -600, -700, -800, -900, -1_000, -1_100, -1_200,
            ],
            Self::PumpAndDump => &[
                150, 300, 450, 300, 150, 0, -150, -300, -450, -600, -750, -900,
            ],
            Self::GapBelowMaintenance => &[-700],
            Self::StepThenGap => &[-620, -1_300],
            Self::GapBelowZero => &[-1_120],
            Self::GapTwice => &[-2_000],
            Self::GapFive => &[-5_000],
            Self::GapAndRecovery => &[-2_000, -200],
            Self::Sawtooth => &[400, -400, 600, -600, 900, -900, 1_300, -1_300],
            Self::PumpThenGap => &[200, 400, -1_500],
            Self::Lag => &[-1_300],
        }
    }

    /// Whether every step leaves time to sell down what is below maintenance, on a book that can take it.
    pub const fn is_without_gap(self) -> bool {
        matches!(
            self,
            Self::SlowDump | Self::PumpAndDump | Self::GapBelowMaintenance
        )
    }
}

/// What the makers quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Book {
    /// More than the pair holds, around every new price.
    Deep,
    /// A tenth of what the pair holds, around every new price.
    Thin,
    /// Nothing.
    Empty,
    /// More than the pair holds, around the entry for ever: the makers are late.
    Late,
}

/// All books.
pub const BOOKS: [Book; 4] = [Book::Deep, Book::Thin, Book::Empty, Book::Late];

/// What the pair does around its liquidation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tactic {
    /// The keeper liquidates as soon as it may.
    AtOnce,
    /// The other leg's wallet does, after the last price, and nobody before.
    SelfLate,
    /// The winning leg bids for the losing one's lots at the edge of the band that the fund pays for.
    PlantedBid,
    /// The winning leg closes on the book before the losing one is liquidated.
    ClosesBefore,
    /// It closes afterwards.
    ClosesAfter,
    /// It takes out what it can, before, between the steps of the queue, and after.
    Withdraws,
}

/// All tactics.
pub const TACTICS: [Tactic; 6] = [
    Tactic::AtOnce,
    Tactic::SelfLate,
    Tactic::PlantedBid,
    Tactic::ClosesBefore,
    Tactic::ClosesAfter,
    Tactic::Withdraws,
];

/// Whom the queue finds, and how far one step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Honest positions of low leverage on both sides; a loss is closed in one call.
    Crowd,
    /// The same; one unit of work per call.
    CrowdStepwise,
    /// Nobody but the pair and the makers.
    Alone,
}

/// All queues.
pub const QUEUES: [Queue; 3] = [Queue::Crowd, Queue::CrowdStepwise, Queue::Alone];

/// What the fund may pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fund {
    /// It has no capital.
    Empty,
    /// Caps of a few USDC.
    SmallCaps,
    /// The default caps, far above what the pair can ask for.
    BigCaps,
    /// It has stopped at a drawdown.
    Tripped,
    /// It pays a market what it has paid in.
    PaidIn,
}

/// All funds.
pub const FUNDS: [Fund; 5] = [
    Fund::Empty,
    Fund::SmallCaps,
    Fund::BigCaps,
    Fund::Tripped,
    Fund::PaidIn,
];

/// Who the two legs are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Legs {
    /// Two wallets, both at the highest leverage.
    Same,
    /// Two wallets; the second leg's collateral is five times its notional.
    SecondSafe,
    /// Two accounts of one owner, both at the highest leverage.
    OneOwner,
}

/// All pairs of legs.
pub const LEGS: [Legs; 3] = [Legs::Same, Legs::SecondSafe, Legs::OneOwner];

/// One path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    /// How the price moves.
    pub shape: Shape,
    /// What the makers quote.
    pub book: Book,
    /// What the pair does.
    pub tactic: Tactic,
    /// Whom the queue finds.
    pub queue: Queue,
    /// What the fund may pay.
    pub fund: Fund,
    /// Who the legs are.
    pub legs: Legs,
    /// The first leg is short and prices move the other way.
    pub mirrored: bool,
}

/// Every combination of one half, in a fixed order.
pub fn all(mirrored: bool) -> impl Iterator<Item = Path> {
    let parts =
        SHAPES.len() * BOOKS.len() * TACTICS.len() * QUEUES.len() * FUNDS.len() * LEGS.len();
    (0..parts).map(move |number| {
        let mut rest = number;
        let mut digit = |of: usize| {
            let digit = rest % of;
            rest /= of;
            digit
        };
        Path {
            shape: SHAPES[digit(SHAPES.len())],
            book: BOOKS[digit(BOOKS.len())],
            tactic: TACTICS[digit(TACTICS.len())],
            queue: QUEUES[digit(QUEUES.len())],
            fund: FUNDS[digit(FUNDS.len())],
            legs: LEGS[digit(LEGS.len())],
            mirrored,
        }
    })
}

/// How many paths stand for one in the slice that is run.
pub const SLICE: usize = 7;

/// The slice: about one path in [`SLICE`], spread by a weighted sum over all dimensions.
pub fn slice(mirrored: bool) -> impl Iterator<Item = Path> {
    all(mirrored).filter(|path| place(path).is_multiple_of(SLICE))
}

fn place(path: &Path) -> usize {
    path.shape as usize
        + 2 * path.book as usize
        + 3 * path.tactic as usize
        + 4 * path.queue as usize
        + 5 * path.fund as usize
        + 6 * path.legs as usize
        + 3 * usize::from(path.mirrored)
}
