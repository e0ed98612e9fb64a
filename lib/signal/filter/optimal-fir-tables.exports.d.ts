export {
  DSPX_NOTCH_COEFFS,
  OPTIMAL_BANDPASS_COEFFS,
  OPTIMAL_HIGHPASS_COEFFS,
  OPTIMAL_LOWPASS_COEFFS,
  OPTIMAL_NOTCH_COEFFS,
  getOptimalBandpass,
  getOptimalHighpass,
  getOptimalLowpass,
  getPowerLineNotch,
} from "../../../index";
