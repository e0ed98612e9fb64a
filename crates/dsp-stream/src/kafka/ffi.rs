//! Calls of librdkafka that the `rdkafka` crate lacks, each behind a safe function. With `codes`, the only `unsafe`
//! code of this crate.
#![allow(unsafe_code)]

use rdkafka::client::{Client, ClientContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::BorrowedMessage;
use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr, RDKafkaType};
use rdkafka::{TopicPartitionList, bindings as sys};
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr::{self, NonNull};
use std::time::Duration;

use super::codes::{error_code, text};
use super::failure::{error_of, failure};
use crate::error::{Error, Result};

/// Calls `each` with the name and the value of every header. Names may be any bytes; the `rdkafka` crate panics if one
/// is not UTF-8.
pub fn each_header(message: &BorrowedMessage<'_>, mut each: impl FnMut(&[u8], Option<&[u8]>)) {
    let mut headers = ptr::null_mut();
    // SAFETY: the message is alive for the whole call, and its headers live as long as it does.
    unsafe {
        if sys::rd_kafka_message_headers(message.ptr(), &raw mut headers) != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR
        {
            return;
        }
        for i in 0.. {
            let (mut name, mut value, mut len) = (ptr::null(), ptr::null(), 0);
            let status = sys::rd_kafka_header_get_all(headers, i, &raw mut name, &raw mut value, &raw mut len);
            if status != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
                return;
            }
            let value = (!value.is_null()).then(|| std::slice::from_raw_parts(value.cast::<u8>(), len));
            each(CStr::from_ptr(name).to_bytes(), value);
        }
    }
}

/// Returns the low and the high watermark of a partition as of the last fetch, without a request.
pub fn cached_watermarks<C: ClientContext>(client: &Client<C>, topic: &str, partition: i32) -> Option<(i64, i64)> {
    let topic = CString::new(topic).ok()?;
    let (mut low, mut high) = (-1, -1);
    // SAFETY: the client is alive, the pointers are to locals.
    let status = unsafe {
        sys::rd_kafka_get_watermark_offsets(client.native_ptr(), topic.as_ptr(), partition, &raw mut low, &raw mut high)
    };
    (status == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0).then_some((low, high))
}

/// Makes a partition known to a consumer before it is assigned, so that it can be paused: librdkafka ignores partitions
/// that it does not know.
///
/// # Errors
/// `Nul` or `PauseResume` if librdkafka refuses the name of the topic.
pub fn register_partition<C: ClientContext>(client: &Client<C>, topic: &str, partition: i32) -> KafkaResult<()> {
    let name = CString::new(topic)?;
    // SAFETY: client and name are alive; the queue is checked, and our reference to it is given back at once.
    unsafe {
        let queue = sys::rd_kafka_queue_get_partition(client.native_ptr(), name.as_ptr(), partition);
        if queue.is_null() {
            return Err(KafkaError::PauseResume(format!("{topic}/{partition} cannot be paused")));
        }
        sys::rd_kafka_queue_destroy(queue);
    }
    Ok(())
}

/// Returns whether the client is a member of its group: whether it has an id by which the brokers know it.
pub fn is_member<C: ClientContext>(client: &Client<C>) -> bool {
    // SAFETY: the client is alive; the string is ours, read before it is freed.
    unsafe {
        let id = sys::rd_kafka_memberid(client.native_ptr());
        let is_member = !id.is_null() && *id != 0;
        if !id.is_null() {
            sys::rd_kafka_mem_free(client.native_ptr(), id.cast());
        }
        is_member
    }
}

/// Commits whose results arrive in a queue of their own: librdkafka does not report those of plain asynchronous
/// commits, and a synchronous commit may take a minute without brokers.
///
/// It must be dropped before the client it was made for.
pub struct CommitQueue(NonNull<sys::rd_kafka_queue_t>);

// SAFETY: librdkafka's queues are locked inside.
unsafe impl Send for CommitQueue {}
// SAFETY: as above.
unsafe impl Sync for CommitQueue {}

/// Result of one commit: an error of the whole commit, and topic, partition, offset and error of each partition.
pub type CommitResult = (Option<RDKafkaErrorCode>, Vec<(String, i32, i64, Option<RDKafkaErrorCode>)>);

