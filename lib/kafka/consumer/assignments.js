'use strict';
const { AsyncLocalStorage } = require('#node').asyncHooks;
const { within } = require('../native-client.js');
const { Partition } = require('./partition.js');

/**
 * @typedef {import('../../../index.js').TopicPartition} TopicPartition
 * @typedef {import('../../native/exports.js').AssignedPartition} AssignedPartition
 * @typedef {import('../../native/exports.js').ConsumerEvent} ConsumerEvent
 * @typedef {import('../../native/exports.js').NativeKafkaConsumer} NativeConsumer
 * @typedef {import('./options.js').ConsumerSettings} ConsumerSettings
 * @typedef {import('./partition.js').PartitionOwner} PartitionOwner
 * @typedef {InstanceType<typeof Partition>} AssignedPartitionLoop
 * @typedef {InstanceType<typeof import('./failures.js').Failures>} Failures
 */

/** Within a handler, and what it calls: the consumer whose handler it is. */
const handlerOwner = new AsyncLocalStorage();

/** The partitions that are assigned to a consumer, and what happens to them in rebalances. */
class Assignments {
  #native;
  #settings;
  #failures;
  #owner;
  /** Partitions by the id of their assignment. @type {Map<number, AssignedPartitionLoop>} */
  #partitions = new Map();
  #rebalances = 0;

  /**
   * @param {NativeConsumer} client
   * @param {ConsumerSettings} settings
   * @param {Failures} failures
   * @param {PartitionOwner} owner the consumer
   */
  constructor(client, settings, failures, owner) {
    this.#native = client;
    this.#settings = settings;
    this.#failures = failures;
    this.#owner = owner;
  }

  /** Whether a rebalance is under way. */
  get isRebalancing() {
    return this.#rebalances > 0;
  }

  /** Returns the partitions that are assigned now. */
  all() {
    return [...this.#partitions.values()];
  }

  /** Reports the position of every partition to the addon. */
  reportPositions() {
    for (const partition of this.#partitions.values()) partition.reportPosition();
  }

  /** Makes every partition look again whether it can go on. */
  wakeAll() {
    for (const partition of this.#partitions.values()) partition.wake();
  }

  /** Takes new partitions: `onAssigned`, then their messages are handled. @param {ConsumerEvent} event */
  async assign({ assigned = [] }) {
    this.#rebalances++;
    const partitions = assigned.map((each) => this.#add(each));
    const topicPartitions = partitions.map((partition) => partition.topicPartition);
    await this.#call('onAssigned', topicPartitions);
    // `onAssigned` may have moved some of them with `seek()`.
    const current = topicPartitions.map((each) => this.#find(each)).filter((partition) => partition !== undefined);
    this.#native.begin(current.map((partition) => partition.id));
    for (const partition of partitions) this.#run(partition);
    this.#rebalances--;
    this.#failures.emit('assigned', topicPartitions);
  }

  /** A new assignment of the same partition stands for its new position. @param {ConsumerEvent} event */
  reassign({ assigned = [] }) {
    const [moved] = assigned;
    const old = this.#find(moved);
    if (old) {
      old.isOver = true;
      this.#partitions.delete(old.id);
      old.end();
    }
    this.#run(this.#add(moved));
  }

  /** Ends revoked partitions: waits for their handlers, calls `onRevoked` or `onLost`. @param {ConsumerEvent} event */
  async revoke({ id, revoked = [], lost = false }) {
    this.#rebalances++;
    const partitions = revoked.map((each) => this.#partitions.get(each)).filter((partition) => partition !== undefined);
    const topicPartitions = partitions.map((partition) => partition.topicPartition);
    if (lost) {
      for (const partition of partitions) {
        // Nobody commits it any more, but `commit()` has to know of it.
        partition.reportPosition();
        partition.isOver = true;
      }
    }
    const { revokeTimeoutMs } = this.#settings.native;
    const ends = Promise.all(partitions.map((partition) => partition.end()));
    if (!lost) await within(ends, revokeTimeoutMs);
    await within(this.#call(lost ? 'onLost' : 'onRevoked', topicPartitions), revokeTimeoutMs);
    for (const partition of partitions) this.#drop(partition);
    this.#native.release(/** @type {number} */ (id));
    this.#rebalances--;
    this.#failures.emit(lost ? 'lost' : 'revoked', topicPartitions);
  }

  /**
   * Ends all partitions because the consumer closes.
   *
   * @param {number} timeoutMs for the handlers, and for `onRevoked` what is left of it
   * @param {number} minTimeoutMs for `onRevoked`
   */
  async end(timeoutMs, minTimeoutMs) {
    const deadline = performance.now() + timeoutMs;
    const partitions = this.all();
    await within(Promise.all(partitions.map((partition) => partition.end())), timeoutMs);
    const topicPartitions = partitions.filter(({ isOver }) => !isOver).map(({ topicPartition }) => topicPartition);
    const left = Math.max(minTimeoutMs, deadline - performance.now());
    await within(this.#call('onRevoked', topicPartitions), left);
    for (const partition of this.all()) this.#drop(partition);
  }

  /** @param {AssignedPartition} assigned */
  #add(assigned) {
    const partition = new Partition(assigned, this.#owner);
    this.#partitions.set(partition.id, partition);
    return partition;
  }

  /** @param {TopicPartition} wanted */
  #find({ topic, partition }) {
    return this.all().find((each) => each.topic === topic && each.partition === partition);
  }

  /** @param {AssignedPartitionLoop} partition */
  #run(partition) {
    handlerOwner
      .run(this.#owner, () => partition.run())
      .catch((/** @type {unknown} */ error) => {
        this.#failures.emit('stalled', { ...partition.topicPartition, error });
        console.error('Kafka consumer: a partition ended:', error);
      });
  }

  /** @param {AssignedPartitionLoop} partition */
  #drop(partition) {
    partition.reportPosition();
    partition.isOver = true;
    this.#partitions.delete(partition.id);
  }

  /** @param {'onAssigned' | 'onRevoked' | 'onLost'} name @param {TopicPartition[]} topicPartitions */
  async #call(name, topicPartitions) {
    if (topicPartitions.length === 0) return;
    try {
      await this.#settings[name]?.(topicPartitions);
    } catch (error) {
      await this.#failures.report(error, { kind: 'rebalance' });
    }
  }
}

module.exports = { Assignments, handlerOwner };
