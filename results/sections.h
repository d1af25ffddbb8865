// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "results/hdf5.h"
#include "results/result_file.h"
#include "results/run_record.h"

// The groups of a result, each written and read by a pair of functions that stand together.
// Records are canonical. Reading throws hdf5::Error for anything that is not as it was written.
namespace orrery {

void write_ops(hdf5::Group& root, const std::vector<OpRow>& ops);
std::vector<OpRow> read_ops(const hdf5::Group& root);

void write_stalls(hdf5::Group& root, const std::vector<OpRow>& ops);
void read_stalls(const hdf5::Group& root, std::vector<OpRow>& ops);

// Energy of operators by part; nothing where power is not modelled.
void write_energy(hdf5::Group& root, const std::vector<OpRow>& ops);
void read_energy(const hdf5::Group& root, std::vector<OpRow>& ops);

void write_summary(hdf5::Group& root, const std::vector<SummaryValue>& summary);
std::vector<SummaryValue> read_summary(const hdf5::Group& root);

void write_counters(hdf5::Group& root, const std::vector<CounterRow>& counters);
std::vector<CounterRow> read_counters(const hdf5::Group& root);

void write_timeline(hdf5::Group& root, const std::vector<TimelineRow>& timeline);
std::vector<TimelineRow> read_timeline(const hdf5::Group& root);

void write_events(hdf5::Group& root, const RunRecord& record);
void read_events(const hdf5::Group& root, RunRecord& record);

void write_histograms(hdf5::Group& root, const std::vector<HistogramRow>& histograms);
std::vector<HistogramRow> read_histograms(const hdf5::Group& root);

// Loads of the network's links; nothing where there are none.
void write_links(hdf5::Group& root, const std::vector<LinkRow>& links);
std::vector<LinkRow> read_links(const hdf5::Group& root);

// `run_id` tells runs with equal content apart; it is not read back.
void write_provenance(hdf5::Group& root, const Provenance& provenance, const std::string& run_id);
Provenance read_provenance(const hdf5::Group& root);

}  // namespace orrery
