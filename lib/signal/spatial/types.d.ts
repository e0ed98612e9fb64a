// ---- Training of spatial transforms -----------------------------------------------------------
// All matrices are column-major: row c of column k is `matrix[k·numChannels + c]`. Data are interleaved frames, and are
// not changed. At most 1,024 channels. The `…Async` forms check their arguments and copy the data at once, compute on a
// worker thread, and reject where the others throw.

/** Principal components, as `PcaTransform` takes them. */
export interface PcaResult {
  /** Mean of each channel. */
  mean: Float32Array;
  /** Unit eigenvectors of the covariance, one per column; the largest entry of each is positive. */
  pcaMatrix: Float32Array;
  /** Variances along the components, descending. */
  eigenvalues: Float32Array;
  /** Each eigenvalue's share of their sum. */
  explainedVariance: Float32Array;
  /** Channels of the training data. */
  numChannels: number;
  /** Components: columns of the matrix. */
  numComponents: number;
}

/** A whitening map, as `WhiteningTransform` takes it. */
export interface WhiteningResult {
  /** Mean of each channel. */
  mean: Float32Array;
  /** Symmetric (zero-phase, ZCA): `V·diag(1/√(λ + regularization))·Vᵀ`. */
  whiteningMatrix: Float32Array;
  /** Channels of the training data. */
  numChannels: number;
  /** Components: columns of the matrix. */
  numComponents: number;
  /** Number added to each variance. */
  regularization: number;
}

/** An unmixing map, as `IcaTransform` takes it. */
export interface IcaResult {
  /** Mean of each channel. */
  mean: Float32Array;
  /** One unmixing vector per column. Order and sign are arbitrary, but the same for the same data. */
  icaMatrix: Float32Array;
  /** Channels of the training data. */
  numChannels: number;
  /** Components: columns of the matrix. */
  numComponents: number;
  /** Whether the last iteration changed the map by less than the tolerance. */
  converged: boolean;
  /** Number of iterations. */
  iterations: number;
}

/** Common spatial patterns, as `CspTransform` takes them. */
export interface CspResult {
  /** One spatial filter v per column, with `vᵀS₂v = 1`. */
  cspMatrix: Float32Array;
  /** Variance of class 1 relative to class 2 behind each filter, descending. */
  eigenvalues: Float32Array;
  /** Mean of the two classes' means. */
  mean: Float32Array;
  /** Channels of the training data. */
  numChannels: number;
  /** Filters: columns of the matrix. */
  numFilters: number;
}

/** Weights of a side-lobe canceller, as `GscPreprocessor` takes them. */
export interface BeamformerWeightsResult {
  /** `1/√N` for each of the N channels. */
  steeringWeights: Float32Array;
  /** N × (N − 1): orthonormal columns, orthogonal to the weights. */
  blockingMatrix: Float32Array;
  /** Channels of the array. */
  numChannels: number;
  /** The geometry that was given. */
  geometry: "linear" | "circular" | "planar";
  /** The angle that was given, in degrees. */
  targetAngleDeg: number;
}

/**
 * Principal components of interleaved frames: eigenvectors of the covariance (divided by n − 1).
 * @throws TypeError if an argument is not as described, or there are fewer frames than channels
 */
export function calculatePca(interleavedData: Float32Array, numChannels: number): PcaResult;
/** {@link calculatePca} on a worker thread. */
export function calculatePcaAsync(interleavedData: Float32Array, numChannels: number): Promise<PcaResult>;

/**
 * A map that makes channels uncorrelated and of unit variance.
 * @param regularization added to every eigenvalue, > 0, default 1e-5
 * @throws TypeError if an argument is not as described, or there are fewer frames than channels
 * @throws RangeError if `regularization` is not positive
 */
export function calculateWhitening(
  interleavedData: Float32Array,
  numChannels: number,
  regularization?: number,
): WhiteningResult;
/** {@link calculateWhitening} on a worker thread. */
export function calculateWhiteningAsync(
  interleavedData: Float32Array,
  numChannels: number,
  regularization?: number,
): Promise<WhiteningResult>;

/**
 * Independent components by FastICA (g = tanh) on whitened data.
 * @param maxIterations an integer ≥ 1, default 200 (more than 100,000 are not done)
 * @param tolerance largest change of an entry, up to sign, that counts as converged: > 0, default 1e-4
 * @throws TypeError if an argument is not as described, or there are fewer than 5 frames per channel
 * @throws RangeError if `tolerance` is not positive
 */
export function calculateIca(
  interleavedData: Float32Array,
  numChannels: number,
  maxIterations?: number,
  tolerance?: number,
): IcaResult;
/** {@link calculateIca} on a worker thread. */
export function calculateIcaAsync(
  interleavedData: Float32Array,
  numChannels: number,
  maxIterations?: number,
  tolerance?: number,
): Promise<IcaResult>;

/**
 * Spatial filters that tell two classes apart by their variance: `S₁v = λS₂v`.
 * @param numFilters how many, from 1 to numChannels (the default)
 * @throws TypeError if an argument is not as described, or a class has fewer than two frames
 * @throws RangeError if `numFilters` is out of range
 */
export function calculateCommonSpatialPatterns(
  dataClass1: Float32Array,
  dataClass2: Float32Array,
  numChannels: number,
  numFilters?: number,
): CspResult;
/** {@link calculateCommonSpatialPatterns} on a worker thread. */
export function calculateCommonSpatialPatternsAsync(
  dataClass1: Float32Array,
  dataClass2: Float32Array,
  numChannels: number,
  numFilters?: number,
): Promise<CspResult>;

/**
 * Weights for an array steered to broadside. Real weights cannot steer a narrow-band array: geometry, angle and spacing
 * are checked and handed back, and do not change the weights.
 * @param numChannels from 2 to 4,096
 * @param elementSpacing in wavelengths, > 0, default 0.5
 * @throws RangeError if `numChannels` or `elementSpacing` is out of range
 * @throws TypeError if `arrayGeometry` is unknown or the angle is not finite
 */
export function calculateBeamformerWeights(
  numChannels: number,
  arrayGeometry: "linear" | "circular" | "planar",
  targetAngleDeg: number,
  elementSpacing?: number,
): BeamformerWeightsResult;
