// Written by scripts/native-types.mjs from what napi-rs notes of src/; edit that.

/** A value that the bindings made of one of the core: numbers, texts, arrays, objects of these. */
export type ToJs = unknown;

/** Samples in the format that was asked for. */
export type EncodedArray = Int16Array | Int32Array | Uint8Array | Float32Array | Float64Array;

export interface Added {
  /** Its label in taps and callbacks. */
  label: string
  /** Warnings for the user. */
  warnings: Array<string>
  /** Keys that are not parameters. */
  unknownOptions: Array<UnknownOption>
}

export interface AssignedPartition {
  /** Identifies this assignment. */
  id: number
  /** The topic. */
  topic: string
  /** The partition. */
  partition: number
  /** Offset of its first message, negative = unknown. */
  position: number
}

export interface BandCoefficients {
  b: Array<number>
  a: Array<number>
  sos?: Array<Array<number>>
}

export interface BranchState {
  /** Name of the branch. */
  name: string
  /** Its state as JSON. */
  text?: string
  /** Its state as TOON. */
  bytes?: Buffer
}

export interface CacheStats {
  hits: number
  misses: number
}

export interface ConsumerEvent {
  /** `connected`, `assigned`, `revoked`, `committed`, `sought`, `lags`, `closed`, `log`, `error` or `token`. */
  kind: string
  /** The call that it answers, or the token for `release`. */
  id?: number
  /** The error, if the call failed. */
  error?: NativeFailure
  /** A line of the log. */
  line?: string
  /** New assignments. */
  assigned?: Array<AssignedPartition>
  /** Assignments that end. */
  revoked?: Array<number>
  /** Whether the group has already given them to others. */
  lost?: boolean
  /** Progress of the partitions. */
  lags?: Array<PartitionLag>
}

export interface ConsumerMetrics {
  /** Messages received. */
  messages: number
  /** Bytes of keys and values. */
  bytes: number
  /** Commits confirmed. */
  commits: number
  /** Commits that failed. */
  commitErrors: number
  /** Assignments and revocations. */
  rebalances: number
  /** Messages queued natively. */
  queued: number
  /** Bytes queued natively. */
  queuedBytes: number
  /** Distance to the high watermarks in messages. */
  lag: number
  /** Whether no broker can be reached. */
  away: boolean
}

export interface ConsumerSettings {
  /** Topics to read. */
  topics: Array<string>
  /** Whether to begin at the beginning of a partition without a committed offset. */
  fromBeginning: boolean
  /** Whether progress is committed automatically. */
  autoCommit: boolean
  /** Encoding of values. */
  codec: string
  /** Largest number of queued messages per partition. */
  prefetchMessages: number
  /** Largest number of queued bytes over all partitions. */
  prefetchBytes: number
  /** Largest number of messages taken at once. */
  batch: number
  /** Longest time for the handlers of revoked partitions to finish, in ms. */
  revokeTimeoutMs: number
  /** Longest wait for topics to exist, in ms. */
  topicTimeoutMs: number
}

export interface EmbeddedRequest {
  /** Name of the API. */
  api: string
  /** Broker that received it. */
  broker: number
  /** Time in ms of a monotonic clock. */
  at: number
}

export interface EventColumns {
  kinds: Array<EventKindInfo>
  /** Index in `kinds`. */
  kind: Uint32Array
  stage: Uint32Array
  channel: Uint32Array
  sample: Float64Array
  time: Float64Array
  /** The numbers of all events, one event after the other. */
  values: Float64Array
  /** The arrays of all events, one after the other. */
  data: Float32Array
  /** Length of each event's array. */
  dataLengths: Uint32Array
}

export interface EventKindInfo {
  /** Its `type`. */
  name: string
  /** Names of the numbers of its events. */
  fields: Array<string>
  /** Whether its events carry an array. */
  hasData: boolean
}

export interface Failed {
  /** Reason of the failure. */
  failed: NativeFailure
}

export interface FailedMessage {
  /** Index in the batch. */
  index: number
  /** Reason of the failure. */
  error: NativeFailure
}

export interface FilterMethods {
  fir: Array<string>
  iir: Array<string>
}

export interface FrequencyResponse {
  magnitude: Float64Array
  phase: Float64Array
}

export interface Hjorth {
  activity: number
  mobility: number
  complexity: number
}

