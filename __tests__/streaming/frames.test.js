'use strict';
const { encodeFrame, decodeFrame } = require('../../index.js');

test('a frame has the documented bytes', () => {
  const frame = encodeFrame(Float32Array.of(1, -2), { channels: 2, sampleRate: 500, t0: 1000 });
  expect(Buffer.isBuffer(frame)).toBe(true);
  expect(frame.subarray(0, 16).toString('hex')).toBe('44535058010002000100000000000000');
  expect(frame.readDoubleLE(16)).toBe(500);
  expect(frame.readDoubleLE(24)).toBe(1000);
  expect(frame.subarray(32).toString('hex')).toBe('0000803f000000c0');
});

test('what is written is read', () => {
  const data = Float32Array.of(1.5, NaN, -Infinity, 1e-45);
  const timestamps = [10, 12];
  const frame = decodeFrame(encodeFrame(data, { channels: 2, timestamps }));
  expect(frame).toEqual({ data, channels: 2, sampleRate: null, t0: 10, timestamps: Float64Array.from(timestamps) });
});

test('unaligned bytes are read', () => {
  const shifted = Buffer.concat([Buffer.from('x'), encodeFrame(Float32Array.of(7))]).subarray(1);
  expect(decodeFrame(shifted).data[0]).toBe(7);
});

test.each([
  ['a short one', Buffer.from('DSPX')],
  ['other bytes', Buffer.alloc(40)],
  ['one with a byte too many', Buffer.concat([encodeFrame(Float32Array.of(1)), Buffer.alloc(1)])],
  ['text', 'DSPX'],
])('a malformed frame is refused: %s', (_name, bytes) => {
  expect(() => decodeFrame(bytes)).toThrow(TypeError);
  expect(() => decodeFrame(bytes)).toThrow(/frame/);
});

test('wrong arguments are refused', () => {
  expect(() => encodeFrame([1, 2])).toThrow(/Float32Array/);
  expect(() => encodeFrame(Float32Array.of(1, 2, 3), { channels: 2 })).toThrow(/multiple of 2/);
  expect(() => encodeFrame(Float32Array.of(1), { channels: '1' })).toThrow(/channels must be a number/);
  expect(() => encodeFrame(Float32Array.of(1), { timestamps: [1, 2] })).toThrow(/timestamps/);
});
