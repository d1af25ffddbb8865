// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace orrery {

// Makes writing to a closed pipe, and past a limit on the size of files, an error that is seen
// where it happens instead of a signal that kills the program half-way through a result. A closed
// standard stream is opened on /dev/null, lest a result file takes its number.
void prepare_standard_streams();

// Flushes standard output. Returns `code`, also when the reader went away (`orrery ... | head`);
// kBadInput, with a message, when a success could not be written.
int finish_standard_output(int code);

}  // namespace orrery
