'use strict';

/**
 * The cases of the sweep in the order of a seed: every slot with every hostile value, then pairs of both without end.
 */

const { HOSTILE } = require('./hostile.js');
const { subjects } = require('./subjects.js');

const isOptions = (value) => Object.prototype.toString.call(value) === '[object Object]';

/** Where a hostile value can stand: at an argument, or at an option of one. */
function slotsOf({ args }) {
  return args().flatMap((argument, at) => [
    { at, key: undefined },
    ...(isOptions(argument) ? Object.keys(argument).map((key) => ({ at, key })) : []),
  ]);
}

/** A generator of integers below a bound (mulberry32). */
function randomOf(seed) {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  };
}

const slots = subjects.flatMap((subject) => slotsOf(subject).map((slot) => ({ subject, slot })));
const values = Object.keys(HOSTILE);
const all = slots.flatMap(({ subject, slot }) => values.map((value) => ({ subject, changes: [{ slot, value }] })));

function shuffled(seed) {
  const random = randomOf(seed);
  const order = [...all];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Two hostile values in one call. */
function pair(seed, index) {
  const random = randomOf(seed ^ Math.imul(index, 0x9e3779b1));
  const { subject, slot } = slots[random(slots.length)];
  const own = slotsOf(subject);
  const changes = [slot, own[random(own.length)]].map((s) => ({ slot: s, value: values[random(values.length)] }));
  return { subject, changes };
}

/**
 * @returns {(index: number) => { subject: object, changes: { slot: { at: number, key?: string }, value: string }[] }}
 */
function casesOf(seed) {
  const order = shuffled(seed);
  return (index) => order[index] ?? pair(seed, index);
}

/** The arguments of a case, made anew. */
function argumentsOf({ subject, changes }) {
  const given = subject.args();
  for (const { slot: { at, key }, value } of changes) {
    if (key === undefined) given[at] = HOSTILE[value]();
    else if (isOptions(given[at])) given[at] = { ...given[at], [key]: HOSTILE[value]() };
  }
  return given;
}

const describe = ({ subject, changes }) => {
  const list = changes.map(({ slot: { at, key }, value }) => `argument ${at + 1}${key ? `.${key}` : ''} = ${value}`);
  return `${subject.label}: ${list.join(', ')}`;
};

module.exports = { argumentsOf, casesOf, count: all.length, describe };
