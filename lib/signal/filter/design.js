'use strict';

const DESIGNS = ['standard', 'dspx'];
let current = 'standard';

/** @throws {TypeError} for anything but the two names */
function checkDesign(design) {
  if (!DESIGNS.includes(design)) {
    throw new TypeError(
      `design must be "standard" or "dspx", got ${typeof design === 'string' ? `"${design}"` : String(design)}`,
    );
  }
  return design;
}

/** The design of filters made from now on in this thread, unless the call or the pipeline says otherwise. */
function setDefaultDesign(design) {
  current = checkDesign(design);
}

function getDefaultDesign() {
  return current;
}

module.exports = { checkDesign, setDefaultDesign, getDefaultDesign };
