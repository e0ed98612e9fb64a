'use strict';

/**
 * A pipeline as a Node stream, a Web stream and an async iterator. All three take samples as they come (bytes may be
 * cut inside a sample or a frame), process one chunk at a time and pass back-pressure on.
 */

const { Transform } = require('#node').stream;
const { checkSignal, onAbort, throwIfAborted } = require('../common/abort.js');
const { checkPositive, checkPositiveInteger, nameOf, shown } = require('../common/arguments.js');
const { ARRAYS, checkDither, checkFormat } = require('./sample-formats.js');

/**
 * @typedef {import('../../index.js').SampleFormat} SampleFormat
 * @typedef {import('./sample-formats.js').SampleArray} SampleArray
 * @typedef {import('../../index.js').SampleChunk<SampleFormat>} SampleChunk
 * @typedef {import('../../index.js').ChunkOptions<SampleFormat, SampleFormat>} ChunkOptions
 * @typedef {import('../../index.js').PipelineStreamOptions} StreamOptions
 * @typedef {import('../../index.js').PipelineWebStreamOptions<SampleFormat>} WebStreamOptions
 * @typedef {object} Processor a pipeline
 * @property {(...values: unknown[]) => Promise<SampleArray>} process
 * @property {(options?: object) => Promise<{ samples: SampleArray }>} finish
 */

