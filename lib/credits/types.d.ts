/** Prints who and what this package is built on, and returns the text. */
export function credits(): string;

/** Prints two heart beats, and returns the picture. */
export function egg(): string;
