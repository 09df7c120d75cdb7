//! Room `chart`: results drawn as SVG and PNG, 1600 x 900, to be read at a glance by a person who was not there.
//!
//! A chart is a function from plain input ([`input`]) to a `Scene`, a list of shapes and texts in logical
//! pixels. Two painters turn the same scene into bytes: `svg` writes it out, `raster` paints it at twice the size.
//! So SVG and PNG cannot differ in content, and a test can ask the scene itself whether two texts overlap.
//!
//! The painters are our own. The plotting crate that was tried first cuts the corners of wide lines to whole pixels,
//! drops the side bearings of glyphs, knows neither dashes nor hatching, titles or descriptions, and encodes only into
//! files; what was left to use of it was smaller than what had to be worked around.
//!
//! **Invariant:** same input, same bytes. Coordinates come from `+ - * /` and `sqrt` only, which IEEE 754 rounds the
//! same everywhere; the SVG prints them to a tenth of a pixel.
//! **Invariant:** no text is smaller than [`MIN_TEXT`], and each is measured with the font that is embedded.

pub mod awareness;
pub mod bars;
pub mod batch_input;
pub mod differences;
pub mod ecdf;
pub mod expected;
pub mod fan;
pub mod input;
pub mod map;
pub mod palette;
pub mod propagation;
pub mod timeline;
pub mod tornado;
pub mod waterfall;

mod axis;
mod font;
mod frame;
mod raster;
mod scene;
mod svg;
mod value_axis;
mod words;

#[cfg(test)]
mod batch_tests;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

/// Width of every chart in logical pixels.
pub const WIDTH: u32 = 1600;
/// Height of every chart in logical pixels.
pub const HEIGHT: u32 = 900;
/// Smallest size of text in logical pixels.
pub const MIN_TEXT: f64 = 16.0;
/// Device pixels of the PNG per logical pixel.
pub const PNG_SCALE: u32 = 2;

/// Why a chart could not be drawn; never because of the data, which is drawn as far as it goes.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The embedded font could not be read: the binary was built with a damaged one.
    #[error("the embedded font `{name}` cannot be read")]
    Font {
        /// File name of the font.
        name: &'static str,
    },
    /// The PNG encoder refused the image.
    #[error("the image cannot be encoded as PNG")]
    Png(#[from] png::EncodingError),
}
