'use strict';
/** Functions for biosignals: at once, or (`…Async`) on a worker thread. */

const { atOnce, onThread } = require('./by-name.js');

for (const name of ['hrv']) {
  exports[name] = atOnce(name);
  exports[`${name}Async`] = onThread(name);
}