/** @param {ArrayBufferView} view */
const bytesOf = (view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

/** Cuts chunks into whole frames of samples in one format; keeps what is left for the next chunk. */
class Framer {
  #where;
  #Type;
  #frameBytes;
  #rest = Buffer.alloc(0);

  /** @param {string} where the method, for messages @param {number} channels @param {SampleFormat} format */
  constructor(where, channels, format) {
    this.#where = where;
    this.#Type = ARRAYS[format];
    this.#frameBytes = channels * this.#Type.BYTES_PER_ELEMENT;
  }

  /**
   * @param {any} chunk an array of the format, bytes, or `{ samples, timestamps }`
   * @returns {{ samples: any, timestamps?: any }} `samples` is an array of the format and belongs to nobody else
   */
  frames(chunk) {
    if (chunk?.samples instanceof this.#Type) return this.#stamped(chunk);
    const bytes = this.#rest.length ? Buffer.concat([this.#rest, this.#bytes(chunk)]) : this.#bytes(chunk);
    const whole = bytes.length - (bytes.length % this.#frameBytes);
    const samples = new this.#Type(whole / this.#Type.BYTES_PER_ELEMENT);
    bytesOf(samples).set(bytes.subarray(0, whole));
    this.#rest = Buffer.from(bytes.subarray(whole));
    return { samples };
  }

  /** @param {{ samples: SampleArray, timestamps?: unknown }} chunk */
  #stamped({ samples, timestamps }) {
    if (this.#rest.length || samples.byteLength % this.#frameBytes) {
      throw new RangeError(`${this.#where}: chunks with timestamps must hold whole frames`);
    }
    return { samples: samples.slice(), timestamps };
  }

  /** @param {unknown} chunk @returns {Buffer} @throws {TypeError} for arrays of another format */
  #bytes(chunk) {
    if (chunk instanceof this.#Type || chunk instanceof Uint8Array) return bytesOf(chunk);
    if (chunk instanceof ArrayBuffer) return Buffer.from(chunk);
    throw new TypeError(
      `${this.#where}: chunks must be ${this.#Type.name}s, bytes or { samples, timestamps }, got ${nameOf(chunk)}`,
    );
  }

  /**
   * The bytes of a typed array for a stream that takes bytes; anything else as it is.
   * @param {unknown} chunk
   * @throws {TypeError} for arrays of another format, which Node would take for bytes
   */
  bytesFor(chunk) {
    return ArrayBuffer.isView(chunk) ? this.#bytes(chunk) : chunk;
  }

  /** @throws {RangeError} if the input stopped inside a frame */
  end() {
    const left = this.#rest.length;
    if (left === 0) return;
    throw new RangeError(`${this.#where}: the input ended inside a frame (${left} of ${this.#frameBytes} bytes)`);
  }
}

/** The common part of the three forms: options checked, chunks framed, frames processed. */
class Feed {
  #pipeline;
  #framer;
  #options;
  /** Whether the end of the input is that of the pipeline's stream. */
  #finishes;

  /** @param {string} where the method, for messages @param {Processor} pipeline @param {ChunkOptions} [options] */
  constructor(where, pipeline, { signal, finish = true, ...options } = {}) {
    const { channels = 1, sampleRate } = options;
    // The pipeline's own checks of the two, now instead of at the first chunk; an empty call changes nothing.
    checkPositiveInteger(`${where}: channels`, channels);
    if (sampleRate !== undefined) checkPositive(`${where}: sampleRate`, sampleRate);
    const format = checkFormat(`${where}: format`, options.format) ?? 'f32';
    checkDither(options.dither, checkFormat(`${where}: output`, options.output) ?? 'f32');
    if (typeof finish !== 'boolean') throw new TypeError(`${where}: finish must be a boolean, got ${shown(finish)}`);
    this.signal = checkSignal(signal, where);
    this.#finishes = finish;
    this.#pipeline = pipeline;
    this.#framer = new Framer(where, channels, format);
    this.#options = { ...options, channels, signal };
  }

  /**
   * Returns the results of one chunk: empty if it completed no frame or the stages gave nothing for it.
   *
   * @param {unknown} chunk
   */
  async process(chunk) {
    const { samples, timestamps } = this.#framer.frames(chunk);
    if (samples.length === 0) return samples;
    return timestamps
      ? this.#pipeline.process(samples, timestamps, this.#options)
      : this.#pipeline.process(samples, this.#options);
  }

  /** @param {unknown} chunk */
  bytesFor(chunk) {
    return this.#framer.bytesFor(chunk);
  }

  /**
   * The end of the input.
   *
   * @returns what the stages held back, empty if the pipeline's stream goes on
   * @throws RangeError if the input stopped inside a frame; the pipeline is as before then
   */
  async end() {
    this.#framer.end();
    if (!this.#finishes) return new Float32Array(0);
    const { output, dither } = this.#options;
    return (await this.#pipeline.finish({ output, dither })).samples;
  }
}

/** The Node stream that `stream` makes. */
class PipelineStream extends Transform {
  #feed;

  /** @param {Processor} pipeline @param {StreamOptions} [options] */
  constructor(pipeline, options = {}) {
    const { objectMode, readableObjectMode, writableObjectMode, highWaterMark, signal, ...process } = options;
    const feed = new Feed('stream', pipeline, { ...process, signal });
    super({ objectMode, readableObjectMode, writableObjectMode, highWaterMark, signal, decodeStrings: false });
    this.#feed = feed;
  }

  // Node 18 and 20 refuse typed arrays other than bytes unless in object mode.
  /** @param {unknown} chunk @param {...any} rest */
  write(chunk, ...rest) {
    return super.write(this.writableObjectMode ? chunk : this.#feed.bytesFor(chunk), ...rest);
  }

  /** @param {unknown} [chunk] @param {...any} rest */
  end(chunk, ...rest) {
    return super.end(this.writableObjectMode ? chunk : this.#feed.bytesFor(chunk), ...rest);
  }

  /** @param {unknown} chunk @param {string} _encoding @param {(error?: Error) => void} done */
  _transform(chunk, _encoding, done) {
    this.#feed.process(chunk).then((samples) => {
      if (samples.length) this.push(this.readableObjectMode ? samples : bytesOf(samples));
      done();
    }, done);
  }

  /** @param {(error?: Error) => void} done */
  _flush(done) {
    this.#feed.end().then((samples) => {
      if (samples.length) this.push(this.readableObjectMode ? samples : bytesOf(samples));
      done();
    }, done);
  }
}

/** `pipeline.webStream(options)` @param {Processor} pipeline @param {WebStreamOptions} [options] */
function webStream(pipeline, { output = 'samples', ...options } = {}) {
  if (output !== 'samples' && output !== 'bytes' && !Object.hasOwn(ARRAYS, output)) {
    throw new TypeError(`webStream: output must be "samples", "bytes" or a format of samples, got ${shown(output)}`);
  }
  const format = Object.hasOwn(ARRAYS, output) ? /** @type {SampleFormat} */ (output) : undefined;
  const feed = new Feed('webStream', pipeline, { ...options, output: format });
  let release = () => {};
  return new TransformStream({
    start(controller) {
      if (feed.signal) release = onAbort(feed.signal, (reason) => controller.error(reason));
    },
    async transform(chunk, controller) {
      const samples = await feed.process(chunk);
      if (samples.length) controller.enqueue(output === 'bytes' ? bytesOf(samples) : samples);
    },
    async flush(controller) {
      release();
      const samples = await feed.end();
      if (samples.length) controller.enqueue(output === 'bytes' ? bytesOf(samples) : samples);
    },
  });
}

/**
 * Yields the chunks of `source`; throws the signal's reason on abort, also while the source yields nothing.
 *
 * @param {any} source an iterable
 * @param {AbortSignal | undefined} signal
 * @returns {AsyncGenerator<unknown, void, unknown>}
 */
async function* abortable(source, signal) {
  if (!signal) return yield* source;
  throwIfAborted(signal);
  const iterator = source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]();
  let release = () => {};
  const aborted = new Promise((_, reject) => {
    release = onAbort(signal, reject);
  });
  aborted.catch(() => {}); // it is raced only while a chunk is awaited
  try {
    for (;;) {
      const { done, value } = await Promise.race([iterator.next(), aborted]);
      if (done) return;
      yield value;
    }
  } finally {
    release();
    // A source that keeps silent may never answer, so nobody waits for it.
    Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

/**
 * `pipeline.iterate(source, options)`
 *
 * @param {Processor} pipeline
 * @param {any} source
 * @param {ChunkOptions} [options]
 */
function iterate(pipeline, source, options) {
  const iterable = source?.[Symbol.asyncIterator] ?? source?.[Symbol.iterator];
  if (typeof iterable !== 'function' || typeof source === 'string' || ArrayBuffer.isView(source)) {
    throw new TypeError(`iterate: source must be an iterable of chunks, got ${nameOf(source)}`);
  }
  return blocks(new Feed('iterate', pipeline, options), source);
}

/** @param {Feed} feed @param {unknown} source */
async function* blocks(feed, source) {
  for await (const chunk of abortable(source, feed.signal)) {
    const samples = await feed.process(chunk);
    if (samples.length) yield samples;
  }
  const rest = await feed.end();
  if (rest.length) yield rest;
}

/** `pipeline.stream(options)` @param {Processor} pipeline @param {StreamOptions} [options] */
const stream = (pipeline, options) => new PipelineStream(pipeline, options);

module.exports = { iterate, stream, webStream };
