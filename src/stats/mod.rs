//! Statistics: slices and integers in, named structs out. A leaf: no frames, no files, no clock, no printing.
