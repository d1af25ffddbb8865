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

// Of a pair's difference in one part, how much goes with the amount.
double due_to_amount(double a_fs, double b_fs, const Amount& amount) {
  if (amount.of_a > 0 && amount.of_b > 0) {
    return (amount.of_b - amount.of_a) * (a_fs / amount.of_a + b_fs / amount.of_b) / 2;
  }
  // Work that is only there in one: all of its time goes with it.
  return amount.of_a == amount.of_b ? 0 : b_fs - a_fs;
}

void add_pair(std::vector<WaterfallStep>& steps,
              const OpRow& a,
              const OpRow& b,
              const TimeParts& a_parts,
              const TimeParts& b_parts) {
  for (std::size_t i = 0; i < kTimePartCount; ++i) {
    WaterfallStep& step = steps[i];
    step.a_fs += a_parts[i];
    step.b_fs += b_parts[i];
    const Amount amount = amount_of(static_cast<TimePart>(i), a, b);
    if (*amount.unit != '\0') {
      const double by_amount_fs = due_to_amount(a_parts[i], b_parts[i], amount);
      step.amount_unit = amount.unit;
      step.amount_a += amount.of_a;
      step.amount_b += amount.of_b;
      step.by_amount_fs += by_amount_fs;
      step.by_rate_fs += b_parts[i] - a_parts[i] - by_amount_fs;
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
  const std::uint64_t a_clock_hz = highest_clock_hz(a);
  const std::uint64_t b_clock_hz = highest_clock_hz(b);
  for (const OpPair& pair : pairs) {
    if (pair.a && pair.b) {
      const OpRow& of_a = a.ops[*pair.a];
      const OpRow& of_b = b.ops[*pair.b];
      add_pair(steps, of_a, of_b, split_time(of_a, a_clock_hz), split_time(of_b, b_clock_hz));
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
