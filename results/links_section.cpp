// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "results/columns.h"
#include "results/sections.h"

namespace orrery {
namespace {

constexpr std::array<TextColumn<LinkRow>, 3> kTexts{{
    {"name", "name of the link", &LinkRow::name},
    {"from", "node or router at its beginning", &LinkRow::from},
    {"to", "node or router at its end", &LinkRow::to},
}};

constexpr std::array<NumberColumn<LinkRow>, 4> kNumbers{{
    {"request_bytes", "byte", "carried for requests, headers included", &LinkRow::request_bytes},
    {"response_bytes", "byte", "carried for responses, headers included", &LinkRow::response_bytes},
    {"request_busy", "fs", "time busy with requests", &LinkRow::request_busy_fs},
    {"response_busy", "fs", "time busy with responses", &LinkRow::response_busy_fs},
}};

}  // namespace

void write_links(hdf5::Group& root, const std::vector<LinkRow>& links) {
  if (links.empty()) {
    return;
  }
  hdf5::Group group = root.create_group("links");
  const hdf5::Dataset scale = write_index(group, "link", links.size());
  write_texts<LinkRow>(group, links, kTexts, scale);
  write_numbers<LinkRow>(group, links, kNumbers, scale);
}

std::vector<LinkRow> read_links(const hdf5::Group& root) {
  if (!root.contains("links")) {
    return {};
  }
  const hdf5::Group group = root.group("links");
  std::vector<LinkRow> links(group.dataset("link").length(kResultLimits.links));
  read_texts<LinkRow>(group, links, kTexts);
  read_numbers<LinkRow>(group, links, kNumbers);
  return links;
}

}  // namespace orrery