export class Job {
  /** Makes room for `length` samples, and for as many times if `timed`. */
  constructor(length: number, timed: boolean)
  /** Appends samples. */
  write(samples: Float32Array): void
  /** Appends the samples in `bytes`, which are in `format`. */
  writeEncoded(bytes: Uint8Array, format: number): void
  /** Requests the result in the format `output`; `keep`: also a float32 copy, after those of the taps. */
  encode(output: number, dither: boolean, keep: boolean): void
  /** Appends times: milliseconds, or nanoseconds in a `BigInt64Array`. */
  writeTimes(times: Float32Array | Float64Array | BigInt64Array): void
  /** Runs the stages on a worker thread; resolves to the nanoseconds they took. */
  run(pipeline: NativePipeline, channels: number, rate: number, taps: Array<number>, wantsEvents: boolean): Promise<unknown>
  /** Copies samples back, from position `from` on, as far as `target` reaches. */
  read(target: Float32Array, from: number): void
  /** Returns the result; can be called once. */
  takeOutput(): Float32Array
  /** Returns the result in the format that [`Self::encode`] requested; can be called once. */
  takeEncoded(): EncodedArray | null
  /** Returns the copies made at the taps, in order; can be called once. */
  takeSnapshots(): Array<Float32Array>
  /** Returns the events of the call, if there are any; can be called once. */
  takeEvents(): EventColumns | null
}

export interface KafkaProperties {
  /** Properties by name. */
  values: Record<string, string>
  /** Warnings to show the user once. */
  warnings: Array<string>
  /** Whether tokens come from a provider in JavaScript. */
  oauthProvider: boolean
}

export interface LatencyInfo {
  /** Delay of the output in samples of the input. */
  samples: number
  /** Number of output samples per input sample. */
  ratio: number
  /** Delay of each stage in samples of its own input. */
  stages: Array<number>
}

export interface Merged {
  /** Interleaved samples. */
  samples: Float32Array
  /** Channels of a frame. */
  channels: number
}

export interface MessageSegment {
  /** Values, keys and headers. */
  data: BigUint64Array
  /** Numbers per message. */
  meta: Float64Array
  /** High watermark of the last fetch, −1 = unknown. */
  high: number
}

export class NativeBatch {
  /** A processor that uses `threads` threads and keeps `capacity` results; without a cache if that is negative. */
  constructor(threads: number, capacity: number)
  /** Half spectra of `signals` into `spectra`: real and imaginary parts of one after those of another. */
  run(signals: Array<Float32Array>, spectra: Array<Float32Array>): void
  /** Runs [`Self::run`] on worker threads, with copies of the signals. */
  runAsync(signals: Array<Float32Array>): Promise<unknown>
  /** Returns the numbers of hits and misses so far. */
  stats(): CacheStats
  /** Removes all results and statistics. */
  clear(): void
}

export class NativeEmbeddedKafka {
  /** Starts a cluster. */
  constructor(brokers: number, rebalanceDelayMs: number)
  /** Returns the addresses of the brokers. */
  get brokers(): Array<string>
  /** Returns client options that suit the cluster. */
  get clientConfig(): Record<string, string>
  /** Creates a topic. */
  createTopic(name: string, partitions: number): void
  /** Disconnects a broker; without an id all of them. */
  brokerDown(id?: number | undefined | null): void
  /** Reconnects a broker; without an id all of them. */
  brokerUp(id?: number | undefined | null): void
  /** Delays the answers of a broker by `ms`; without an id those of all brokers. */
  setLatency(ms: number, id?: number | undefined | null): void
  /** Moves the leader of a partition. */
  moveLeader(topic: string, partition: number, id: number): void
  /** Makes the next requests of a kind fail. */
  failNext(api: string, errors: Array<string>): void
  /** Returns the requests received. */
  requests(): Array<EmbeddedRequest>
  /** Discards the received requests. */
  clearRequests(): void
  /** Stops the cluster. */
  close(): void
}

export interface NativeEntry {
  /** Key within the scope. */
  key: Buffer
  /** State bytes. */
  state: Buffer
  /** Whether the state is JSON. */
  isJson: boolean
  /** Offset of the last message applied, −1 = none. */
  offset: number
  /** Whether one version is kept beside it. */
  alternate: boolean
  /** Offset of the version to keep. */
  keep?: number
}

