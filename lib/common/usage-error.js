'use strict';

/** What the user got wrong: printed as one line, exit status 2. */
class UsageError extends Error {}

module.exports = { UsageError };
