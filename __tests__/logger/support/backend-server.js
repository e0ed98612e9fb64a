const http = require('node:http');

/**
 * A backend on the loopback. `answers` are given one per request, the last one to all further requests: a status, an
 * object `{ status, statusText, headers, body }`, or `'hang'` for no answer at all, `'drop'` for a closed connection;
 * or a function that gives one of these for the request.
 */
async function startBackend(...answers) {
  const requests = [];
  const arrivals = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body, json: () => JSON.parse(body) });
    arrivals.splice(0).forEach((wake) => wake());
    const next = answers.length > 1 ? answers.shift() : (answers[0] ?? 204);
    const answer = typeof next === 'function' ? next(requests.at(-1)) : next;
    if (answer === 'hang') return;
    if (answer === 'drop') {
      request.socket.destroy();
      return;
    }
    const parts = typeof answer === 'number' ? { status: answer } : answer;
    const { status, statusText, headers: extra, body: text, after } = parts;
    await after;
    // Without a delay of its own a retry comes at once, which keeps the tests fast.
    if (statusText !== undefined) {
      // Node's server refuses to write what others may send.
      request.socket.end(Buffer.from(`HTTP/1.1 ${status} ${statusText}\r\nconnection: close\r\n\r\n`));
      return;
    }
    response.writeHead(status, { 'retry-after': '0', ...extra });
    response.end(text);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    /** Resolves when `count` requests have come. */
    async received(count) {
      while (requests.length < count) await new Promise((resolve) => arrivals.push(resolve));
    },
    answerWith: (...next) => answers.splice(0, answers.length, ...next),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An address where nobody listens. */
async function deadAddress() {
  const backend = await startBackend();
  await backend.stop();
  return backend.url;
}

const entry = (more = {}) => ({
  level: 'error', message: 'it broke', topic: 'pipeline.error', timestamp: 1_700_000_000_123, ...more,
});

module.exports = { deadAddress, entry, startBackend };
