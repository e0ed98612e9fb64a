'use strict';
const { shown } = require('../common/arguments.js');

/**
 * @typedef {import('../../index.js').KafkaClientOptions} KafkaClientOptions
 * @typedef {{ groupProtocol?: unknown, assignor?: unknown }} GroupConfig
 */

/** The assignors of each protocol, and the property that names one. */
const PROTOCOLS = {
  classic: { assignors: ['cooperative-sticky', 'range', 'roundrobin'], property: 'partition.assignment.strategy' },
  consumer: { assignors: ['uniform', 'range'], property: 'group.remote.assignor' },
};

/**
 * Returns the user's client options with the group protocol of the configuration around them.
 *
 * @template {KafkaClientOptions | null | undefined} T
 * @param {GroupConfig} config
 * @param {T} client
 * @throws {TypeError} if it is none
 * @returns {T | KafkaClientOptions}
 */
function withGroupProtocol({ groupProtocol }, client) {
  if (groupProtocol === undefined || groupProtocol === null) return client;
  if (groupProtocol !== 'classic' && groupProtocol !== 'consumer') {
    throw new TypeError(`groupProtocol must be 'classic' or 'consumer', got ${shown(groupProtocol)}`);
  }
  const inner = client?.['group.protocol'] ?? client?.groupProtocol ?? groupProtocol;
  if (inner !== groupProtocol) {
    throw new TypeError(`groupProtocol is '${groupProtocol}', and ${shown(inner)} in the options of the client`);
  }
  return client === undefined || client === null || typeof client === 'object' ? { ...client, groupProtocol } : client;
}

/**
 * Returns the property that names the assignor of the configuration; none where it names none.
 *
 * @param {GroupConfig} config
 * @param {Record<string, string>} values the properties of the client
 * @throws {TypeError} if the client's group protocol does not have it
 * @returns {Record<string, string>}
 */
function assignorProperty({ assignor }, values) {
  if (assignor === undefined || assignor === null) return {};
  const protocol = values['group.protocol'] === 'consumer' ? 'consumer' : 'classic';
  const { assignors, property } = PROTOCOLS[protocol];
  if (typeof assignor === 'string' && assignors.includes(assignor)) return { [property]: assignor };
  const names = assignors
    .map((name) => `'${name}'`)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' or ');
  throw new TypeError(`assignor must be ${names} with groupProtocol: '${protocol}', got ${shown(assignor)}`);
}

module.exports = { assignorProperty, withGroupProtocol };
