'use strict';
const { topicPartitionsOf } = require('./topic-partitions.js');

/**
 * The pauses of everything, of topics, of partitions. The last call about something counts, and the most specific of
 * all.
 */
class Pauses {
  #everything = false;
  /** @type {Map<string, boolean>} */
  #topics = new Map();
  /** @type {Map<string, boolean>} */
  #partitions = new Map();

  /** Whether all is paused and nothing has been resumed by name since. */
  get isAll() {
    return this.#everything && ![...this.#topics.values(), ...this.#partitions.values()].includes(false);
  }

  /**
   * Pauses or resumes a list of topics and partitions, as kafkajs takes it; without one everything.
   *
   * @param {unknown} list of `{ topic, partitions? }`
   * @param {boolean} isPaused
   */
  set(list, isPaused) {
    if (list === undefined) {
      this.#everything = isPaused;
      this.#topics.clear();
      this.#partitions.clear();
      return;
    }
    for (const { topic, partition } of topicPartitionsOf(list)) {
      if (partition === undefined) this.#setTopic(topic, isPaused);
      else this.#partitions.set(`${topic}/${partition}`, isPaused);
    }
  }

  /** @param {string} topic @param {boolean} isPaused */
  #setTopic(topic, isPaused) {
    this.#topics.set(topic, isPaused);
    for (const name of this.#partitions.keys()) {
      if (name.slice(0, name.lastIndexOf('/')) === topic) this.#partitions.delete(name);
    }
  }

  /**
   * Whether a partition is paused.
   *
   * @param {import('../../../index.js').TopicPartition} topicPartition
   */
  has({ topic, partition }) {
    return this.#partitions.get(`${topic}/${partition}`) ?? this.#topics.get(topic) ?? this.#everything;
  }
}

module.exports = { Pauses };
