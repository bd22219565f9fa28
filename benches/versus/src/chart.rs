//! Draws a table as a picture: how fast each side is beside this crate, narrow enough for a phone.
//!
//! It knows lines of the table and nothing of how they came about. A bar is a side's speed, ours being as long as the
//! mark across the others; the number beside it is the ratio of the table.

use crate::table::{Line, OURS};
use std::fmt::{self, Write};

/// The cases that are drawn, with their headings.
const PANELS: [(&str, &str); 8] = [
    ("decode_request/small", "Decode a small request, 0.2 KB"),
    ("decode_request/object95k", "Decode a request of JSON, 95 KB"),
    ("decode_request/chinese95k", "Decode a request of Chinese JSON, 95 KB"),
    ("decode_request/escaped95k", "Decode JSON inside a string, 95 KB"),
    ("decode_request/text95k", "Decode a request of text, 95 KB"),
    ("decode_reply/object950k", "Decode a reply of JSON, 950 KB"),
    ("encode_request/small", "Encode a small request, 0.2 KB"),
    ("encode_reply/text950k", "Encode a reply of text, 950 KB"),
];

/// References of memory speed, which are no libraries.
const REFERENCES: [&str; 2] = ["memcpy", "simdutf8"];

/// Of a picture that a phone shows at about its full width.
const WIDTH: usize = 400;
const ROW: usize = 18;
const HEADING: usize = 40;
/// Where bars begin, and where they end at the latest.
const BAR: usize = 152;
const BAR_END: usize = 344;
/// Speeds beyond this, beside ours, are cut off.
const FASTEST: f64 = 2.0;

/// Colours that the reader's light or dark surroundings choose; without an answer, the light ones.
const STYLE: &str = "\
text{font:13px -apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#24292f}\
.h{font-weight:600;font-size:14px}.us{font-weight:600}.n{text-anchor:end}.f{font-size:11px;fill:#57606a}\
.paper{fill:#fff}.bar{fill:#8c959f}.part{fill:#d0d7de}.ours{fill:#1a7f5a}.mark{stroke:#1a7f5a;stroke-width:1.5}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.f{fill:#9198a1}.paper{fill:#0d1117}.bar{fill:#848d97}\
.part{fill:#3d444d}.ours{fill:#2fb583}.mark{stroke:#2fb583}}";

/// The picture, as SVG.
pub fn svg(lines: &[Line]) -> String {
    let mut body = String::new();
    let bottom = draw(lines, &mut body).expect("a string takes what is written");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {bottom}\" width=\"{WIDTH}\" \
         height=\"{bottom}\" role=\"img\" aria-label=\"Speed beside other JSON libraries\">\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{bottom}\" rx=\"8\"/>\n{body}</svg>\n"
    )
}

/// Draws everything and says where it ends.
fn draw(lines: &[Line], svg: &mut String) -> Result<usize, fmt::Error> {
    let longest = longest(lines);
    let mut top = 24;
    for note in ["Longer is faster. The number: how many times", "the time of callcontainer a library takes."] {
        writeln!(svg, "<text class=\"f\" x=\"14\" y=\"{top}\">{note}</text>")?;
        top += 15;
    }
    for (case, heading) in PANELS {
        let mut sides: Vec<&Line> = lines.iter().filter(|line| line.case == case && is_drawn(line)).collect();
        if sides.is_empty() {
            continue;
        }
        sides.sort_by(|one, two| one.ratio.total_cmp(&two.ratio));
        top += HEADING;
        writeln!(svg, "<text class=\"h\" x=\"14\" y=\"{}\">{heading}</text>", top - 12)?;
        for line in &sides {
            row(svg, top, line, longest)?;
            top += ROW;
        }
        let mark = bar_end(1.0, longest);
        let start = top - ROW * sides.len();
        writeln!(svg, "<line class=\"mark\" x1=\"{mark:.1}\" x2=\"{mark:.1}\" y1=\"{start}\" y2=\"{top}\"/>")?;
    }
    top += 26;
    for note in [
        "Bars end at twice the speed of callcontainer.",
        "Pale: leaves out part of the work, such as checking",
        "escapes or UTF-8, or delimiting the body. The table",
        "says what. One run, one machine, baseline x86-64.",
    ] {
        writeln!(svg, "<text class=\"f\" x=\"14\" y=\"{top}\">{note}</text>")?;
        top += 15;
    }
    Ok(top)
}

fn row(svg: &mut String, top: usize, line: &Line, longest: f64) -> fmt::Result {
    let ours = line.side == OURS;
    let (text, bar) = match () {
        () if ours => (" class=\"us\"", "ours"),
        () if line.leaves_out == "-" => ("", "bar"),
        () => ("", "part"),
    };
    let baseline = top + 13;
    writeln!(svg, "<text{text} x=\"14\" y=\"{baseline}\">{}</text>", line.side)?;
    let length = bar_end(1.0 / line.ratio, longest) - BAR as f64;
    writeln!(
        svg,
        "<rect class=\"{bar}\" x=\"{BAR}\" y=\"{}\" width=\"{length:.1}\" height=\"{}\" rx=\"2\"/>",
        top + 3,
        ROW - 6
    )?;
    let number = if ours { "1".to_owned() } else { ratio(line.ratio) };
    writeln!(
        svg,
        "<text class=\"n{}\" x=\"{}\" y=\"{baseline}\">{number}×</text>",
        if ours { " us" } else { "" },
        WIDTH - 12
    )
}

/// How many of our speed the longest bar stands for: no more than the fastest side needs.
fn longest(lines: &[Line]) -> f64 {
    let drawn = lines.iter().filter(|line| is_drawn(line));
    drawn.map(|line| 1.0 / line.ratio).fold(1.0, f64::max).min(FASTEST)
}

/// Where the bar of a side ends that is so many times as fast as ours.
fn bar_end(speed: f64, longest: f64) -> f64 {
    BAR as f64 + (BAR_END - BAR) as f64 * (speed.min(longest) / longest)
}

fn is_drawn(line: &Line) -> bool {
    PANELS.iter().any(|(case, _)| line.case == *case) && !REFERENCES.contains(&line.side.as_str())
}

/// Two digits that count.
fn ratio(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.1}") } else { format!("{ratio:.0}") }
}