impl CommitQueue {
    /// Returns a queue for the results of `client`'s commits.
    pub fn new<C: ClientContext>(client: &Client<C>) -> Option<Self> {
        // SAFETY: the client is alive.
        NonNull::new(unsafe { sys::rd_kafka_queue_new(client.native_ptr()) }).map(Self)
    }

    /// Begins a commit; its result comes through `poll`.
    pub fn commit<C: ClientContext>(&self, client: &Client<C>, offsets: &TopicPartitionList) -> Result<()> {
        // SAFETY: client, list and queue are alive; the list is copied.
        check(unsafe {
            let (list, queue) = (offsets.ptr(), self.0.as_ptr());
            sys::rd_kafka_commit_queue(client.native_ptr(), list, queue, None, ptr::null_mut())
        })
    }

    /// Waits for the next result for at most `timeout`.
    pub fn poll(&self, timeout: Duration) -> Option<CommitResult> {
        let timeout = c_int::try_from(timeout.as_millis()).unwrap_or(c_int::MAX);
        // SAFETY: the event is ours until it is destroyed, its list lives as long as it does.
        unsafe {
            let event = NonNull::new(sys::rd_kafka_queue_poll(self.0.as_ptr(), timeout))?;
            let whole = error(sys::rd_kafka_event_error(event.as_ptr()));
            let list = sys::rd_kafka_event_topic_partition_list(event.as_ptr()).as_ref();
            let elements = list.map_or(&[][..], |l| std::slice::from_raw_parts(l.elems, l.cnt.max(0) as usize));
            let read = |e: &sys::rd_kafka_topic_partition_t| (text(e.topic), e.partition, e.offset, error(e.err));
            let result = (whole, elements.iter().map(read).collect());
            sys::rd_kafka_event_destroy(event.as_ptr());
            Some(result)
        }
    }
}

impl Drop for CommitQueue {
    fn drop(&mut self) {
        // SAFETY: the queue is ours, and the client is still there.
        unsafe { sys::rd_kafka_queue_destroy(self.0.as_ptr()) }
    }
}

fn error(code: RDKafkaRespErr) -> Option<RDKafkaErrorCode> {
    (code != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR).then(|| code.into())
}

/// librdkafka's mock cluster together with the client that hosts it.
pub struct MockCluster {
    cluster: NonNull<sys::rd_kafka_mock_cluster_t>,
    host: NonNull<sys::rd_kafka_t>,
}

// SAFETY: the functions used here lock the cluster, or hand an operation to its own thread.
unsafe impl Send for MockCluster {}
// SAFETY: as above.
unsafe impl Sync for MockCluster {}

impl MockCluster {
    /// Starts a cluster of `brokers` brokers on free ports of the loopback interface.
    ///
    /// # Errors
    /// `Kafka` if it cannot be started.
    pub fn new(brokers: i32) -> Result<Self> {
        let mut reason = [0 as c_char; 512];
        // SAFETY: the configuration passes to the client on success and is destroyed here otherwise; both pointers are
        // checked before use.
        unsafe {
            let conf = sys::rd_kafka_conf_new();
            sys::rd_kafka_conf_set_log_cb(conf, None);
            let host = sys::rd_kafka_new(RDKafkaType::RD_KAFKA_PRODUCER, conf, reason.as_mut_ptr(), reason.len());
            let Some(host) = NonNull::new(host) else {
                sys::rd_kafka_conf_destroy(conf);
                return Err(failure("_FAIL", text(reason.as_ptr())));
            };
            let Some(cluster) = NonNull::new(sys::rd_kafka_mock_cluster_new(host.as_ptr(), brokers)) else {
                sys::rd_kafka_destroy(host.as_ptr());
                return Err(failure("_FAIL", "the embedded cluster could not be started"));
            };
            sys::rd_kafka_mock_start_request_tracking(cluster.as_ptr());
            Ok(Self { cluster, host })
        }
    }

    /// Returns the addresses of the brokers.
    pub fn brokers(&self) -> Vec<String> {
        // SAFETY: the string belongs to the cluster, which is alive.
        let list = unsafe { CStr::from_ptr(sys::rd_kafka_mock_cluster_bootstraps(self.cluster.as_ptr())) };
        list.to_string_lossy().split(',').map(str::to_owned).collect()
    }

