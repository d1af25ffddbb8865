// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "results/run_record.h"

namespace orrery {

// A record as a file can hold it; what read_result() returns for what write_result() was given.
// Texts become clean (results/clean_text.h); the timeline is sorted by counter and component and
// brought to one bin width and length, merging bins exactly. canonical(canonical(r)) is
// canonical(r).
//
// Throws std::invalid_argument for what the simulator must never hand over: an operator that ends
// before it starts, stalls that are not one value per category, a repeated name, an unusable
// histogram, bin widths that do not divide the widest, one counter with two units.
RunRecord canonical(const RunRecord& record);

// "xxh3-128:" and 32 hexadecimal digits over everything in a canonical record but its provenance.
std::string content_hash(const RunRecord& record);

}  // namespace orrery
