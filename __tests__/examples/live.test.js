const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const http = require('node:http');
const { createInterface } = require('node:readline');
const WebSocket = require('ws');

const CHROMIUM =
  process.env.CHROMIUM_PATH ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
/** A picture of the page for the documentation is kept where this says. */
const SCREENSHOT = process.env.DSPX_LIVE_SCREENSHOT;

let server;
let address;
beforeAll(async () => {
  server = spawn(process.execPath, [join(__dirname, '../../examples/ecg/live/server.mjs'), '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await Promise.race([
    createInterface({ input: server.stdout })[Symbol.asyncIterator]().next().then(({ value }) => [value]),
    new Promise((_, reject) => server.once('exit', (status) => reject(new Error(`the server ended with ${status}`)))),
  ]);
  address = line.match(/^(http:\S+)/)[1];
});
afterAll(async () => {
  const ended = new Promise((resolve) => server.once('exit', (...how) => resolve(how)));
  server.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

/** A connection, and a way to await the next message that fits. */
async function connect(origin = new URL(address).origin) {
  const socket = new WebSocket(`${address.replace('http', 'ws')}live`, { origin });
  const messages = [];
  let wake = () => {};
  socket.on('message', (data) => {
    messages.push(JSON.parse(data));
    wake();
  });
  const next = async (fits) => {
    for (;;) {
      while (messages.length) {
        const message = messages.shift();
        if (fits(message)) return message;
      }
      await new Promise((resolve) => (wake = resolve));
    }
  };
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  return { socket, next };
}

const ofType = (type) => (message) => message.type === type;

describe('the server of the live example', () => {
  test('gives out its page and nothing else', async () => {
    const page = await fetch(address);
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([200, expect.stringContaining("default-src 'self'")]);
    for (const path of ['server.mjs', '../analysis.js', '%2e%2e/analysis.js']) expect((await fetch(address + path)).status).toBe(404);
    expect((await fetch(address, { method: 'POST' })).status).toBe(405);
  });

  test('answers to names of this machine only', async () => {
    const { port } = new URL(address);
    const statusFor = (host) =>
      new Promise((resolve, reject) => {
        const request = http.get(address, { headers: { host }, setHost: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.on('error', reject);
      });
    const names = ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'];
    for (const name of names) expect(await statusFor(`${name}:${port}`)).toBe(200);
    const evil = ['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`];
    const others = [...evil, '127.0.0.1', 'localhost:1', ''];
    for (const host of others) expect([host, await statusFor(host)]).toEqual([host, 403]);
    const rebound = new WebSocket(`ws://127.0.0.1:${port}/live`, {
      headers: { host: `evil.example:${port}` }, origin: `http://evil.example:${port}`,
    });
    const opened = new Promise((resolve, reject) => rebound.on('open', resolve).on('error', reject));
    await expect(opened).rejects.toThrow('401');
  });

  test('streams samples that join, and numbers', async () => {
    const { socket, next } = await connect();
    expect(await next(ofType('settings'))).toMatchObject({ sampleRate: 360, speed: 1, low: 5, high: 15 });
    const first = await next(ofType('samples'));
    const second = await next(ofType('samples'));
    expect(second.at).toBe(first.at + first.raw.length);
    expect(first.filtered).toHaveLength(first.raw.length);
    const status = await next(ofType('status'));
    expect(status.samplesPerSecond).toBeGreaterThan(0);
    expect(status.spectrum.raw.length).toBe(status.spectrum.filtered.length);
    socket.close();
  });

  test('changes settings while it runs, finds the heart rate, refuses nonsense', async () => {
    const { socket, next } = await connect();
    const wanted = { low: 4, high: 20, order: 3, mains: 50, speed: 20 };
    socket.send(JSON.stringify(wanted));
    expect(await next((m) => m.type === 'settings' && m.low === 4)).toMatchObject(wanted);
    const { heartRate } = await next((m) => m.type === 'status' && m.heartRate !== null);
    expect(heartRate).toBeGreaterThan(40);
    expect(heartRate).toBeLessThan(220);
    for (const [text, message] of [
      [JSON.stringify({ ...wanted, low: 30 }), 'low must be below high'],
      [JSON.stringify({ ...wanted, order: 2.5 }), /order/i],
      [JSON.stringify({ ...wanted, speed: 1e9 }), /speed must be between/],
      ['{', /JSON/],
      ['null', /null/],
    ]) {
      socket.send(text);
      const mistake = await next(ofType('mistake'));
      if (message instanceof RegExp) expect(mistake.message).toMatch(message);
      else expect(mistake.message).toBe(message);
    }
    socket.send(JSON.stringify({ low: 5, high: 15, order: 2, mains: 0, speed: 1 }));
    await next((m) => m.type === 'settings' && m.low === 5);
    socket.close();
  });

  test('talks to its own page only', async () => {
    await expect(connect('http://elsewhere.example')).rejects.toThrow(/401/);
  });
});

const reason = CHROMIUM ? '' : 'no Chromium (CHROMIUM_PATH names one)';
if (reason) console.warn(`the live page is not tested: ${reason}`);

(reason ? test.skip : test)(
  'the page draws, takes other settings and tells of mistakes',
  async () => {
    const { chromium } = require('playwright-core');
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 1140, height: 770 } });
      const errors = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.goto(address);
      await page.waitForFunction(() => /\d+ bpm/.test(document.getElementById('heartRate').textContent), null, {
        timeout: 20_000,
      });

      await page.fill('input[name=high]', '12');
      await page.click('button');
      await page.waitForFunction(
        () => document.getElementById('message').textContent === 'running with 5 to 12 Hz, order 2',
      );
      await page.fill('input[name=low]', '13');
      await page.click('button');
      await page.waitForFunction(() => document.getElementById('message').textContent === 'low must be below high');
      await page.fill('input[name=low]', '5');
      await page.fill('input[name=high]', '15');
      await page.click('button');
      await page.waitForFunction(() => document.getElementById('message').className === 'good');

    // Every chart holds a line: points that are neither empty nor white.
    const inked = await page.$$eval('canvas', (canvases) => canvases.map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return new Uint32Array(data.buffer).filter((pixel) => pixel !== 0 && pixel !== 0xffffffff).length;
    }));
    expect(inked).toHaveLength(4);
    for (const pixels of inked) expect(pixels).toBeGreaterThan(500);
    if (SCREENSHOT) {
      await page.waitForTimeout(9000);
      await page.screenshot({ path: SCREENSHOT });
    }
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
}, 60_000);
