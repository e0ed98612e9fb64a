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

export function sum(x) {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i];
  return total;
}

export const sumOfSquares = (x) => dotProduct(x, x);

export function dotProduct(x, y) {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i] * y[i];
  return total;
}

/** The samples less their least-squares line. */
export function detrend(x) {
  const n = x.length;
  const middle = (n - 1) / 2;
  let mean = 0;
  let slope = 0;
  for (let i = 0; i < n; i++) {
    mean += x[i];
    slope += (i - middle) * x[i];
  }
  mean /= n;
  slope /= (n * (n * n - 1)) / 12;
  const y = new Float32Array(n);
  for (let i = 0; i < n; i++) y[i] = x[i] - mean - slope * (i - middle);
  return y;
}

function variance(x) {
  const mean = sum(x) / x.length;
  let total = 0;
  for (let i = 0; i < x.length; i++) total += (x[i] - mean) ** 2;
  return total / x.length;
}

function differences(x) {
  const y = new Float64Array(x.length - 1);
  for (let i = 0; i < y.length; i++) y[i] = x[i + 1] - x[i];
  return y;
}

export function hjorth(x) {
  const first = differences(x);
  const [activity, slope, curve] = [x, first, differences(first)].map(variance);
  const mobility = Math.sqrt(slope / activity);
  return { activity, mobility, complexity: Math.sqrt(curve / slope) / mobility };
}

/** Two samples alike to within a fifth of the standard deviation, as Richman and Moorman define it. */
export function sampleEntropy(x, m = 2) {
  const r = 0.2 * Math.sqrt(variance(x));
  let short = 0;
  let long = 0;
  for (let i = 0; i < x.length - m; i++) {
    for (let j = i + 1; j < x.length - m; j++) {
      let k = 0;
      while (k < m && Math.abs(x[i + k] - x[j + k]) <= r) k++;
      if (k < m) continue;
      short++;
      if (Math.abs(x[i + m] - x[j + m]) <= r) long++;
    }
  }
  return -Math.log(long / short);
}
