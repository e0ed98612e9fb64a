//! Reads a recording and prints its header, or writes its samples as another file:
//! `convert IN`, `convert IN OUT [CHANNEL …]` (positions from 0; `OUT` by its extension, as wide as it can hold).

use std::path::{Path, PathBuf};

use dsp_files::{ChannelOptions, OpenOptions, Recording, Result, Selector, Source, WriteOptions, Writer};

const FRAMES: usize = 4096;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut recording = Recording::open(Source::Path(PathBuf::from(&arguments[0])), &OpenOptions::default())?;
    let Some(out) = arguments.get(1) else {
        let (annotations, gaps) = (recording.annotations()?, recording.gaps()?);
        println!("{:#?}\n{annotations:#?}\n{gaps:#?}", recording.header());
        return Ok(());
    };
    let wanted: Vec<Selector> = arguments[2..].iter().map(|at| Selector::Index(at.parse().unwrap_or(-1.0))).collect();
    let channels = recording.select((!wanted.is_empty()).then_some(&wanted[..]))?;
    let header = recording.header().clone();
    let is_array = Path::new(out).extension().is_some_and(|extension| extension == "npy");
    let described = channels.iter().map(|&i| &header.channels[i]).map(|channel| ChannelOptions {
        label: channel.label.clone(),
        unit: channel.unit.clone(),
        ..ChannelOptions::default()
    });
    let options = WriteOptions {
        sample_rate: header.channels[channels[0]].sample_rate,
        encoding: is_array.then(|| "float64".to_owned()),
        channels: described.collect(),
        annotations: recording.annotations()?,
        gaps: recording.gaps()?,
        start: header.start,
        ..WriteOptions::default()
    };
    let mut writer = Writer::create(Path::new(out), channels.len(), &options)?;
    let (mut at, mut block) = (0, Vec::new());
    loop {
        block.clear();
        let frames = recording.read(&channels, at, FRAMES, &mut block)?;
        if frames == 0 {
            break;
        }
        writer.write(&block)?;
        at += frames as u64;
    }
    writer.finish()?;
    Ok(())
}
