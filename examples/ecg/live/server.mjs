// npm run demo -- --live: an ECG through an embedded Kafka broker, analysed while it comes, on a page in your browser.
//   node examples/ecg/live/server.mjs [port, default 8360; 0: any]
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { WebSocketServer } from 'ws';
import recording from '../recording.js';
import { LiveAnalysis } from './analysis.mjs';
import { startFeed } from './feed.mjs';

/** Milliseconds between two messages with samples, and between two with numbers. */
const SAMPLES_EVERY = 50;
const STATUS_EVERY = 500;
const SPECTRUM_TO = 60; // Hz
const SPEEDS = [0.25, 50];
/** A page that does not keep up with this many bytes misses messages instead of filling the memory. */
const MAX_BUFFERED = 1 << 20;

const { SAMPLE_RATE, readEcg } = recording;
const require = createRequire(import.meta.url);
const uplot = (name) => require.resolve('uplot').replace('uPlot.cjs.js', name);

/** All that is served: path → [type, file]. */
const FILES = {
  '/': ['text/html', new URL('page.html', import.meta.url)],
  '/page.js': ['text/javascript', new URL('page.js', import.meta.url)],
  '/uplot.js': ['text/javascript', uplot('uPlot.iife.min.js')],
  '/uplot.css': ['text/css', uplot('uPlot.min.css')],
};
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:";

/**
 * Whether a request names this machine itself. A name of somebody else's may lead to 127.0.0.1 as well (DNS rebinding),
 * and a page of that name would then count as this server's own.
 */
function isForThisMachine({ headers, socket }) {
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  const port = socket.localPort;
  const hosts = names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
  return hosts.includes(headers.host?.toLowerCase());
}

function serve(request, response) {
  if (!isForThisMachine(request)) {
    response.writeHead(403, { 'content-type': 'text/plain' }).end('This page is for the machine that it runs on.\n');
    return;
  }
  const file = FILES[request.url];
  if (request.method !== 'GET' || !file) {
    response.writeHead(file ? 405 : 404).end();
    return;
  }
  response
    .writeHead(200, { 'content-type': `${file[0]}; charset=utf-8`, 'content-security-policy': POLICY })
    .end(readFileSync(file[1]));
}

/** Only the page that this server gave out may talk to it. */
const ownPage = ({ origin, req }) =>
  isForThisMachine(req) && origin?.toLowerCase() === `http://${req.headers.host.toLowerCase()}`;

class Live {
  #analysis = new LiveAnalysis(SAMPLE_RATE);
  #server = createServer(serve);
  #sockets = new WebSocketServer({ server: this.#server, path: '/live', maxPayload: 4096, verifyClient: ownPage });
  #fresh = { at: 0, raw: [], filtered: [], beats: [] };
  #total = 0;
  #reported = { samples: 0, messages: 0, time: performance.now() };
  #speed = 1;
  #feed;
  #timers;

  async start(port) {
    this.#sockets.on('connection', (socket) => {
      socket.on('message', (data) => this.#change(socket, data));
      socket.on('error', () => socket.terminate());
      socket.send(
        JSON.stringify({ type: 'settings', sampleRate: SAMPLE_RATE, speed: this.#speed, ...this.#analysis.settings }),
      );
    });
    this.#feed = await startFeed({
      recording: readEcg(), sampleRate: SAMPLE_RATE,
      onSamples: (samples) => this.#analyse(samples),
      onError: (error) => console.error(error),
    });
    this.#timers = [
      setInterval(() => this.#sendSamples(), SAMPLES_EVERY),
      setInterval(() => this.#sendStatus(), STATUS_EVERY),
    ];
    await new Promise((done, fail) => this.#server.on('error', fail).listen(port, '127.0.0.1', done));
    return `http://127.0.0.1:${this.#server.address().port}/`;
  }

  #analyse(samples) {
    const { filtered, beats } = this.#analysis.push(samples);
    this.#total += samples.length;
    for (const sample of samples) this.#fresh.raw.push(Number(sample.toFixed(3)));
    for (const sample of filtered) this.#fresh.filtered.push(Number(sample.toFixed(4)));
    this.#fresh.beats.push(...beats);
  }

  #broadcast(message) {
    const text = JSON.stringify(message);
    for (const socket of this.#sockets.clients) if (socket.bufferedAmount < MAX_BUFFERED) socket.send(text);
  }

  #sendSamples() {
    if (this.#fresh.raw.length) this.#broadcast({ type: 'samples', ...this.#fresh });
    this.#fresh = { at: this.#total, raw: [], filtered: [], beats: [] };
  }

  #sendStatus() {
    const now = performance.now();
    const { messages, lag, handlerMs } = this.#feed.metrics();
    const seconds = (now - this.#reported.time) / 1000;
    this.#broadcast({
      type: 'status', at: this.#total, heartRate: this.#analysis.heartRate(), lag, handlerMs: handlerMs.p50 ?? null,
      samplesPerSecond: (this.#total - this.#reported.samples) / seconds,
      messagesPerSecond: (messages - this.#reported.messages) / seconds,
      spectrum: this.#analysis.spectrum(SPECTRUM_TO),
    });
    this.#reported = { samples: this.#total, messages, time: now };
  }

  /** A page wants other settings; all pages hear of it, or this one of the mistake. */
  #change(socket, data) {
    try {
      const { speed, ...settings } = JSON.parse(data);
      if (!(speed >= SPEEDS[0] && speed <= SPEEDS[1]))
        throw new RangeError(`speed must be between ${SPEEDS.join(' and ')}`);
      this.#analysis.configure(settings);
      this.#feed.setSpeed(speed);
      this.#speed = speed;
      this.#broadcast({ type: 'settings', sampleRate: SAMPLE_RATE, speed, ...this.#analysis.settings });
    } catch (error) {
      socket.send(JSON.stringify({ type: 'mistake', message: error.message }));
    }
  }

  async stop() {
    this.#timers.forEach(clearInterval);
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.close();
    await this.#feed.close();
  }
}

const live = new Live();
const address = await live.start(Number(process.argv[2] ?? 8360));
console.log(`${address}   (Ctrl-C ends it)`);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => live.stop().then(() => process.exit(0)));
