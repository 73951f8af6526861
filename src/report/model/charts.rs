//! Pictures, as data.

/// A picture, as data.
#[derive(Debug, Clone)]
pub enum Chart {
    /// Step curves with bands over time: survival, cumulative incidence.
    Curves(Curves),
    /// Horizontal bars made of parts that add up to a whole.
    Stacked(Stacked),
    /// Points with intervals, one row each: a forest plot, or quarters in order.
    Intervals(Intervals),
    /// Rates of many units by how much they rest on, between the limits of chance about their common rate.
    Funnel(Funnel),
    /// Several figures over the same periods, side by side, each on an axis of its own.
    Multiples(Multiples),
    /// A triangle of cells, one per pair of names.
    Heatmap(Heatmap),
    /// Named points in a plane.
    Scatter(Scatter),
}

/// What every picture says in words.
#[derive(Debug, Clone)]
pub struct Caption {
    /// Heading.
    pub title: String,
    /// One sentence that says what the picture shows; also its description for a screen reader.
    pub says: String,
}

/// Step curves.
#[derive(Debug, Clone)]
pub struct Curves {
    /// Heading and description.
    pub caption: Caption,
    /// The x axis in words, such as `days since application`.
    pub x_label: String,
    /// The y axis in words; y runs from 0 to 1 and is shown in per cent.
    pub y_label: String,
    /// The curves, at most five.
    pub series: Vec<Series>,
    /// Vertical marks with a short label, such as the limit of 21 days.
    pub marks: Vec<(f64, String)>,
    /// The x axis ends here.
    pub x_max: f64,
}

/// One step curve, starting at x = 0.
#[derive(Debug, Clone)]
pub struct Series {
    /// Its name in the legend. May hold text from the data.
    pub name: String,
    /// The steps: from x on the value is y, with the ends of its interval.
    pub steps: Vec<Step>,
    /// The curve is known up to here and drawn no further; `None` up to the end of the axis.
    pub until: Option<f64>,
}

/// One step of a curve.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// From here on.
    pub x: f64,
    /// The value.
    pub y: f64,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

/// Stacked horizontal bars.
#[derive(Debug, Clone)]
pub struct Stacked {
    /// Heading and description.
    pub caption: Caption,
    /// The unit of the x axis, such as `days per loop`.
    pub x_label: String,
    /// The parts' names, in order.
    pub parts: Vec<String>,
    /// The bars: a name, and a value per part.
    pub bars: Vec<(String, Vec<f64>)>,
}

/// Points with intervals.
#[derive(Debug, Clone)]
pub struct Intervals {
    /// Heading and description.
    pub caption: Caption,
    /// The unit of the x axis.
    pub x_label: String,
    /// The rows: name, point, low, high, note such as `n = 120`.
    pub rows: Vec<IntervalRow>,
    /// A vertical reference line with a label.
    pub reference: Option<(f64, String)>,
}

/// One row of [`Intervals`].
#[derive(Debug, Clone)]
pub struct IntervalRow {
    /// Its name. May hold text from the data.
    pub name: String,
    /// The estimate; missing where the data cannot tell.
    pub point: Option<f64>,
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end; an arrow is drawn where it is missing although there is a point.
    pub high: Option<f64>,
    /// A short note.
    pub note: String,
}

/// A funnel plot.
#[derive(Debug, Clone)]
pub struct Funnel {
    /// Heading and description.
    pub caption: Caption,
    /// What the x axis counts, such as `cards`.
    pub x_label: String,
    /// What the y axis is a share of, such as `share of cards that were late`; shown in per cent.
    pub y_label: String,
    /// The common rate, from 0 to 1.
    pub target: f64,
    /// The limits of chance, ascending by how much a unit rests on.
    pub limits: Vec<FunnelLimit>,
    /// The units.
    pub units: Vec<FunnelUnit>,
}

/// The limits of chance at one number of cases, from 0 to 1.
#[derive(Debug, Clone, Copy)]
pub struct FunnelLimit {
    /// How many cases.
    pub n: f64,
    /// Between these, 95 of 100 units that share the common rate.
    pub warning: (f64, f64),
    /// Between these, 998 of 1,000.
    pub control: (f64, f64),
}

/// One unit of a funnel plot.
#[derive(Debug, Clone)]
pub struct FunnelUnit {
    /// Its name. May hold text from the data.
    pub name: String,
    /// How many cases it rests on.
    pub n: f64,
    /// Its rate, from 0 to 1.
    pub share: f64,
    /// Whether it lies outside of the wide limits, so that it is named in the picture.
    pub is_outside: bool,
}

/// Small pictures of several figures over the same periods.
#[derive(Debug, Clone)]
pub struct Multiples {
    /// Heading and description.
    pub caption: Caption,
    /// The figures.
    pub panels: Vec<Panel>,
}

/// One figure over the periods.
#[derive(Debug, Clone)]
pub struct Panel {
    /// What it is, such as `late cards, %`.
    pub title: String,
    /// The periods in order, with point and interval.
    pub rows: Vec<IntervalRow>,
    /// A horizontal reference line.
    pub reference: Option<f64>,
    /// A word on its trend, such as `no trend told from chance`.
    pub note: String,
}

/// A triangle of cells, one per pair.
#[derive(Debug, Clone)]
pub struct Heatmap {
    /// Heading and description.
    pub caption: Caption,
    /// What a cell's value is, such as `correlation`.
    pub value_label: String,
    /// The names, in order. May hold text from the data.
    pub names: Vec<String>,
    /// The cells; each pair at most once, in either order. Values are at most 1.
    pub cells: Vec<HeatCell>,
}

/// One pair of [`Heatmap`].
#[derive(Debug, Clone)]
pub struct HeatCell {
    /// Position of the one name.
    pub row: usize,
    /// Position of the other.
    pub column: usize,
    /// The value; missing where the data cannot tell.
    pub value: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// A short note.
    pub note: String,
}

/// Named points in a plane; both axes hold zero.
#[derive(Debug, Clone)]
pub struct Scatter {
    /// Heading and description.
    pub caption: Caption,
    /// The x axis in words, with its unit.
    pub x_label: String,
    /// The y axis in words, with its unit.
    pub y_label: String,
    /// The points.
    pub points: Vec<ScatterPoint>,
}

/// One point of [`Scatter`].
#[derive(Debug, Clone)]
pub struct ScatterPoint {
    /// Its name. May hold text from the data.
    pub name: String,
    /// Across.
    pub x: f64,
    /// Up.
    pub y: f64,
    /// A short note.
    pub note: String,
}
