//! The clients of one JavaScript environment, to be ended with it.

use dsp_stream::kafka::consumer::Consumer;
use dsp_stream::kafka::embedded::EmbeddedKafka;
use dsp_stream::kafka::producer::Producer;
use dsp_stream::stream::kafka::KafkaStream;
use napi::Env;
use std::cell::RefCell;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Longest time for which a client may delay the end of the process.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Default)]
struct Clients {
    hooked: bool,
    consumers: Vec<Weak<Consumer>>,
    producers: Vec<Weak<Producer>>,
    streams: Vec<Weak<KafkaStream>>,
    clusters: Vec<Weak<EmbeddedKafka>>,
}

thread_local! {
    /// An environment has one thread, and a thread one environment.
    static CLIENTS: RefCell<Clients> = RefCell::default();
}

/// Ends what is open: clients first, then the clusters that they are connected to.
fn end(_: ()) {
    let clients = CLIENTS.take();
    // All at once: many clients take no longer than one.
    clients.consumers.iter().filter_map(Weak::upgrade).for_each(|c| c.hurry());
    clients.streams.iter().filter_map(Weak::upgrade).for_each(|s| s.abandon(PATIENCE));
    clients.consumers.iter().filter_map(Weak::upgrade).for_each(|c| c.abandon(PATIENCE));
    clients.producers.iter().filter_map(Weak::upgrade).for_each(|p| p.abandon());
    clients.clusters.iter().filter_map(Weak::upgrade).for_each(|c| c.close());
}

fn with(env: &Env, register: impl FnOnce(&mut Clients)) -> napi::Result<()> {
    CLIENTS.with_borrow_mut(|clients| {
        if !clients.hooked {
            env.add_env_cleanup_hook((), end)?;
            clients.hooked = true;
        }
        register(clients);
        Ok(())
    })
}

fn add<T>(list: &mut Vec<Weak<T>>, client: &Arc<T>) {
    list.retain(|c| c.strong_count() > 0);
    list.push(Arc::downgrade(client));
}

pub fn add_consumer(env: &Env, consumer: &Arc<Consumer>) -> napi::Result<()> {
    with(env, |clients| add(&mut clients.consumers, consumer))
}

pub fn add_producer(env: &Env, producer: &Arc<Producer>) -> napi::Result<()> {
    with(env, |clients| add(&mut clients.producers, producer))
}

pub fn add_stream(env: &Env, stream: &Arc<KafkaStream>) -> napi::Result<()> {
    with(env, |clients| add(&mut clients.streams, stream))
}

pub fn add_cluster(env: &Env, cluster: &Arc<EmbeddedKafka>) -> napi::Result<()> {
    with(env, |clients| add(&mut clients.clusters, cluster))
}