export interface NativeFailure {
  /** Name of the class. */
  name: string
  /** librdkafka's name of the error without prefix. */
  code: string
  /** Sentence for the user. */
  message: string
  /** Whether the same call may succeed later. */
  retriable: boolean
  /** Whether the client is unusable from now on. */
  fatal: boolean
  /** The scope that has another owner. */
  scope?: string
  /** Our epoch. */
  ours?: number
  /** The other owner's epoch. */
  theirs?: number
  /** The other owner. */
  owner?: string
  /** Topic of a partition that cannot continue. */
  topic?: string
  /** Its number. */
  partition?: number
  /** Requested offset. */
  wanted?: string
  /** First offset of the log. */
  low?: string
  /** Offset after the last one of the log. */
  high?: string
  /** Store that has the state. */
  store?: string
  /** File that is damaged. */
  path?: string
}

export class NativeFft {
  /** Makes the transforms of `size` points. */
  constructor(size: number)
  /** Sets the permanent arrays: samples, and real and imaginary parts of a half spectrum. */
  setShared(samples: Float32Array, re: Float32Array, im: Float32Array): void
  /** Transforms the permanent samples into their half spectrum. */
  rfftShared(): void
  /** Transforms the permanent half spectrum into its samples. */
  irfftShared(): void
  /** Transforms real samples into a half spectrum. */
  rfft(x: Float32Array, re: Float32Array, im: Float32Array): void
  /** Transforms a half spectrum into real samples. */
  irfft(re: Float32Array, im: Float32Array, x: Float32Array): void
  /** Transforms complex samples into a spectrum. */
  dft(a: Float32Array, b: Float32Array, re: Float32Array, im: Float32Array): void
  /** Transforms a spectrum into complex samples. */
  idft(a: Float32Array, b: Float32Array, re: Float32Array, im: Float32Array): void
}

export class NativeFir {
  /** Makes the filter of a `create…` method; `design` is the default one. */
  constructor(method: string, options: unknown, design: string)
  /** Filters samples in place. */
  process(samples: Float32Array): void
  /** Returns the output for one sample. */
  processSample(sample: number): number
  /** Restores the state before the first sample. */
  reset(): void
  /** Returns magnitude and phase (radians) at frequencies in Hz. */
  frequencyResponse(frequencies: unknown): FrequencyResponse
  /** Returns the group delay in samples at frequencies in Hz. */
  groupDelay(frequencies: unknown): Float64Array
  /** Returns the signal filtered forwards and backwards. */
  filtfilt(signal: Float32Array): Float32Array
  /** Returns the taps. */
  taps(): Array<number>
}

export interface NativeFrame {
  /** Interleaved samples. */
  data: Float32Array
  /** Number of channels. */
  channels: number
  /** Sample rate in Hz. */
  sampleRate?: number
  /** Time of the first frame in ms since 1970. */
  t0?: number
  /** Time of each frame in ms since 1970. */
  timestamps?: Float64Array
}

export class NativeFrames {
  /** Makes a transform of frames of `size` samples. */
  constructor(size: number)
  /** Sets the window; returns false if there is none of that name. */
  setWindow(name: string): boolean
  /** Computes the spectrum of a frame, as many bins as there is room for: half of them, or all. */
  run(x: Float32Array, re: Float32Array, im: Float32Array): void
}

export class NativeIir {
  /** Makes the filter of a `create…` method; `design` is the default one. */
  constructor(method: string, options: unknown, design: string)
  /** Filters samples in place. */
  process(samples: Float32Array): void
  /** Returns the output for one sample. */
  processSample(sample: number): number
  /** Restores the state before the first sample. */
  reset(): void
  /** Returns magnitude and phase (radians) at frequencies in Hz. */
  frequencyResponse(frequencies: unknown): FrequencyResponse
  /** Returns the group delay in samples at frequencies in Hz. */
  groupDelay(frequencies: unknown): Float64Array
  /** Returns the signal filtered forwards and backwards. */
  filtfilt(signal: Float32Array): Float32Array
  /** Returns b0 … bM. */
  b(): Array<number>
  /** Returns a1 … aN. */
  a(): Array<number>
  /** Returns the rows `[b0, b1, b2, 1, a1, a2]`. */
  sections(): Array<Array<number>>
  /** Returns the number of poles. */
  order(): number
  /** Returns whether all poles lie inside the unit circle. */
  isStable(): boolean
}

