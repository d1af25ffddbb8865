// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "arch/chip.h"
#include "cli/call_explanation.h"
#include "cli/measured_rows.h"

namespace orrery {

// How a benchmark takes one shape after another: so many calls without a pause, the first of them
// to warm up, then a pause in which the next shape is made ready. Long calls thus begin at the
// clock to which such calls have brought the governor, short ones at the highest.
struct CallSeries {
  std::uint64_t calls = 1;
  Femtoseconds rest_fs = 0;
};

// Repeats a measured call on a chip as the measurement did, and returns the mean time of a call.
//
// Calls follow each other without pause, so shared memory starts with what earlier calls left:
//   GEMM       up to 5 copies of the weights take turns (as many as memory holds). Copies are put
//              there oldest first, then x and y (dirty): weights are warm only where all copies
//              fit. Narrow GEMMs quantise x first, in the same call: a kernel more, no second
//              launch.
//   attention  one call on the same data, so the cache is warm where it fits. Where the
//              attention kernel does not do them itself, rotary and append to the cache run before
//              it in the same call.
// Two calls, one where a call has more than 5e11 FLOP. Throws InputError when the call does not
// fit the chip. `tile` fixes what of the last operator is not 0; `explanation`, if not null,
// becomes that of the last call.
//
// Where power is modelled, the chip's power protocol says how the calls began: burst after a pause;
// of sustained calls the first ones only bring the governor to its clock. A `series` begins after a
// pause, too; where its calls are long enough to meet the cap, the first one only tells what they
// draw, and the next begins at the clock that a series of them leaves. `power`, if not null,
// becomes that of the calls.
struct CallPower {
  double power_w = 0;
  std::uint64_t clock_hz = 0;  // mean of the cores
};
Femtoseconds measured_call_fs(Chip& chip,
                              const MeasuredRow& row,
                              const std::optional<CallSeries>& series = {},
                              const TileOverride& tile = {},
                              CallExplanation* explanation = nullptr,
                              CallPower* power = nullptr);

}  // namespace orrery
