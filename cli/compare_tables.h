// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/table.h"
#include "results/comparison.h"
#include "results/moved_values.h"

// What `orrery compare` says to people, no wider than 100 columns as long as names are short. The
// runs are A and B, whatever their chips and files are called.
namespace orrery {

struct ComparedFiles {
  std::string a_path, b_path;
  StoredResult a, b;
};

// Files, and in which way they are not alike: comes before any number.
void print_aspects(std::ostream& out, const ComparedFiles& files, const Comparison& comparison);

// Totals, waterfall, amounts, operators, figures and counters. `all`: every operator by itself, and
// equal counters too.
void print_compared(std::ostream& out,
                    const ComparedFiles& files,
                    const Comparison& comparison,
                    TableStyle style,
                    bool all);

// The parts.
std::string totals_line(const Waterfall& waterfall);
Table waterfall_table(const Waterfall& waterfall, TableStyle style);
Table amount_table(const Waterfall& waterfall);  // by amount, peak and use of it
Table group_table(std::vector<OpGroup> groups, double whole_us, std::size_t most);
Table counter_table(const std::vector<ComparedValue>& counters, bool all);
Table moved_table(const std::vector<MovedValue>& moved, std::size_t most);

}  // namespace orrery