export class NativeKafkaConsumer {
  /** Makes a consumer with these properties. */
  constructor(properties: KafkaProperties, settings: ConsumerSettings, callback: () => void)
  /** Waits for a broker, for at most `timeout_ms`; answered by `connected`. */
  connect(id: number, timeoutMs: number): void
  /** Joins the group. */
  subscribe(): void
  /** Returns the oldest segment of a partition, if there is one. */
  take(id: number): MessageSegment | null
  /** Notes that everything below `offset` is done; returns false for an assignment that has ended. */
  done(id: number, offset: number): boolean
  /** Answers a rebalance. */
  release(token: number): void
  /** Lets the messages of new assignments be taken. */
  begin(ids: Array<number>): void
  /** Commits what is done. */
  commit(id: number): void
  /** Commits these offsets. */
  commitOffsets(id: number, offsets: Array<OffsetToCommit>): void
  /** Moves the position: `offset`, or else `place` = `beginning`, `end` or `timestamp` (ms in `offset`). */
  seek(id: number, topic: string, partition: number, place: string, offset: number): void
  /** Requests the progress of the partitions; answered by `lags`. */
  lag(id: number): void
  /** Frees the client. */
  close(id: number): void
  /** Returns all events, and removes them. */
  collect(): Array<ConsumerEvent>
  /** Passes on a token. */
  supplyToken(value: string | undefined | null, principal: string, lifetimeMs: number): void
  /** Returns the current partitions. */
  snapshot(): Array<PartitionSnapshot>
  /** Returns the counters since creation. */
  metrics(): ConsumerMetrics
}

export class NativeKafkaProducer {
  /** Makes a producer with these properties. */
  constructor(properties: KafkaProperties, callback: () => void)
  /** Queues a packed batch (`dsp_stream::kafka::producer::Batch` describes it). */
  send(id: number, topic: string, data: Uint8Array, layout: Int32Array, timestamps: Float64Array, wantOffsets: boolean): void
  /** Waits for a broker, for at most `timeout_ms`; answered by `connected`. */
  connect(id: number, timeoutMs: number): void
  /** Frees the client. */
  close(id: number, timeoutMs: number): void
  /** Returns all events, and removes them. */
  collect(): Array<ProducerEvent>
  /** Passes on a token. */
  supplyToken(value: string | undefined | null, principal: string, lifetimeMs: number): void
  /** Returns the counters since creation. */
  metrics(): ProducerMetrics
}

export class NativeKafkaStream {
  /** Makes a stream that does nothing until `start`; `config` is a `dsp_stream` `StreamConfig`. */
  constructor(config: unknown, consumer: KafkaProperties, producer: KafkaProperties, store: NativeStateStore, pipeline: NativePipeline, callback: () => void)
  /** Joins the group. */
  start(id: number): void
  /** Makes a last checkpoint, leaves the group, frees the clients. */
  stop(id: number, timeoutMs: number): void
  /** Begins no new message. */
  pause(id: number): void
  /** Continues, also after a stall. */
  resume(id: number): void
  /** Makes a checkpoint of every partition. */
  checkpoint(id: number): void
  /** Reads the state of a key; without a key, that of the messages that have none. */
  state(id: number, key?: Buffer | undefined | null, topic?: string | undefined | null, partition?: number | undefined | null): void
  /** Returns all events, and removes them. */
  collect(): Array<NativeStreamEvent>
  /** Returns how many times the clients were replaced. */
  restarts(): number
  /** Returns the numbers of committed and aborted transactions. */
  transactions(): Array<number>
  /** Returns the assigned partitions. */
  partitions(): Array<StreamPartition>
}

export interface NativeLease {
  /** The scope. */
  scope: string
  /** Epoch of this owner. */
  epoch: number
  /** This owner. */
  owner: string
  /** The manifest at the acquisition. */
  manifest?: NativeManifest
}

export class NativeLms {
  /** Makes filters without channels. */
  constructor(taps: unknown, options: unknown)
  /** Sets the number of channels. */
  init(channels: unknown): void
  /** Writes output and error. The arrays may be one and the same: inputs are read before anything is written. */
  process(input: Float32Array, desired: Float32Array, output: Float32Array, error: Float32Array, adapt: boolean): void
  /** Writes the output; weights do not change. */
  filter(input: Float32Array, output: Float32Array): void
  /** Restores zero weights and no history. */
  reset(): void
  /** Returns a copy of a channel's weights. */
  weights(channel: unknown): Float32Array
  /** Sets a channel's weights. */
  setWeights(channel: unknown, weights: Float32Array): void
  /** Sets the learning rate. */
  setLearningRate(mu: unknown): void
  /** Returns the learning rate. */
  learningRate(): number
  /** Returns the number of weights per channel. */
  taps(): number
}

export class NativeLog {
  /** Starts listening. `wake` is called when there is something to take; it keeps nothing alive. */
  constructor(wake: () => void)
  /** Returns all waiting events, oldest first, as JSON text, in which numbers keep their digits. */
  take(): string
  /** Returns the number of waiting events. */
  get queued(): number
  /** Returns the number of events that did not fit, since the start. */
  get dropped(): number
  /** Stops listening and lets go of the wake-up call. What waits can still be taken. */
  close(): void
}

