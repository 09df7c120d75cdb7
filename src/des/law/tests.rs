//! Tests of the laws: known values, value stability, inversion, moments.
