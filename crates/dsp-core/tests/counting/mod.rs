//! Counts what the current thread takes from the heap. For one test binary: it sets the allocator.

#![allow(unsafe_code, reason = "an allocator of one's own is unsafe by its trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The use of the heap by a piece of code.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Heap {
    /// Calls of the allocator, those that were given back in between included.
    pub allocations: usize,
    /// Blocks that are kept, less those from before that were given back.
    pub blocks: isize,
    /// Their bytes, as they were asked for.
    pub bytes: isize,
}

thread_local!(static HEAP: Cell<Heap> = const { Cell::new(Heap { allocations: 0, blocks: 0, bytes: 0 }) });

struct Counting;

fn note(allocations: usize, blocks: isize, bytes: usize) {
    // A thread that is ending has no counter any more.
    let _ = HEAP.try_with(|cell| {
        let heap = cell.get();
        cell.set(Heap {
            allocations: heap.allocations + allocations,
            blocks: heap.blocks + blocks,
            bytes: heap.bytes + blocks * bytes as isize,
        });
    });
}

// SAFETY: all calls go to the system's allocator as they come.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, 1, layout.size());
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(0, -1, layout.size());
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs `f`; returns its use of the heap and its result.
pub fn count<T>(f: impl FnOnce() -> T) -> (Heap, T) {
    let before = HEAP.get();
    let result = f();
    let after = HEAP.get();
    let heap = Heap {
        allocations: after.allocations - before.allocations,
        blocks: after.blocks - before.blocks,
        bytes: after.bytes - before.bytes,
    };
    (heap, result)
}