export interface NativeManifest {
  /** Number of the owner; it increases with every acquisition. */
  epoch: number
  /** Owner that acquired the scope. */
  owner: string
  /** Offset of the first message that is not in any state, as decimal text. */
  nextOffset?: string
  /** Number of checkpoints written. */
  seq: number
  /** Hash of the pipeline. */
  definition: string
  /** Guarantee of the stream that wrote it. */
  guarantee: string
  /** Number of partitions of the topic. */
  partitions: number
  /** Id of the store. */
  storeId: string
  /** Time of the write in ms since 1970. */
  updatedAt: number
}

export interface NativeManifestUpdate {
  /** Offset of the first message that is not in any state. */
  nextOffset?: number
  /** Number of checkpoints written. */
  seq: number
  /** Hash of the pipeline. */
  definition: string
  /** The guarantee of the stream. */
  guarantee: string
  /** Number of partitions of the topic. */
  partitions: number
}

export interface NativePage {
  /** The records. */
  entries: Array<NativePair>
  /** Position at which to continue. */
  next?: Buffer
}

export interface NativePair {
  /** Key within the scope. */
  key: Buffer
  /** Its newest record. */
  record: NativeRecord
}

export class NativePipeline {
  /** Makes a pipeline without stages. */
  constructor()
  /** Appends a stage; throws if there is no such method or a parameter is wrong. */
  add(method: string, params: unknown): Added
  /** Returns whether a stage must be given timestamps. */
  needsTimestamps(): boolean
  /** Returns whether a call may end in an incomplete frame. */
  takesIncompleteFrames(): boolean
  /** Returns the rough cost of all stages in nanoseconds per sample. */
  costHint(): number
  /**
  * Processes `input` in place with generated times (a `rate` of 0: 1 ms apart). Returns the new samples if a stage
  * changed the shape.
  */
  process(input: Float32Array, channels: number, rate: number): Float32Array | null
  /**
  * The same with explicit times (if given; `single`: in single precision) and with places at which to keep a copy
  * for [`Self::take_snapshots`].
  */
  processWith(input: Float32Array, channels: number, rate: number, times: Float64Array | undefined | null, single: boolean, taps: Array<number>): Float32Array | null
  /**
  * Processes the samples that `bytes` hold in `format` and returns what comes out in the format `output`, with
  * times and places as [`Self::process_with`] has them; `keep`: keeps a copy of what comes out as float32, too.
  */
  processEncoded(bytes: Uint8Array, format: number, output: number, dither: boolean, channels: number, rate: number, times: Float64Array | undefined | null, single: boolean, taps: Array<number>, keep: boolean): EncodedArray
  /** Returns the copies that the last [`Self::process_with`] kept, in order. */
  takeSnapshots(): Array<Float32Array>
  /** Collects the events of the next call, until [`Self::take_events`]. */
  collectEvents(): void
  /** Returns the events of the last call, if there are any. */
  takeEvents(): EventColumns | null
  /** Ends the stream (`rate` as in [`Self::process`]) and returns what was still inside; the pipeline is as new. */
  finish(rate: number): Float32Array
  /** [`Self::finish`] with the result in the format `output`. */
  finishEncoded(rate: number, output: number, dither: boolean): EncodedArray
  /** Returns the number of channels of the last result; 0 before the first. */
  outputChannels(): number
  /**
  * How late the output is: samples of the input, and output samples per input sample. `frequency` in cycles per
  * sample.
  */
  latency(frequency?: number | undefined | null): LatencyInfo
  /** Returns the size of each stage's state in bytes of TOON. */
  stateSizes(): Array<number>
  /** Returns the definitions of the stages, in order. */
  definitions(): Array<StageDefinition>
  /** Returns a pipeline of the same stages in the same state. */
  copy(): NativePipeline
  /** Returns the state as JSON; `now` in seconds since 1970. */
  saveJson(now: number): string
  /** Returns the state as TOON; `now` in seconds since 1970. */
  saveToon(now: number): Buffer
  /** Sets the design of filters that loading builds: `"standard"` or `"dspx"`. */
  setDesign(design: string): void
  /**
  * Loads a JSON state; returns warnings for the console. `by_id`: stages are found by their ids; `strict`: a state
  * of other stages or parameters is refused.
  */
  loadJson(text: string, byId: boolean, strict: boolean): Array<string>
  /** Loads a TOON state; returns warnings for the console. `strict` as in [`Self::load_json`]. */
  loadToon(bytes: Uint8Array, strict: boolean): Array<string>
  /** Resets all stages and the clock. */
  clear(): void
  /** Describes the stages for `listState()`. */
  list(): Array<Summary>
}

