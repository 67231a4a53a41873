#pragma once

// Work in bulk, which nobody waits for as long as it keeps up: what writes checkpoints takes the processor
// that records leave. Else each record would wait for its turn among the writers on a machine that is busy.

namespace leat::actors {

/// The calling thread, and those that it starts, give way to others for good. They get a tenth of what another
/// thread gets beside them, and all that is idle.
void give_way();

/// The same of the thread on which LevelDB writes the tables of all stores of the process.
void let_leveldb_give_way();

/// The calling thread gives way.
[[nodiscard]] bool gives_way();

}  // namespace leat::actors
