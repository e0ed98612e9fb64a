/** Jest runs the public API in plain JavaScript; `support/environment.js` says why it needs an environment of its own. */
module.exports = {
  testEnvironment: './__tests__/support/environment.js',
  testMatch: ['<rootDir>/__tests__/**/*.test.js'],
  testTimeout: 30_000,
};
