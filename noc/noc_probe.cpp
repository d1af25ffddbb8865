// SPDX-License-Identifier: Apache-2.0
#include "noc/noc_probe.h"

#include "noc/fast_packets.h"
#include "noc/open_loop.h"

namespace orrery {

NocProbeResult run_noc_probe(const NocProbe& probe) {
  if (probe.fast != nullptr) {
    FastPackets network(*probe.fast, probe.router.flit_bytes);
    return OpenLoop(probe, network).run();
  }
  RouterEngine network(*probe.graph, *probe.routes, probe.router);
  return OpenLoop(probe, network).run();
}

}  // namespace orrery
