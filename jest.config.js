/** Jest runs the public API in plain JavaScript, in the environment that users have. */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/__tests__/**/*.test.js'],
  testTimeout: 30_000,
};
