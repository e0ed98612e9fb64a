'use strict';

/** A mistake of the command line's user, in its arguments or files: printed as one line, exit status 2. */
class UsageError extends Error {}

module.exports = { UsageError };
