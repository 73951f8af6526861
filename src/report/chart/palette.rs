//! Colours and dash patterns: Okabe and Ito's colour-blind-safe set, darkened or lightened until each colour
//! stands out from the page (3 to 1) and carries text (4.5 to 1) in both modes. The tests hold those ratios.
//!
//! Colour is never the only cue: lines differ by dash pattern, parts of a bar by every second one's hatching
//! and by their order, and the numbers stand in a table under each picture.

/// The page in light and in dark mode; `style.css` names the same two.
pub const SURFACE: [&str; 2] = ["#ffffff", "#15181b"];

/// Text on a filled part: dark and light.
const DARK_INK: &str = "#10151a";
const LIGHT_INK: &str = "#ffffff";

/// One colour: as a line and as a fill, in light and in dark mode.
#[derive(Debug)]
pub struct Colour {
    /// On the light page.
    pub light: &'static str,
    /// On the dark page.
    pub dark: &'static str,
    /// Whether text on the light page's fill is white; on the dark page's it is always dark.
    pub light_text: bool,
}

/// The colours in the order in which they are used. The first five are told apart as thin lines.
pub const COLOURS: [Colour; 8] = [
    Colour { light: "#0072b2", dark: "#4ba3e3", light_text: true },
    Colour { light: "#c94f00", dark: "#f0803c", light_text: true },
    Colour { light: "#007d5a", dark: "#2cc295", light_text: true },
    Colour { light: "#a84c80", dark: "#e08fbf", light_text: true },
    Colour { light: "#5a6472", dark: "#a9b4c0", light_text: true },
    Colour { light: "#3a97d0", dark: "#8cccf2", light_text: false },
    Colour { light: "#c08400", dark: "#e6b13c", light_text: false },
    Colour { light: "#938800", dark: "#d9cf52", light_text: false },
];

/// Dash patterns of lines, in the order of the colours.
pub const DASHES: [&str; 5] = ["none", "7 4", "2 3", "11 4 2 4", "14 5"];

/// The custom properties that the pictures' classes use: one block for light, one for dark.
pub fn css() -> [String; 2] {
    let block = |dark: bool| {
        let mut out = String::new();
        for (at, colour) in COLOURS.iter().enumerate() {
            let (fill, ink) = match (dark, colour.light_text) {
                (true, _) => (colour.dark, DARK_INK),
                (false, true) => (colour.light, LIGHT_INK),
                (false, false) => (colour.light, DARK_INK),
            };
            out.push_str(&format!("--c{at}:{fill};--t{at}:{ink};"));
        }
        out
    };
    [block(false), block(true)]
}

/// The classes that tie the n-th series or part to its colour and dash.
pub fn classes() -> String {
    let mut out = String::new();
    for at in 0..COLOURS.len() {
        out.push_str(&format!(
            ".f{at}{{fill:var(--c{at})}}.plot text.t{at}{{fill:var(--t{at})}}.s{at}{{stroke:var(--c{at})}}"
        ));
    }
    for (at, dash) in DASHES.iter().enumerate() {
        out.push_str(&format!(".d{at}{{stroke-dasharray:{dash}}}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance and contrast as WCAG 2.2 defines them.
    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap_or(0)) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_colour_stands_out_from_the_page_and_carries_text() {
        for colour in &COLOURS {
            assert!(contrast(colour.light, SURFACE[0]) >= 3.0, "{colour:?}");
            assert!(contrast(colour.dark, SURFACE[1]) >= 3.0, "{colour:?}");
            let ink = if colour.light_text { LIGHT_INK } else { DARK_INK };
            assert!(contrast(colour.light, ink) >= 4.5, "{colour:?} {}", contrast(colour.light, ink));
            assert!(contrast(colour.dark, DARK_INK) >= 4.5, "{colour:?}");
        }
    }

    #[test]
    fn text_colours_of_the_page_are_readable() {
        let style = include_str!("../html/style.css");
        let [light, dark] = ["light", "dark"].map(|mode| {
            let start = style.find(&format!("/* {mode} */")).unwrap_or(0);
            let block = &style[start..];
            block[..block.find('}').unwrap_or(0)].to_owned()
        });
        for (block, surface) in [(light, SURFACE[0]), (dark, SURFACE[1])] {
            assert!(block.contains(&format!("--page:{surface}")), "{block}");
            for name in ["--ink:", "--soft:", "--link:", "--act:", "--look:", "--note:", "--good:"] {
                let at = block.find(name).map(|at| at + name.len()).unwrap_or(0);
                let value = &block[at..at + 7];
                assert!(contrast(value, surface) >= 4.5, "{name}{value} {}", contrast(value, surface));
            }
        }
    }
}
