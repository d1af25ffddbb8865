// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/noc_run.h"
#include "sim/error.h"
#include "workloads/csv_reader.h"

namespace orrery {

// A row of a table whose columns are parameters of BookSim 2 (Jiang et al., "A Detailed and
// Flexible Cycle-Accurate Network-on-Chip Simulator", ISPASS 2013), and some of its answers.
struct BooksimRow {
  SourceLocation location;
  std::string curve, point;  // as the file names it; may be empty
  NocRun run;                // warm-up, cycles and seed as by default: BookSim has its own
  std::optional<double> avg_packet_latency;  // BookSim's answer
};

// Needs the columns topology, k, n, num_vcs, vc_buf_size, packet_size, traffic and
// offered_flit_rate. Other parameters have their values of RouterConfig where the column or the
// cell is missing; columns that are no parameters are passed over. Throws InputError
// "file:line:column: ..." for what cannot be run, or not as BookSim would.
std::vector<BooksimRow> read_booksim_rows(CsvReader csv);

// The nodes of "hotspot({{27 28}})" as TrafficPattern has them, "hotspot:27,28"; other patterns as
// they are. Throws std::invalid_argument.
std::string booksim_pattern(const std::string& traffic);

}  // namespace orrery
