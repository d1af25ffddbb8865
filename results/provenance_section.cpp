// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "results/sections.h"

// What may differ between two equal runs, and what tells how to repeat one.
namespace orrery {

namespace {

struct TextAttribute {
  const char* name;
  std::string Provenance::*member;
};

constexpr std::array<TextAttribute, 5> kTexts{{{"git_revision", &Provenance::git_revision},
                                               {"command_line", &Provenance::command_line},
                                               {"host", &Provenance::host},
                                               {"started", &Provenance::started},
                                               {"finished", &Provenance::finished}}};

struct NumberAttribute {
  const char* name;
  std::uint64_t Provenance::*member;
};

constexpr std::array<NumberAttribute, 3> kNumbers{{{"seed", &Provenance::seed},
                                                   {"peak_rss_bytes", &Provenance::peak_rss_bytes},
                                                   {"events", &Provenance::events}}};

}  // namespace

void write_provenance(hdf5::Group& root, const Provenance& provenance, const std::string& run_id) {
  hdf5::Group group = root.create_group("provenance");
  group.set("run_id", run_id);
  for (const TextAttribute& attribute : kTexts) {
    group.set(attribute.name, provenance.*attribute.member);
  }
  for (const NumberAttribute& attribute : kNumbers) {
    group.set(attribute.name, provenance.*attribute.member);
  }
  group.set("cpu_seconds", provenance.cpu_seconds);
  group.write_text("config_resolved", provenance.config_resolved);
  group.write_text("workload", provenance.workload);
}

Provenance read_provenance(const hdf5::Group& root) {
  const hdf5::Group group = root.group("provenance");
  Provenance provenance;
  for (const TextAttribute& attribute : kTexts) {
    provenance.*attribute.member = group.text(attribute.name);
  }
  for (const NumberAttribute& attribute : kNumbers) {
    provenance.*attribute.member = group.integer(attribute.name);
  }
  provenance.cpu_seconds = group.number("cpu_seconds");
  provenance.config_resolved = group.dataset("config_resolved").read_text({})[0];
  provenance.workload = group.dataset("workload").read_text({})[0];
  return provenance;
}

}  // namespace orrery
