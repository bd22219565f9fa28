//! The table: a line for each case and side, of columns that tabs separate.

use std::fmt;
use std::str::FromStr;

/// The name of this crate's side.
pub const OURS: &str = "callcontainer";

/// What was measured of one side in one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// `group/input`.
    pub case: String,
    pub side: String,
    /// Nanoseconds for one envelope.
    pub ns: f64,
    /// Envelope bytes for each nanosecond, which is gigabytes a second.
    pub gigabytes: f64,
    /// The side's time divided by ours: above 1, we are faster.
    pub ratio: f64,
    /// What the side leaves out of the work, or `-`.
    pub leaves_out: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, side, ns, gigabytes, ratio, leaves_out } = self;
        write!(f, "{case}\t{side}\t{ns:.1}\t{gigabytes:.3}\t{ratio:.2}\t{leaves_out}")
    }
}

impl FromStr for Line {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let columns: Vec<&str> = line.split('\t').collect();
        let [case, side, ns, gigabytes, ratio, leaves_out] = columns[..] else {
            return Err(format!("not a line of the table: {line}"));
        };
        let number = |text: &str| text.parse().map_err(|_| format!("not a number, {text}, in: {line}"));
        Ok(Self {
            case: case.to_owned(),
            side: side.to_owned(),
            ns: number(ns)?,
            gigabytes: number(gigabytes)?,
            ratio: number(ratio)?,
            leaves_out: leaves_out.to_owned(),
        })
    }
}
