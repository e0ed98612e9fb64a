'use strict';
/** What users say about topics, partitions and offsets. */

/** Where `seek` goes, as the addon takes it. */
function target(offset) {
  if (offset === 'beginning' || offset === 'end') return { place: offset, number: 0 };
  if (Number.isFinite(offset?.timestamp)) return { place: 'timestamp', number: offset.timestamp };
  const number = typeof offset === 'string' && /^\d+$/.test(offset) ? Number(offset) : offset;
  if (Number.isSafeInteger(number) && number >= 0) return { place: 'offset', number };
  throw new TypeError("offset must be a decimal string, 'beginning', 'end' or { timestamp }");
}

/** Names of topics and partitions in a list as kafkajs takes it. */
function placeNames(list) {
  if (!Array.isArray(list)) throw new TypeError('a list of { topic, partitions? } is needed');
  return list.flatMap(({ topic, partitions } = {}) => {
    if (typeof topic !== 'string') throw new TypeError('a list of { topic, partitions? } is needed');
    return partitions ? partitions.map((partition) => `${topic}/${partition}`) : [topic];
  });
}

module.exports = { target, placeNames };