    /// Creates a topic.
    pub fn create_topic(&self, name: &str, partitions: i32) -> Result<()> {
        let topic = c_string(name)?;
        // SAFETY: the cluster is alive.
        check(unsafe { sys::rd_kafka_mock_topic_create(self.cluster.as_ptr(), topic.as_ptr(), partitions, 1) })
    }

    /// Stops a broker's listener and closes its connections.
    pub fn set_down(&self, broker: i32) -> Result<()> {
        // SAFETY: the cluster is alive.
        check(unsafe { sys::rd_kafka_mock_broker_set_down(self.cluster.as_ptr(), broker) })
    }

    /// Restarts a broker's listener.
    pub fn set_up(&self, broker: i32) -> Result<()> {
        // SAFETY: the cluster is alive.
        check(unsafe { sys::rd_kafka_mock_broker_set_up(self.cluster.as_ptr(), broker) })
    }

    /// Delays every answer of a broker.
    pub fn set_latency(&self, broker: i32, ms: i32) -> Result<()> {
        // SAFETY: the cluster is alive.
        check(unsafe { sys::rd_kafka_mock_broker_set_rtt(self.cluster.as_ptr(), broker, ms) })
    }

    /// Makes `broker` the leader of a partition.
    pub fn set_leader(&self, topic: &str, partition: i32, broker: i32) -> Result<()> {
        let topic = c_string(topic)?;
        // SAFETY: the cluster is alive.
        check(unsafe {
            sys::rd_kafka_mock_partition_set_leader(self.cluster.as_ptr(), topic.as_ptr(), partition, broker)
        })
    }

    /// Sets how long the first join of a group waits for further members.
    pub fn set_rebalance_delay(&self, ms: i32) {
        // SAFETY: the cluster is alive.
        unsafe { sys::rd_kafka_mock_group_initial_rebalance_delay_ms(self.cluster.as_ptr(), ms) }
    }

    /// Answers the next requests of a kind with these errors, one each.
    pub fn push_errors(&self, api: i16, names: &[String]) -> Result<()> {
        let unknown = |name: &String| Error::argument(format!("failNext: {name} is not an error of Kafka"));
        let codes: Vec<RDKafkaRespErr> =
            names.iter().map(|n| error_code(n).ok_or_else(|| unknown(n))).collect::<Result<_>>()?;
        // SAFETY: the cluster is alive and copies the codes.
        unsafe {
            sys::rd_kafka_mock_push_request_errors_array(self.cluster.as_ptr(), api, codes.len(), codes.as_ptr());
        }
        Ok(())
    }

    /// Returns the requests received since the last `clear_requests`: API key, broker, time in µs of librdkafka's
    /// clock.
    pub fn requests(&self) -> Vec<(i16, i32, i64)> {
        let mut count = 0;
        // SAFETY: the array and its entries are ours until they are destroyed below.
        unsafe {
            let list = sys::rd_kafka_mock_get_requests(self.cluster.as_ptr(), &raw mut count);
            if list.is_null() {
                return Vec::new();
            }
            let read = |&request: &*mut sys::rd_kafka_mock_request_t| {
                let api = sys::rd_kafka_mock_request_api_key(request);
                (api, sys::rd_kafka_mock_request_id(request), sys::rd_kafka_mock_request_timestamp(request))
            };
            let requests = std::slice::from_raw_parts(list, count).iter().map(read).collect();
            sys::rd_kafka_mock_request_destroy_array(list, count);
            requests
        }
    }

    /// Discards the received requests.
    pub fn clear_requests(&self) {
        // SAFETY: the cluster is alive.
        unsafe { sys::rd_kafka_mock_clear_requests(self.cluster.as_ptr()) }
    }
}

impl Drop for MockCluster {
    fn drop(&mut self) {
        // SAFETY: both are ours. The order matters: a host that goes first aborts the process.
        unsafe {
            sys::rd_kafka_mock_cluster_destroy(self.cluster.as_ptr());
            sys::rd_kafka_destroy(self.host.as_ptr());
        }
    }
}

fn c_string(name: &str) -> Result<CString> {
    CString::new(name).map_err(|_| Error::argument("a topic name holds a zero character"))
}

fn check(code: RDKafkaRespErr) -> Result<()> {
    match code {
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(()),
        code => Err(error_of(code.into())),
    }
}
