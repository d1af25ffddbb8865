// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "results/columns.h"
#include "results/flag_column.h"
#include "results/sections.h"

namespace orrery {

namespace {

constexpr std::array<NumberColumn<OpRow>, 9> kNumbers{{
    {"start", "fs", "start of the operator since the start of the run", &OpRow::start_fs},
    {"end", "fs", "end of the operator since the start of the run", &OpRow::end_fs},
    {"flop", "1", "floating-point operations the operator asks for", &OpRow::flop},
    {"hbm_read_bytes", "byte", "read from HBM", &OpRow::hbm_read_bytes},
    {"hbm_write_bytes", "byte", "written to HBM", &OpRow::hbm_write_bytes},
    {"shared_bytes", "byte", "served by L2 or shared SRAM", &OpRow::shared_bytes},
    {"network_bytes", "byte", "delivered by the network", &OpRow::network_bytes},
    {"credited", "fs", "time of the operator that sampling left out", &OpRow::credited_fs},
    {"sampling_error", "fs", "estimated error of its time by that", &OpRow::sampling_error_fs},
}};

constexpr std::array<TextColumn<OpRow>, 3> kTexts{{
    {"name", "name of the operator", &OpRow::name},
    {"tile", "tile shape and stages", &OpRow::tile},
    {"mapping_note", "the mapping chosen and its runners-up", &OpRow::mapping_note},
}};

// Codes that mean the same in every file.
const std::vector<std::string>& bound_words() {
  static const std::vector<std::string> words{"none",   "tensor",  "vector", "hbm",
                                              "shared", "network", "store",  "sync",
                                              "launch", "idle",    "power"};
  return words;
}

const std::vector<std::string>& reused_words() {
  static const std::vector<std::string> words{"simulated", "reused"};
  return words;
}

}  // namespace

void write_ops(hdf5::Group& root, const std::vector<OpRow>& ops) {
  hdf5::Group group = root.create_group("ops");
  const hdf5::Dataset scale = write_index(group, "op", ops.size());
  write_texts<OpRow>(group, ops, kTexts, scale);
  write_numbers<OpRow>(group, ops, kNumbers, scale);

  hdf5::Dataset kind = write_flags(group, "kind", column_of(ops, &OpRow::kind));
  kind.set("long_name", "kind of the operator");
  kind.attach(scale, 0);
  hdf5::Dataset bound = write_flags(group, "bound", column_of(ops, &OpRow::bound), bound_words());
  bound.set("long_name", "what the operator is bound by");
  bound.attach(scale, 0);
  std::vector<std::string> reused;
  for (const OpRow& op : ops) {
    reused.push_back(reused_words()[op.reused ? 1 : 0]);
  }
  hdf5::Dataset origin = write_flags(group, "reused", reused, reused_words());
  origin.set("long_name", "simulated, or copied from an identical operator");
  origin.attach(scale, 0);
}

std::vector<OpRow> read_ops(const hdf5::Group& root) {
  const hdf5::Group group = root.group("ops");
  const std::uint64_t count = group.dataset("op").length(kResultLimits.ops);
  std::vector<OpRow> ops(count);
  read_texts<OpRow>(group, ops, kTexts);
  read_numbers<OpRow>(group, ops, kNumbers);
  fill_column(ops, &OpRow::kind, read_flags(group, "kind", {count}));
  fill_column(ops, &OpRow::bound, read_flags(group, "bound", {count}));
  const std::vector<std::string> reused = read_flags(group, "reused", {count});
  for (std::size_t i = 0; i < ops.size(); ++i) {
    ops[i].reused = reused[i] == reused_words()[1];
  }
  return ops;
}

void write_stalls(hdf5::Group& root, const std::vector<OpRow>& ops) {
  hdf5::Group group = root.create_group("stalls");
  const hdf5::Dataset op_scale = write_index(group, "op", ops.size());
  hdf5::Dataset category_scale = group.write_text("category", stall_category_names());
  category_scale.make_scale("category");
  category_scale.set("long_name", "where the cores' time went");
  std::vector<std::uint64_t> values;
  values.reserve(ops.size() * kStallCategoryCount);
  for (const OpRow& op : ops) {
    values.insert(values.end(), op.stall_fs.begin(), op.stall_fs.end());
  }
  hdf5::Dataset time = group.write("core_time", values, {ops.size(), kStallCategoryCount});
  describe(time, "fs", "time of all cores in this category; a row sums to cores x duration");
  time.attach(op_scale, 0);
  time.attach(category_scale, 1);
}

void read_stalls(const hdf5::Group& root, std::vector<OpRow>& ops) {
  const hdf5::Group group = root.group("stalls");
  if (group.dataset("category").read_text({kStallCategoryCount}) != stall_category_names()) {
    throw hdf5::Error("read /stalls/category: not the categories of this version");
  }
  const auto values =
      group.dataset("core_time").read<std::uint64_t>({ops.size(), kStallCategoryCount});
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(i * kStallCategoryCount);
    ops[i].stall_fs.assign(first, first + static_cast<std::ptrdiff_t>(kStallCategoryCount));
  }
}

}  // namespace orrery
