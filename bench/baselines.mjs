// Plain JavaScript for the same work: what a careful application would write without this package. Each factory returns
// a function that processes interleaved samples in place and keeps its state between calls.

const perSample = (f) => () => (x) => {
  for (let i = 0; i < x.length; i++) x[i] = f(x[i]);
};

/** A running sum over a ring buffer, one per channel. */
const window = (size, summand, result) => () => {
  const channels = [];
  return (x, count) => {
    while (channels.length < count) channels.push({ ring: new Float64Array(size), at: 0, filled: 0, sum: 0 });
    for (let c = 0; c < count; c++) {
      const s = channels[c];
      for (let i = c; i < x.length; i += count) {
        const v = summand(x[i]);
        s.sum += v - s.ring[s.at];
        s.ring[s.at] = v;
        s.at = s.at + 1 === size ? 0 : s.at + 1;
        if (s.filled < size) s.filled++;
        x[i] = result(s.sum / s.filled);
      }
    }
  };
};

export const square = perSample((x) => x * x);
export const rectify = perSample(Math.abs);
export const amplify = (gain) => perSample((x) => gain * x)();
export const movingAverage = (size) => window(size, (x) => x, (mean) => mean)();
export const rms = (size) => window(size, (x) => x * x, Math.sqrt)();

export function differentiator() {
  const last = [];
  return (x, count) => {
    for (let c = 0; c < count; c++) {
      let before = last[c] ?? 0;
      for (let i = c; i < x.length; i += count) {
        const now = x[i];
        x[i] = now - before;
        before = now;
      }
      last[c] = before;
    }
  };
}

export function peaks(threshold) {
  const past = [];
  return (x, count) => {
    for (let c = 0; c < count; c++) {
      let [p, pp] = past[c] ?? [0, 0];
      for (let i = c; i < x.length; i += count) {
        const now = x[i];
        x[i] = p > pp && p > now && p >= threshold ? 1 : 0;
        pp = p;
        p = now;
      }
      past[c] = [p, pp];
    }
  };
}

/** Second-order sections `[b0, b1, b2, a1, a2]`, transposed direct form II. */
export function sections(sos) {
  const channels = [];
  return (x, count) => {
    while (channels.length < count) channels.push(sos.map(() => [0, 0]));
    for (let c = 0; c < count; c++) {
      for (let s = 0; s < sos.length; s++) {
        const [b0, b1, b2, a1, a2] = sos[s];
        let [u, v] = channels[c][s];
        for (let i = c; i < x.length; i += count) {
          const input = x[i];
          const y = b0 * input + u;
          u = b1 * input - a1 * y + v;
          v = b2 * input - a2 * y;
          x[i] = y;
        }
        channels[c][s] = [u, v];
      }
    }
  };
}
