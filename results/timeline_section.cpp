// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "results/columns.h"
#include "results/sections.h"

// One dataset [component, time] a counter. A component without the counter has a row of zeros and
// a 0 in the attribute `present`.
namespace orrery {

namespace {

std::vector<std::string> components_of(const std::vector<TimelineRow>& timeline) {
  std::vector<std::string> components = column_of(timeline, &TimelineRow::component);
  std::sort(components.begin(), components.end());
  components.erase(std::unique(components.begin(), components.end()), components.end());
  return components;
}

}  // namespace

void write_timeline(hdf5::Group& root, const std::vector<TimelineRow>& timeline) {
  hdf5::Group group = root.create_group("timeline");
  const std::vector<std::string> components = components_of(timeline);
  hdf5::Dataset component_scale = group.write_text("component", components);
  component_scale.make_scale("component");

  const Femtoseconds bin_fs = timeline.empty() ? 1 : timeline[0].bin_fs;
  const std::size_t bins = timeline.empty() ? 0 : timeline[0].bins.size();
  std::vector<std::uint64_t> starts(bins);
  for (std::size_t i = 0; i < bins; ++i) {
    starts[i] = i * bin_fs;
  }
  hdf5::Dataset time_scale = group.write("time", starts);
  time_scale.make_scale("time");
  describe(time_scale, "fs", "start of the bin since the start of the run");
  time_scale.set("bin_width", bin_fs);

  for (std::size_t first = 0; first < timeline.size();) {
    const std::string& counter = timeline[first].counter;
    std::vector<std::uint64_t> values(components.size() * bins);
    std::vector<std::uint16_t> present(components.size());
    std::size_t row = first;
    for (; row < timeline.size() && timeline[row].counter == counter; ++row) {
      const auto place =
          std::lower_bound(components.begin(), components.end(), timeline[row].component) -
          components.begin();
      std::copy(timeline[row].bins.begin(), timeline[row].bins.end(),
                values.begin() + place * static_cast<std::ptrdiff_t>(bins));
      present[static_cast<std::size_t>(place)] = 1;
    }
    hdf5::Dataset dataset = group.write(counter, values, {components.size(), bins});
    describe(dataset, timeline[first].unit, counter + " in each bin of time");
    dataset.set("present", present);
    dataset.attach(component_scale, 0);
    dataset.attach(time_scale, 1);
    first = row;
  }
}

std::vector<TimelineRow> read_timeline(const hdf5::Group& root) {
  const hdf5::Group group = root.group("timeline");
  const hdf5::Dataset component_scale = group.dataset("component");
  const hdf5::Dataset time_scale = group.dataset("time");
  const std::uint64_t rows = component_scale.length(kResultLimits.timeline_components);
  const std::uint64_t bins = time_scale.length(kResultLimits.timeline_values);
  if (rows * bins > kResultLimits.timeline_values) {
    throw hdf5::Error("read /timeline: too large");
  }
  const auto components = component_scale.read_text({rows});
  const Femtoseconds bin_fs = time_scale.integer("bin_width");

  std::vector<TimelineRow> timeline;
  for (const std::string& counter : group.names()) {
    if (counter == "component" || counter == "time") {
      continue;
    }
    const hdf5::Dataset dataset = group.dataset(counter);
    const auto values = dataset.read<std::uint64_t>({rows, bins});
    const auto present = dataset.codes("present");
    if (present.size() != rows) {
      throw hdf5::Error("read /timeline/" + counter + ": @present does not fit");
    }
    for (std::size_t i = 0; i < rows; ++i) {
      const auto first = values.begin() + static_cast<std::ptrdiff_t>(i * bins);
      if (present[i] != 0) {
        timeline.push_back({components[i],
                            counter,
                            dataset.text("units"),
                            bin_fs,
                            {first, first + static_cast<std::ptrdiff_t>(bins)}});
      }
    }
  }
  return timeline;
}

}  // namespace orrery
