// A handler whose server a test has shut down goes on trying and says so, now and then after the file's last test. Jest takes
// such a line for a failure of the whole run, so from then on nobody listens.
afterAll(() => {
  for (const level of ['debug', 'log', 'info', 'warn', 'error']) console[level] = () => {};
});
