//! Room `chart`: results drawn as SVG and PNG, 1600 x 900, to be read at a glance by a person who was not there.

pub mod input;
pub mod palette;
