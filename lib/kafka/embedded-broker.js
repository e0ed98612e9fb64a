'use strict';
const { kafkaAddon } = require('./addon.js');
const { native } = require('../common/streaming-errors.js');

/** A Kafka cluster inside this process, for demos, examples and tests. All its data is in memory. */
class EmbeddedKafka {
  #cluster;

  /** @param {import('../native/exports.js').NativeEmbeddedKafka} cluster */
  constructor(cluster) {
    this.#cluster = cluster;
    this.brokers = Object.freeze(cluster.brokers);
    this.clientConfig = Object.freeze({ ...cluster.clientConfig });
  }

  /**
   * Creates a topic; throws a TypeError for a name that is no string.
   *
   * @param {string} name
   * @param {number} [partitions]
   */
  createTopic(name, partitions = 1) {
    if (typeof name !== 'string') throw new TypeError('createTopic: name must be a string');
    native(() => this.#cluster.createTopic(name, Number(partitions)));
  }

  /**
   * Disconnects a broker from clients; without an id all of them.
   *
   * @param {number} [id]
   */
  brokerDown(id) {
    native(() => this.#cluster.brokerDown(id));
  }

  /**
   * Brings a broker back; without an id all of them.
   *
   * @param {number} [id]
   */
  brokerUp(id) {
    native(() => this.#cluster.brokerUp(id));
  }

  /**
   * Delays every answer of a broker by `ms`; without an id of all of them.
   *
   * @param {number} ms
   * @param {number} [id]
   */
  setLatency(ms, id) {
    native(() => this.#cluster.setLatency(Number(ms), id));
  }

  /**
   * Makes broker `id` the leader of a partition.
   *
   * @param {string} topic
   * @param {number} partition
   * @param {number} id
   */
  moveLeader(topic, partition, id) {
    native(() => this.#cluster.moveLeader(topic, partition, id));
  }

  /**
   * The next requests of a kind answer these error codes; `_TRANSPORT` cuts the connection.
   *
   * @param {string} api
   * @param {string[]} errors
   */
  failNext(api, errors) {
    native(() => this.#cluster.failNext(api, errors));
  }

  /** Returns the requests that the brokers have received. */
  requests() {
    return native(() => this.#cluster.requests());
  }

  /** Clears the list of received requests. */
  clearRequests() {
    native(() => this.#cluster.clearRequests());
  }

  /** Stops the cluster; clients see a lost connection. */
  async close() {
    this.#cluster.close();
  }
}

/**
 * Starts a Kafka cluster inside this process. Not a database and not for production.
 * @param {{ brokers?: number, topics?: (string | { name: string, partitions?: number })[], rebalanceDelayMs?: number
 *   }} [options]
 * @returns {Promise<EmbeddedKafka>}
 */
async function createEmbeddedKafka({ brokers = 1, topics = [], rebalanceDelayMs = 100 } = {}) {
  const cluster = native(() => new (kafkaAddon().NativeEmbeddedKafka)(Number(brokers), Number(rebalanceDelayMs)));
  const kafka = new EmbeddedKafka(cluster);
  try {
    for (const topic of topics) {
      if (typeof topic === 'string') kafka.createTopic(topic);
      else kafka.createTopic(topic?.name, topic?.partitions);
    }
  } catch (error) {
    await kafka.close();
    throw error;
  }
  return kafka;
}

module.exports = { createEmbeddedKafka };
