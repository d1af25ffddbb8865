// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "results/hdf5.h"

// Tables of rows as columns over one dimension scale. A table says once how its columns are called
// and which member of a row they hold; writing and reading both follow it.
namespace orrery {

template <typename Row>
struct NumberColumn {
  const char* name;
  const char* units;
  const char* long_name;
  std::uint64_t Row::*member;
};

template <typename Row>
struct TextColumn {
  const char* name;
  const char* long_name;
  std::string Row::*member;
};

inline void describe(hdf5::Dataset& column, const std::string& units, const std::string& name) {
  column.set("units", units);
  column.set("long_name", name);
}

// The coordinate 0, 1, 2, ... of the dimension `name`.
inline hdf5::Dataset write_index(hdf5::Group& group, const std::string& name, std::size_t length) {
  std::vector<std::uint64_t> index(length);
  for (std::size_t i = 0; i < length; ++i) {
    index[i] = i;
  }
  hdf5::Dataset scale = group.write(name, index);
  scale.make_scale(name);
  describe(scale, "1", "number of the row");
  return scale;
}

template <typename Row, typename Value>
std::vector<Value> column_of(const std::vector<Row>& rows, Value Row::*member) {
  std::vector<Value> values;
  values.reserve(rows.size());
  for (const Row& row : rows) {
    values.push_back(row.*member);
  }
  return values;
}

template <typename Row, typename Value>
void fill_column(std::vector<Row>& rows, Value Row::*member, std::vector<Value> values) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].*member = std::move(values[i]);
  }
}

template <typename Row>
void write_numbers(hdf5::Group& group,
                   const std::vector<Row>& rows,
                   std::span<const NumberColumn<Row>> columns,
                   const hdf5::Dataset& scale) {
  for (const NumberColumn<Row>& column : columns) {
    hdf5::Dataset dataset = group.write(column.name, column_of(rows, column.member));
    describe(dataset, column.units, column.long_name);
    dataset.attach(scale, 0);
  }
}

template <typename Row>
void write_texts(hdf5::Group& group,
                 const std::vector<Row>& rows,
                 std::span<const TextColumn<Row>> columns,
                 const hdf5::Dataset& scale) {
  for (const TextColumn<Row>& column : columns) {
    hdf5::Dataset dataset = group.write_text(column.name, column_of(rows, column.member));
    dataset.set("long_name", column.long_name);
    dataset.attach(scale, 0);
  }
}

template <typename Row>
void read_numbers(const hdf5::Group& group,
                  std::vector<Row>& rows,
                  std::span<const NumberColumn<Row>> columns) {
  for (const NumberColumn<Row>& column : columns) {
    fill_column(rows, column.member,
                group.dataset(column.name).template read<std::uint64_t>({rows.size()}));
  }
}

template <typename Row>
void read_texts(const hdf5::Group& group,
                std::vector<Row>& rows,
                std::span<const TextColumn<Row>> columns) {
  for (const TextColumn<Row>& column : columns) {
    fill_column(rows, column.member, group.dataset(column.name).read_text({rows.size()}));
  }
}

}  // namespace orrery
