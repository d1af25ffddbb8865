// SPDX-License-Identifier: Apache-2.0
// Columns of /ops and the group /energy, which stand in a file where power is modelled.
#include "results/columns.h"
#include "results/sections.h"

namespace orrery {

void write_energy(hdf5::Group& root, const std::vector<OpRow>& ops) {
  if (ops.empty() || !ops.front().has_power()) {
    return;
  }
  std::vector<double> total_j;
  std::vector<double> power_w;
  std::vector<double> parts_j;
  for (const OpRow& op : ops) {
    total_j.push_back(op.total_energy_j());
    power_w.push_back(op.power_w());
    parts_j.insert(parts_j.end(), op.energy_j.begin(), op.energy_j.end());
  }
  hdf5::Group table = root.group("ops");
  const hdf5::Dataset table_scale = table.dataset("op");
  const auto column = [&](const char* name, const auto& values, const char* unit,
                          const char* text) {
    hdf5::Dataset dataset = table.write(name, values);
    describe(dataset, unit, text);
    dataset.attach(table_scale, 0);
  };
  column("clock", column_of(ops, &OpRow::clock_hz), "Hz", "mean clock of the cores");
  column("energy", total_j, "J", "energy of the chip and its board");
  column("power", power_w, "W", "mean power");

  hdf5::Group group = root.create_group("energy");
  const hdf5::Dataset op_scale = write_index(group, "op", ops.size());
  hdf5::Dataset part_scale = group.write_text("part", energy_part_names());
  part_scale.make_scale("part");
  part_scale.set("long_name", "what the energy went to");
  hdf5::Dataset energy = group.write("energy", parts_j, {ops.size(), kEnergyPartNames});
  describe(energy, "J", "energy by part; a row sums to the operator's");
  energy.attach(op_scale, 0);
  energy.attach(part_scale, 1);
}

void read_energy(const hdf5::Group& root, std::vector<OpRow>& ops) {
  if (!root.contains("energy")) {
    return;
  }
  const hdf5::Group group = root.group("energy");
  if (group.dataset("part").read_text({kEnergyPartNames}) != energy_part_names()) {
    throw hdf5::Error("read /energy/part: not the parts of this version");
  }
  const auto energy_j = group.dataset("energy").read<double>({ops.size(), kEnergyPartNames});
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const auto first = energy_j.begin() + static_cast<std::ptrdiff_t>(i * kEnergyPartNames);
    ops[i].energy_j.assign(first, first + static_cast<std::ptrdiff_t>(kEnergyPartNames));
  }
  fill_column(ops, &OpRow::clock_hz,
              root.group("ops").dataset("clock").read<std::uint64_t>({ops.size()}));
}

}  // namespace orrery
