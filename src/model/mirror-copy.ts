/** What the one copy of a location that is kept like its source, without dates in names, is called. */
export const MIRROR = '.';
