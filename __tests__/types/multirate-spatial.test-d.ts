import {
  calculateIca,
  calculatePcaAsync,
  createDspPipeline,
  type IcaResult,
  type PcaResult,
  type ResampleParams,
} from 'dspx-rs';

async function uses(data: Float32Array): Promise<void> {
  const pca: PcaResult = await calculatePcaAsync(data, 3);
  const ica: IcaResult = calculateIca(data, 3, 100);
  const params: ResampleParams = { upFactor: 3, downFactor: 2, sampleRate: 1000, quality: 'max' };
  createDspPipeline()
    .PcaTransform(pca)
    .IcaTransform(ica)
    .ChannelSelector({ numInputChannels: 3, numOutputChannels: 1 })
    .Resample(params)
    .ResampleTo({ inputRate: 1500, outputRate: 1000.5 })
    .TimeAlignment({ targetSampleRate: 100, gapPolicy: 'hold' });

  // @ts-expect-error the matrix is missing
  createDspPipeline().PcaTransform({ mean: pca.mean, numChannels: 3, numComponents: 3 });
  // @ts-expect-error there is no such gap policy
  createDspPipeline().TimeAlignment({ targetSampleRate: 100, gapPolicy: 'skip' });
}

void uses;
