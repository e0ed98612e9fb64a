/** Least-mean-squares adaptive filters, one per channel. */
export class AdaptiveLMSFilter {
  /**
   * @param numTaps 1 to 1,048,576
   * @param options `mu`: step size in (0, 1], default 0.01; `lambda`: leak in [0, 1), default 0; `normalized`: divide
   *   the step by the input power; `layout`: whether channel c is a part of each array (`"planar"`, the default) or
   *   every C-th element
   */
  constructor(
    numTaps: number,
    options?: { mu?: number; lambda?: number; normalized?: boolean; layout?: "planar" | "interleaved" },
  );
  /** Sets the number of channels; those that stay keep their state. Needed before the first `process` or `filter`. */
  init(numChannels: number): void;
  /** Writes the outputs and the errors `desired − output`, and adapts the weights unless `adapt` is `false`. */
  process(input: Float32Array, desired: Float32Array, output: Float32Array, error: Float32Array, adapt?: boolean): void;
  /** Writes the outputs; the weights do not change. */
  filter(input: Float32Array, output: Float32Array): void;
  /** Restores zero weights and no history. */
  reset(): void;
  /** Returns a copy of a channel's weights, the newest sample's first. */
  getWeights(channel: number): Float32Array;
  /**
   * Sets the weights of a channel.
   * @throws Error for a channel that is not there or another number of weights
   */
  setWeights(channel: number, weights: Float32Array): void;
  /**
   * Sets the step size, > 0.
   * @throws Error otherwise
   */
  setLearningRate(mu: number): void;
  /** Returns the step size. */
  getLearningRate(): number;
  /** Returns the number of weights of a channel. */
  getNumTaps(): number;
}

/** Options of `FilterBankDesign.design`. */
export interface FilterBankOptions {
  /** The scale on which the bands are equally wide. */
  scale: FilterScale;
  /** Number of bands, 1 to 65,536. */
  count: number;
  /** Sample rate in Hz. */
  sampleRate: number;
  /** Lowest and highest edge in Hz. */
  frequencyRange: [number, number];
  /** Default `"butterworth"`. */
  type?: FilterBankType;
  /** 1 to 20, default 2; each band has twice as many poles. */
  order?: number;
  /** Ripple of Chebyshev bands in dB, above 0 and at most 3. Default 0.5. */
  rippleDb?: number;
  /** Ripple under its name in `filter`. */
  ripple?: number;
  /** Default: that of `setDefaultDesign`. */
  design?: FilterDesign;
}

/** Designs the bands of `FilterBank`. */
export class FilterBankDesign {
  /**
   * Returns the coefficients of each band, the lowest first.
   * @throws Error for ranges beyond half the sample rate, TypeError for wrong types
   */
  static design(options: FilterBankOptions): FilterCoefficients[];
  /** Returns the `count + 1` edges in Hz. */
  static getBoundaries(options: FilterBankOptions): number[];
  /** Order 2, from 0 Hz to half the sample rate unless a range is given. */
  static createMel(
    count: number,
    sampleRate: number,
    range?: [number, number],
    options?: { design?: FilterDesign },
  ): FilterCoefficients[];
  /** Order 2, from 0 Hz to half the sample rate unless a range is given. */
  static createBark(
    count: number,
    sampleRate: number,
    range?: [number, number],
    options?: { design?: FilterDesign },
  ): FilterCoefficients[];
  /** Order 3, from 20 Hz to half the sample rate unless a range is given. */
  static createLog(
    count: number,
    sampleRate: number,
    range?: [number, number],
    options?: { design?: FilterDesign },
  ): FilterCoefficients[];
  /** Order 2, from 0 Hz to half the sample rate unless a range is given. */
  static createLinear(
    count: number,
    sampleRate: number,
    range?: [number, number],
    options?: { design?: FilterDesign },
  ): FilterCoefficients[];
}