export interface NativeRecord {
  /** State bytes. */
  state: Buffer
  /** `toon` or `json`. */
  format: string
  /** Offset of the last message applied, as decimal text. */
  offset?: string
  /** Version, which increases with every write of the key. */
  version: number
  /** Epoch of the writer. */
  epoch: number
  /** First 8 bytes of the definition's hash. */
  definition: string
  /** Time of the write in ms since 1970. */
  updatedAt: number
}

export class NativeRecording {
  /** The header as a plain object. */
  header(): any
  /** Returns the positions of channels: numbers or labels; the ones of the main rate for null. */
  select(channels: any): Array<number>
  /** Reads frames on a worker thread; `double`: as float64. */
  read(channels: Array<number>, at: number, frames: number, double: boolean): Promise<unknown>
  /** Reads all annotations and gaps on a worker thread; resolves to them as JSON. */
  notes(): Promise<unknown>
  /** Closes the file. */
  close(): void
}

export interface NativeRedisConfig {
  /** The server. */
  url: string
  /** First part of every key. */
  prefix: string
  /** Time after its last write at which a record expires, 0 = never. */
  ttlMs: number
  /** User. */
  username?: string
  /** Password. */
  password?: string
  /** Database. */
  db?: number
  /** Authorities as PEM. */
  ca?: Buffer
  /** Client certificate as PEM. */
  cert?: Buffer
  /** Its key as PEM. */
  key?: Buffer
  /** Whether any certificate of the server is accepted. */
  acceptAny: boolean
  /** Longest time for the first connection. */
  connectTimeoutMs: number
  /** Longest time for one command. */
  commandTimeoutMs: number
  /** First pause between attempts to connect. */
  reconnectInitialMs: number
  /** Longest pause between attempts to connect. */
  reconnectMaxMs: number
  /** Longest time for which a command waits for the server to come back. */
  retryForMs: number
  /** Largest number of state bytes per script. */
  chunkBytes: number
  /** Largest number of records per script. */
  chunkKeys: number
  /** Whether states are compressed. */
  compress: boolean
  /** Number of replicas that must have received a manifest. */
  waitReplicas: number
}

export class NativeStateStore {
  /** Makes an object whose store is to be opened. */
  constructor()
  /** Opens a store in memory. */
  openMemory(): OpenedStore
  /** Opens a store in a folder. */
  openEmbedded(path: string, fsync: boolean, ttlMs: number, cache: number): Promise<Failed | OpenedStore>
  /** Acquires a scope. */
  acquire(scope: string, owner: string): Promise<Failed | NativeLease>
  /** Returns the versions of each key, newest first. */
  getMany(scope: string, keys: Array<Buffer>): Promise<Failed | NativeRecord[][]>
  /** Writes records and the manifest. */
  put(lease: NativeLease, entries: Array<NativeEntry>, manifest?: NativeManifestUpdate | undefined | null): Promise<Failed | undefined>
  /** Writes a value if its version is the expected one; deletes it without a state. */
  compareAndSet(scope: string, key: Buffer, expected: number, state: Buffer | undefined | null, isJson: boolean, ttlMs: number): Promise<Failed | NativeSwap>
  /** Returns a page of records of a scope. */
  scan(scope: string, from: Buffer | undefined | null, limit: number): Promise<Failed | NativePage>
  /** Removes a key, or the scope. */
  remove(scope: string, key?: Buffer | undefined | null): Promise<Failed | number>
  /** Gives a lease back. */
  release(lease: NativeLease): Promise<Failed | undefined>
  /** Measures the time of an answer of the store in ms. */
  ping(): Promise<Failed | number>
  /** Returns the counters since creation. */
  metrics(): NativeStoreMetrics
  /** Frees the store. */
  close(): Promise<Failed | undefined>
  /** Opens a store in Redis. */
  openRedis(config: NativeRedisConfig): Promise<Failed | OpenedStore>
}

export interface NativeStoreMetrics {
  /** Records requested. */
  reads: number
  /** Records written. */
  writes: number
  /** State bytes read. */
  bytesRead: number
  /** State bytes written. */
  bytesWritten: number
  /** Writes refused because another owner has acquired the scope. */
  fenced: number
  /** Calls that failed for other reasons. */
  errors: number
  /** Connections made after the first one. */
  reconnects: number
  /** Number of calls. */
  calls: number
  /** Sum of their times in ms. */
  latencyMs: number
}

