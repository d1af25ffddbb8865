// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/transfer.h"

namespace orrery {

class TransferInitiator;  // sim/ports.h; engines only hand it back

// A transfer in the hands of a memory, and who gets it back.
struct Request {
  Transfer* transfer = nullptr;
  TransferInitiator* initiator = nullptr;
};

}  // namespace orrery
