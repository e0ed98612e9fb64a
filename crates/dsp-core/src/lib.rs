//! Signal processing without Node, sockets or threads of its own.