export type NativeStreamEvent =
  | { kind: 'answer'; id: number; error?: NativeFailure }
  | { kind: 'key-state'; id: number; error?: NativeFailure; state?: Buffer }
  | { kind: 'state'; state: string }
  | { kind: 'assigned'; partitions: Array<StreamTopicPartition> }
  | { kind: 'revoked'; partitions: Array<StreamTopicPartition> }
  | { kind: 'lost'; partitions: Array<StreamTopicPartition> }
  | { kind: 'restored'; topic: string; partition: number; offset: string }
  | { kind: 'store-rollback'; topic: string; partition: number; offset: string }
  | { kind: 'checkpoint'; topic: string; partition: number; offset: string; records: number; bytes: number; ms: number }
  | { kind: 'dlq'; topic: string; partition: number; offset: string; reason: string }
  | { kind: 'migrated'; topic: string; partition: number; key?: string; kept: number; fresh: Array<string> }
  | { kind: 'fenced'; topic?: string; partition?: number; reason: string }
  | { kind: 'stalled'; topic: string; partition: number; reason: string }
  | { kind: 'ended'; counters: StreamCounters }
  | { kind: 'error'; error: NativeFailure }
  | { kind: 'warning'; text: string }
  | { kind: 'log'; text: string };

export interface NativeSwap {
  /** Whether the value was written. */
  ok: boolean
  /** Version in the store afterwards. */
  version: number
}

export class NativeWriter {
  /** Begins a file. */
  constructor(path: string, channels: number, options: any)
  /** Writes samples on a worker thread. */
  write(samples: Float32Array | Float64Array): Promise<unknown>
  /** Completes the file on a worker thread; resolves to the number of frames. */
  finish(): Promise<unknown>
  /** Gives the file up: nothing stays of it. */
  discard(): void
}

export interface OffsetToCommit {
  /** The topic. */
  topic: string
  /** The partition. */
  partition: number
  /** The offset of the next message to be read. */
  offset: number
  /** Metadata of the commit. */
  metadata?: string
}

export interface OpenedStore {
  /** `redis`, `embedded` or `memory`. */
  kind: string
  /** A UUID made with the store. */
  storeId: string
  /** Warning to show the user once. */
  warning?: string
}

export interface PartitionLag {
  /** The topic. */
  topic: string
  /** The partition. */
  partition: number
  /** The committed offset. */
  committed?: number
  /** Offset of the first message that is not done. */
  position: number
  /** End of the partition. */
  high: number
  /** End of its messages. */
  end: number
}

export interface PartitionSnapshot {
  /** Identifies this assignment. */
  id: number
  /** Messages queued natively. */
  queued: number
  /** High watermark of the last fetch, −1 = unknown. */
  high: number
}

export interface ProducerEvent {
  /** `sent`, `connected`, `closed`, `log`, `error` or `token`. */
  kind: string
  /** The call that it answers. */
  id?: number
  /** The error, if the call failed. */
  error?: NativeFailure
  /** A line of the log. */
  line?: string
  /** Messages that failed. */
  failures?: Array<FailedMessage>
  /** Partition and offset of each message. */
  offsets?: Float64Array
}

export interface ProducerMetrics {
  /** Messages taken. */
  messages: number
  /** Bytes of keys and values. */
  bytes: number
  /** Messages acknowledged. */
  delivered: number
  /** Messages that failed. */
  deliveryErrors: number
  /** Messages under way. */
  queued: number
  /** Batches finished. */
  batches: number
  /** Sum of their times in ms. */
  deliveryMs: number
}

export interface StageDefinition {
  method: string
  id?: string
  /** Parameters; `undefined` if the stage was built from a state that does not hold them. */
  params: ToJs
}

export interface StageInfo {
  /** Its fluent method. */
  method: string
  /** Its parameters that are typed arrays, which JSON lacks. */
  float32Arrays: Array<string>
  /** The types of its events. */
  events: Array<string>
  /** Whether it has a parameter `sampleRate`, which pipelines of a known rate give it. */
  takesSampleRate: boolean
}

