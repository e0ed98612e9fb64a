//! The native half of branches: outputs side by side, and many states in one.

use dsp_core::pipeline::branch;
use dsp_core::pipeline::branch::BranchOutput;
use napi::Env;
use napi::bindgen_prelude::{Buffer, Float32Array};
use napi_derive::napi;

use crate::error::OrThrow;

/// The state of one branch: JSON or TOON.
#[napi(object)]
pub struct BranchState {
    /// Name of the branch.
    pub name: String,
    /// Its state as JSON.
    pub text: Option<String>,
    /// Its state as TOON.
    pub bytes: Option<Buffer>,
}

/// Samples of all channels of several branches.
#[napi(object, object_from_js = false)]
pub struct Merged {
    /// Interleaved samples.
    pub samples: Float32Array,
    /// Channels of a frame.
    pub channels: u32,
}

/// Checks the names of branches; throws if there are none or too many, or if one is empty, too long or used twice.
#[napi(catch_unwind)]
pub fn check_branch_names(env: Env, names: Vec<String>) -> napi::Result<()> {
    branch::check_names(names.iter().map(String::as_str)).or_throw(&env)
}

/// Checks that a state belongs to branches of the same names as `ours`; throws if not.
#[napi(catch_unwind)]
pub fn check_same_branches(env: Env, ours: Vec<String>, theirs: Vec<String>) -> napi::Result<()> {
    branch::check_same_names(ours.iter().map(String::as_str), theirs.iter().map(String::as_str)).or_throw(&env)
}

/// Returns the channels of all outputs side by side; `channels` are the numbers of channels of the outputs.
#[napi(catch_unwind)]
pub fn merge_branches(
    env: Env,
    names: Vec<String>,
    outputs: Vec<Float32Array>,
    channels: Vec<u32>,
) -> napi::Result<Merged> {
    let outputs: Vec<(&str, BranchOutput)> = names
        .iter()
        .zip(outputs.iter().zip(channels))
        .map(|(name, (samples, channels))| {
            (name.as_str(), BranchOutput { samples: samples.to_vec(), channels: channels as usize })
        })
        .collect();
    let merged = branch::merge(&outputs).or_throw(&env)?;
    Ok(Merged { samples: merged.samples.into(), channels: merged.channels as u32 })
}

/// Joins the JSON states of branches into one JSON text.
#[napi(catch_unwind)]
pub fn join_branches_json(env: Env, states: Vec<BranchState>) -> napi::Result<String> {
    let states: Vec<(&str, &str)> =
        states.iter().map(|state| (state.name.as_str(), state.text.as_deref().unwrap_or_default())).collect();
    branch::join_json(&states).or_throw(&env)
}

/// Returns the states of branches from one JSON text.
#[napi(catch_unwind)]
pub fn split_branches_json(env: Env, text: String) -> napi::Result<Vec<BranchState>> {
    let states = branch::split_json(&text).or_throw(&env)?;
    Ok(states.into_iter().map(|(name, text)| BranchState { name, text: Some(text), bytes: None }).collect())
}

/// Joins the TOON states of branches into one.
#[napi(catch_unwind)]
pub fn join_branches_toon(env: Env, states: Vec<BranchState>) -> napi::Result<Buffer> {
    let states: Vec<(&str, &[u8])> =
        states.iter().map(|state| (state.name.as_str(), state.bytes.as_deref().unwrap_or_default())).collect();
    branch::join_toon(&states).or_throw(&env).map(Buffer::from)
}

/// Returns the TOON states of branches from the joined ones.
#[napi(catch_unwind)]
pub fn split_branches_toon(env: Env, bytes: &[u8]) -> napi::Result<Vec<BranchState>> {
    let states = branch::split_toon(bytes).or_throw(&env)?;
    Ok(states.into_iter().map(|(name, bytes)| BranchState { name, text: None, bytes: Some(bytes.into()) }).collect())
}
