// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace.h"

#include <rapidcheck.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/config_node.h"
#include "workloads/operator_kind.h"
#include "workloads/tensor_allocator.h"
#include "workloads/trace_csv.h"
#include "workloads/trace_yaml.h"

namespace orrery {
namespace {

std::uint64_t size(std::uint64_t most = 64) {
  return *rc::gen::inRange<std::uint64_t>(1, most + 1);
}

Dtype any_dtype() {
  return static_cast<Dtype>(*rc::gen::inRange<std::size_t>(0, kDtypeCount));
}

std::string any_name(std::size_t index) {
  const auto letters =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab,\"'\\:#-[]{}&*!~.x")));
  return "n" + letters + std::to_string(index);
}

TraceRow any_row(const std::vector<TraceRow>& earlier) {
  TraceRow row;
  const OperatorKind kind = *rc::gen::elementOf(operator_kinds());
  row.op.name = any_name(earlier.size());
  row.op.kind = kind.name;
  row.op.dtype = any_dtype();
  row.op.output_dtype = any_dtype();
  row.repeat = size(3);
  for (const TraceRow& other : earlier) {
    if (*rc::gen::inRange(0, 4) == 0) {
      row.depends_on.push_back(other.op.name);
    }
  }
  const std::uint64_t groups = size(4);
  const std::uint64_t kv_heads = size(4);
  if (kind.family == ShapeFamily::kGemm) {
    row.op.shape = GemmShape{kind.name == "gemm" ? 1 : size(4), size(), size(), size()};
  } else if (kind.family == ShapeFamily::kAttention) {
    const std::uint64_t queries = size();
    row.op.shape = AttentionShape{size(4),
                                  queries,
                                  queries + size(),
                                  groups * kv_heads,
                                  kv_heads,
                                  size(),
                                  *rc::gen::arbitrary<bool>(),
                                  any_dtype()};
  } else {
    RowwiseShape shape{kind.rowwise, size(), size()};
    if (kind.rowwise == RowwiseKind::kEmbedding) {
      shape.table_rows = size();
    }
    if (kind.rowwise == RowwiseKind::kRotary) {
      shape.heads = groups * kv_heads;
      shape.kv_heads = kv_heads;
      shape.head_dim = size();
      shape.columns = (shape.heads + 2 * kv_heads) * shape.head_dim;
      row.cache = {shape.rows + size(), any_dtype()};
    }
    row.op.shape = shape;
  }
  return row;
}

Trace any_trace() {
  Trace trace{"t", *rc::gen::arbitrary<bool>(), {}};
  const std::size_t rows = *rc::gen::inRange<std::size_t>(1, 12);
  for (std::size_t i = 0; i < rows; ++i) {
    trace.rows.push_back(any_row(trace.rows));
  }
  return trace;
}

// Everything of an operator but its tensors.
std::string text_of(const Operator& op) {
  std::string text = op.name + " " + shape_text(op) + " " + std::string(name_of(op.dtype)) + " " +
                     std::string(name_of(op.output_dtype)) + " " + std::to_string(op.flop());
  for (const std::uint32_t index : op.depends_on) {
    text += " " + std::to_string(index);
  }
  return text;
}

void expect_same(const Workload& a, const Workload& b) {
  RC_ASSERT(a.operators.size() == b.operators.size());
  for (std::size_t i = 0; i < a.operators.size(); ++i) {
    RC_ASSERT(text_of(a.operators[i]) == text_of(b.operators[i]));
    RC_ASSERT(a.operators[i].inputs == b.operators[i].inputs);
    RC_ASSERT(a.operators[i].outputs == b.operators[i].outputs);
  }
  RC_ASSERT(a.tensors.size() == b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    RC_ASSERT(a.tensors[i].name == b.tensors[i].name);
    RC_ASSERT(a.tensors[i].address == b.tensors[i].address);
    RC_ASSERT(a.tensors[i].bytes() == b.tensors[i].bytes());
  }
}

TEST(TraceProperty, CsvReadsBackAsItWasWritten) {
  const bool ok = rc::check([] {
    const Trace trace = any_trace();
    const std::string text = write_trace_csv(trace);
    expect_same(build_workload(trace), build_workload(parse_trace_csv(text, "t.csv")));
  });
  EXPECT_TRUE(ok);
}

TEST(TraceProperty, YamlReadsBackAsItWasWritten) {
  const bool ok = rc::check([] {
    const Trace trace = any_trace();
    const Trace again = read_trace_yaml(parse_config(write_trace_yaml(trace), "t.yaml"), "");
    RC_ASSERT(again.name == trace.name);
    RC_ASSERT(again.warm_caches == trace.warm_caches);
    expect_same(build_workload(trace), build_workload(again));
  });
  EXPECT_TRUE(ok);
}

TEST(TraceProperty, ExpandedOperatorsReadBackAsATraceOfTheirOwn) {
  const bool ok = rc::check([] {
    const Workload work = build_workload(any_trace());
    const Workload again =
        build_workload(parse_trace_csv(write_trace_csv(trace_of(work)), "t.csv"));
    RC_ASSERT(again.operators.size() == work.operators.size());
    for (std::size_t i = 0; i < work.operators.size(); ++i) {
      RC_ASSERT(text_of(again.operators[i]) == text_of(work.operators[i]));
    }
  });
  EXPECT_TRUE(ok);
}

TEST(TraceProperty, DependenciesPointBackAndTensorsLieApart) {
  const bool ok = rc::check([] {
    const Workload work = build_workload(any_trace());
    for (std::uint32_t i = 0; i < work.operators.size(); ++i) {
      for (const std::uint32_t index : work.operators[i].depends_on) {
        RC_ASSERT(index < i);
      }
    }
    std::uint64_t sum = 0;
    std::uint64_t end = 0;
    for (const Tensor& tensor : work.tensors) {
      sum += tensor.bytes();
      end = std::max(end, tensor.address + tensor.bytes());
    }
    RC_ASSERT(end <= memory_need(work).total_bytes());
    RC_ASSERT(sum <= memory_need(work).total_bytes());
  });
  EXPECT_TRUE(ok);
}

TEST(TraceProperty, DamagedTextIsReadOrRefusedButNeverMore) {
  const bool ok = rc::check([] {
    std::string text = write_trace_csv(any_trace());
    const std::size_t place = *rc::gen::inRange<std::size_t>(0, text.size());
    text[place] = *rc::gen::elementOf(std::string(",\"\n\r;0-~x"));
    try {
      build_workload(parse_trace_csv(text, "t.csv"));
    } catch (const InputError& error) {
      RC_ASSERT(std::string(error.what()).starts_with("t.csv:"));
    }
  });
  EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace orrery