export interface StreamCounters {
  /** Messages taken. */
  messages: number
  /** Samples in them. */
  samplesIn: number
  /** Samples of the outputs. */
  samplesOut: number
  /** Outputs sent, without dead letters. */
  emitted: number
  /** Events sent. */
  events: number
  /** Messages that were in their state already. */
  replaySkipped: number
  /** Messages that could not be processed. */
  poison: number
  /** States read from the store. */
  keysLoaded: number
  /** States of former pipelines taken over. */
  keysMigrated: number
  /** Streams of keys that have ended. */
  keysFinished: number
  /** States dropped from memory. */
  keysEvicted: number
  /** Checkpoints stored. */
  checkpoints: number
  /** Checkpoints that failed. */
  checkpointErrors: number
  /** Bytes of states stored. */
  checkpointBytes: number
  /** Sum of the times of checkpoints in ms. */
  checkpointMs: number
  /** Number of times that the states were restored. */
  restores: number
  /** Sum of the times of restoring in ms. */
  restoreMs: number
  /** Number of times that the scope was lost. */
  fenced: number
}

export interface StreamPartition {
  topic: string
  partition: number
  state: string
  reason?: string
  epoch: number
  position: number
  checkpointed: number
  /** Distance to the end of the log in messages. */
  lag: number
  /** Age of the last message in seconds, if there is lag. */
  lagSeconds: number
  waitsForStore: boolean
  keys: number
  dirty: number
  lastCheckpointMs?: number
  /** Counters since its assignment. */
  counters: StreamCounters
}

export interface StreamTopicPartition {
  topic: string
  partition: number
}

export interface Summary {
  index: number
  type: string
  windowSize?: number
  numChannels?: number
  mode?: string
  bufferSize?: number
  channelCount?: number
}

export interface UnknownOption {
  /** The key. */
  key: string
  /** The most similar parameter, if there is one. */
  suggestion?: string
}

export function callFunction(name: string, values: Array<unknown>): ToJs;

export function callFunctionAsync(name: string, values: Array<unknown>): Promise<unknown>;

export function checkBranchNames(names: Array<string>): void;

export function checkSameBranches(ours: Array<string>, theirs: Array<string>): void;

export function decodeFrame(bytes: Uint8Array): NativeFrame;

export function designFilterBank(options: unknown, design: string): Array<BandCoefficients>;

export function detrend(x: Float32Array, linear: boolean, out: Float32Array): void;

export function dotProduct(x: Float32Array, y: Float32Array): number;

export function encodeFrame(data: Float32Array, channels?: number | undefined | null, sampleRate?: number | undefined | null, t0?: number | undefined | null, timestamps?: Array<number> | undefined | null): Buffer;

export function encodeJsonSamples(data: Float32Array, channels?: number | undefined | null, sampleRate?: number | undefined | null, t0?: number | undefined | null): string;

export function filterBankBoundaries(options: unknown): Array<number>;

export function filterMethods(): FilterMethods;

export function hasFailpoints(): boolean;

export function hjorthParameters(x: Float32Array): Hjorth | null;

export function isEmbeddedKafka(brokers: string): boolean;

export function joinBranchesJson(states: Array<BranchState>): string;

export function joinBranchesToon(states: Array<BranchState>): Buffer;

export function kafkaProperties(consumer: boolean, brokers: Array<string>, clientId: string | undefined | null, config: string): KafkaProperties;

export function magnitude(re: Float32Array, im: Float32Array, out: Float32Array): void;

export function maxFftSize(): number;

export function mergeBranches(names: Array<string>, outputs: Array<Float32Array>, channels: Array<number>): Merged;

export function nearestName(written: string, names: Array<string>): string | null;

export function openRecording(source: string | Uint8Array, options: any): Promise<unknown>;

export function phase(re: Float32Array, im: Float32Array, out: Float32Array): void;

export function power(re: Float32Array, im: Float32Array, out: Float32Array): void;

export function sampleFormats(): Array<string>;

export function setLogLevel(level: string): void;

export function shannonEntropy(x: Float32Array, bins: number): number;

export function spectralCentroid(magnitudes: Float32Array, sampleRate: number): number;

export function spectralFlux(current: Float32Array, previous: Float32Array): number;

export function spectralRolloff(magnitudes: Float32Array, sampleRate: number, percentage: number): number;

export function splitBranchesJson(text: string): Array<BranchState>;

export function splitBranchesToon(bytes: Uint8Array): Array<BranchState>;

export function stages(): Array<StageInfo>;

export function streamCounters(): StreamCounters;

export function sum(x: Float32Array): number;

export function sumOfSquares(x: Float32Array): number;

export function toMilliseconds(ns: BigInt64Array): Float64Array;

export function train(name: string, arguments: Array<unknown>): ToJs;

export function trainAsync(name: string, arguments: Array<unknown>): Promise<unknown>;
