'use strict';

const { shown } = require('../../common/arguments.js');

/** @typedef {import('../../../index.js').FilterDesign} FilterDesign */

/** @type {readonly unknown[]} */
const DESIGNS = ['standard', 'dspx'];
/** @type {FilterDesign} */
let current = 'standard';

/** @param {unknown} design @returns {FilterDesign} the design @throws {TypeError} for anything but the two names */
function checkDesign(design) {
  if (!DESIGNS.includes(design)) {
    throw new TypeError(`design must be "standard" or "dspx", got ${shown(design)}`);
  }
  return /** @type {FilterDesign} */ (design);
}

/**
 * Sets the design of filters made from now on in this thread, unless the call or the pipeline says otherwise.
 *
 * @param {FilterDesign} design
 * @throws {TypeError} for anything but `'standard'` and `'dspx'`
 */
function setDefaultDesign(design) {
  current = checkDesign(design);
}

/** Returns the design of filters that are made without saying one. */
function getDefaultDesign() {
  return current;
}

module.exports = { checkDesign, setDefaultDesign, getDefaultDesign };
