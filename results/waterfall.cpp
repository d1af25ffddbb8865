// SPDX-License-Identifier: Apache-2.0
#include "results/waterfall.h"

#include <algorithm>
#include <cmath>

#include "results/run_totals.h"

namespace orrery {

namespace {

double duration_fs(const OpRow& op) {
  return static_cast<double>(op.end_fs - op.start_fs);
}

// What a part's time is spent on; `unit` is "" where the record does not count it.
struct Amount {
  const char* unit;
  double of_a, of_b;
};

Amount amount_of(TimePart part, const OpRow& a, const OpRow& b) {
  const auto both = [&](const char* unit, auto count) {
    return Amount{unit, static_cast<double>(count(a)), static_cast<double>(count(b))};
  };
  switch (part) {
    case TimePart::kTensor:
      return both("FLOP", [](const OpRow& op) { return op.flop; });
    case TimePart::kLoadMemory:
      return both("byte", [](const OpRow& op) {
        return static_cast<double>(op.hbm_read_bytes) + static_cast<double>(op.hbm_write_bytes);
      });
    case TimePart::kLoadShared:
      return both("byte", [](const OpRow& op) { return op.shared_bytes; });
    case TimePart::kLoadNetwork:
      return both("byte", [](const OpRow& op) { return op.network_bytes; });
    case TimePart::kVector:
    case TimePart::kPower:
    case TimePart::kStore:
    case TimePart::kSync:
    case TimePart::kLaunch:
    case TimePart::kIdle:
    case TimePart::kUnaccounted:
      return {"", 0, 0};
  }
  return {"", 0, 0};
}

// Peaks of a run, in units of amounts a femtosecond; 0 where they are not known.
struct Peaks {
  explicit Peaks(const RunRecord& record) : clocks(core_clocks(record)) {
    constexpr double kSeconds = 1 / static_cast<double>(kFsPerSecond);
    memory = summary_value(record, "peak_hbm_bytes_per_s", 0) * kSeconds;
    if (clocks.rated_hz > 0) {  // stated at the rated clock
      tensor = summary_value(record, "peak_flop_per_s", 0) * kSeconds *
               static_cast<double>(clocks.highest_hz) / static_cast<double>(clocks.rated_hz);
    }
  }
  double of(TimePart part) const {
    return part == TimePart::kTensor ? tensor : part == TimePart::kLoadMemory ? memory : 0;
  }
  CoreClocks clocks;
  double tensor = 0, memory = 0;
};

// Adds a pair's difference in one part to its step.
void add_causes(WaterfallStep& step,
                double a_fs,
                double b_fs,
                const Amount& amount,
                double peak_a,
                double peak_b) {
  step.amount_unit = amount.unit;
  step.amount_a += amount.of_a;
  step.amount_b += amount.of_b;
  if (amount.of_a <= 0 || amount.of_b <= 0) {
    // Work that is only there in one: all of its time goes with it.
    (amount.of_a == amount.of_b ? step.by_rate_fs : step.by_amount_fs) += b_fs - a_fs;
    return;
  }
  const double unit_a_fs = a_fs / amount.of_a;
  const double unit_b_fs = b_fs / amount.of_b;
  const double by_amount_fs = (amount.of_b - amount.of_a) * (unit_a_fs + unit_b_fs) / 2;
  step.by_amount_fs += by_amount_fs;
  step.by_rate_fs += b_fs - a_fs - by_amount_fs;
  if (peak_a > 0 && peak_b > 0) {
    // Time a unit is the shortest possible times how far from that it is: the mean of the latter.
    const double longer = (unit_a_fs * peak_a + unit_b_fs * peak_b) / 2;
    step.by_peak_fs += (1 / peak_b - 1 / peak_a) * longer * (amount.of_a + amount.of_b) / 2;
  }
}

void add_pair(std::vector<WaterfallStep>& steps,
              const OpRow& a,
              const OpRow& b,
              const Peaks& a_peaks,
              const Peaks& b_peaks) {
  const TimeParts a_parts = split_time(a, a_peaks.clocks.highest_hz);
  const TimeParts b_parts = split_time(b, b_peaks.clocks.highest_hz);
  for (std::size_t i = 0; i < kTimePartCount; ++i) {
    const auto part = static_cast<TimePart>(i);
    steps[i].a_fs += a_parts[i];
    steps[i].b_fs += b_parts[i];
    const Amount amount = amount_of(part, a, b);
    if (*amount.unit != '\0') {
      add_causes(steps[i], a_parts[i], b_parts[i], amount, a_peaks.of(part), b_peaks.of(part));
    }
  }
}

// From the run's start to the end of its last operator, what belongs to none of them; negative
// where operators overlap.
double between_operators_fs(const std::vector<OpRow>& ops) {
  Femtoseconds end_fs = 0;
  double busy_fs = 0;
  for (const OpRow& op : ops) {
    end_fs = std::max(end_fs, op.end_fs);
    busy_fs += duration_fs(op);
  }
  return static_cast<double>(end_fs) - busy_fs;
}

}  // namespace

double Waterfall::explained() const {
  if (remainder_fs == 0) {
    return 1;
  }
  return 1 - std::abs(remainder_fs) / std::max(std::abs(difference_fs()), std::abs(remainder_fs));
}

Waterfall explain_difference(const RunRecord& a,
                             const RunRecord& b,
                             const std::vector<OpPair>& pairs) {
  Waterfall waterfall;
  waterfall.a_fs = static_cast<double>(total_time_fs(a));
  waterfall.b_fs = static_cast<double>(total_time_fs(b));
  std::vector<WaterfallStep> steps(kTimePartCount);
  for (std::size_t i = 0; i < kTimePartCount; ++i) {
    steps[i].name = name_of(static_cast<TimePart>(i));
  }
  WaterfallStep only_a;
  WaterfallStep only_b;
  WaterfallStep between;
  only_a.name = "only_a";
  only_b.name = "only_b";
  between.name = "between_operators";
  between.a_fs = between_operators_fs(a.ops);
  between.b_fs = between_operators_fs(b.ops);
  const Peaks a_peaks(a);
  const Peaks b_peaks(b);
  for (const OpPair& pair : pairs) {
    if (pair.a && pair.b) {
      add_pair(steps, a.ops[*pair.a], b.ops[*pair.b], a_peaks, b_peaks);
    } else if (pair.a) {
      only_a.a_fs += duration_fs(a.ops[*pair.a]);
    } else if (pair.b) {
      only_b.b_fs += duration_fs(b.ops[*pair.b]);
    }
  }
  for (WaterfallStep& step : steps) {
    // What is not accounted for explains nothing: it stays in the remainder.
    if (step.name != name_of(TimePart::kUnaccounted)) {
      waterfall.steps.push_back(std::move(step));
    }
  }
  waterfall.steps.insert(waterfall.steps.end(), {only_a, only_b, between});
  waterfall.remainder_fs = waterfall.difference_fs();
  for (const WaterfallStep& step : waterfall.steps) {
    waterfall.remainder_fs -= step.difference_fs();
  }
  // Sums of doubles: nothing below a femtosecond in 10^12 of the totals is a finding.
  if (std::abs(waterfall.remainder_fs) < 1e-12 * (waterfall.a_fs + waterfall.b_fs)) {
    waterfall.remainder_fs = 0;
  }
  return waterfall;
}

}  // namespace orrery
