// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workloads/model_expansion.h"
#include "workloads/operator_kind.h"
#include "workloads/trace_csv.h"
#include "workloads/trace_yaml.h"

namespace orrery {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kGemmHeader = "name,kind,m,n,k,dtype,depends_on,repeat\n";

Workload from_csv(const std::string& text) {
  return build_workload(parse_trace_csv(text, "t.csv"));
}
Workload from_yaml(const std::string& text) {
  return build_workload(read_trace_yaml(parse_config(text, "t.yaml"), "t"));
}

template <typename Make>
std::string error_of(Make&& make, const std::string& text) {
  try {
    make(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}
std::string csv_error(const std::string& text) {
  return error_of(from_csv, text);
}
std::string yaml_error(const std::string& text) {
  return error_of(from_yaml, text);
}

std::vector<std::string> summary(const Workload& work) {
  std::vector<std::string> out;
  for (const Operator& op : work.operators) {
    out.push_back(op.name + " " + shape_text(op));
  }
  return out;
}

TEST(TraceTest, CsvRowsBecomeOperators) {
  const Workload work = from_csv(
      "name,kind,batch,m,n,k,heads,kv_heads,seq_q,seq_kv,head_dim,rows,columns,table_rows,dtype\n"
      "g,gemm,,4,5,6,,,,,,,,,fp16\n"
      "b,batched_gemm,2,4,5,6,,,,,,,,,\n"
      "a,attention,2,,,,8,4,3,9,64,,,,\n"
      "e,embedding,,,,,,,,,,7,8,99,\n");
  EXPECT_THAT(summary(work),
              ElementsAre("g gemm 4x5x6", "b batched_gemm 2x4x5x6",
                          "a attention 2x3x9, 8 heads on 4 of 64", "e embedding 7x8 of 99"));
  EXPECT_EQ(work.name, "t");
  EXPECT_EQ(work.operators[0].dtype, Dtype::kFp16);
  EXPECT_EQ(work.operators[0].output_dtype, Dtype::kFp16);
  EXPECT_EQ(work.operators[1].dtype, Dtype::kBf16);
}

TEST(TraceTest, YamlSaysTheSameAsCsv) {
  const Workload csv = from_csv(kGemmHeader + "a,gemm,4,6,6,fp8,,\nb,gemm,4,5,6,,a,2\n");
  const Workload yaml = from_yaml(
      "operators:\n"
      "  - {name: a, kind: gemm, m: 4, n: 6, k: 6, dtype: fp8}\n"
      "  - {name: b, kind: gemm, m: 4, n: 5, k: 6, depends_on: [a], repeat: 2}\n");
  EXPECT_EQ(write_trace_csv(trace_of(csv)), write_trace_csv(trace_of(yaml)));
}

TEST(TraceTest, AttentionDefaultsAreSelfAttentionWithoutGroups) {
  const Workload work = from_yaml(
      "operators: [{name: a, kind: attention, heads: 8, seq_q: 5, head_dim: 64, dtype: fp16}]");
  const auto& shape = std::get<AttentionShape>(work.operators[0].shape);
  EXPECT_EQ(shape.batch, 1U);
  EXPECT_EQ(shape.seq_kv, 5U);
  EXPECT_EQ(shape.kv_heads, 8U);
  EXPECT_TRUE(shape.causal);
  EXPECT_EQ(shape.kv_dtype, Dtype::kFp16);
}

TEST(TraceTest, NarrowDtypesWriteBf16UnlessToldOtherwise) {
  const Workload work = from_yaml(
      "operators:\n"
      "  - {name: a, kind: gemm, m: 4, n: 4, k: 4, dtype: fp8}\n"
      "  - {name: b, kind: gemm, m: 4, n: 4, k: 4, dtype: fp8, output_dtype: fp32}\n");
  EXPECT_EQ(work.operators[0].output_dtype, Dtype::kBf16);
  EXPECT_EQ(work.operators[1].output_dtype, Dtype::kFp32);
  EXPECT_EQ(work.tensors[work.operators[1].outputs[0]].dtype, Dtype::kFp32);
}

TEST(TraceTest, AnInputIsTheOutputItDependsOnWhereShapesAgree) {
  const Workload work =
      from_csv(kGemmHeader + "a,gemm,4,6,8,,,\nb,gemm,4,5,6,,a,\nc,gemm,4,5,7,,a,\n");
  EXPECT_EQ(work.operators[1].inputs[0], work.operators[0].outputs[0]);
  EXPECT_NE(work.operators[2].inputs[0], work.operators[0].outputs[0]);
  EXPECT_THAT(work.operators[2].depends_on, ElementsAre(0));
}

TEST(TraceTest, ALayersTensorsAreFoundAgain) {
  const Workload work = from_yaml(
      "operators:\n"
      "  - {name: qkv, kind: gemm, m: 6, n: 256, k: 128}\n"
      "  - {name: rotary, kind: rotary, rows: 6, heads: 2, kv_heads: 1, head_dim: 64, batch: 2,"
      " seq_kv: 9, kv_dtype: fp8, depends_on: [qkv]}\n"
      "  - {name: att, kind: attention, batch: 2, heads: 2, kv_heads: 1, seq_q: 3, seq_kv: 9,"
      " head_dim: 64, kv_dtype: fp8, depends_on: [rotary]}\n"
      "  - {name: o, kind: gemm, m: 6, n: 128, k: 128, depends_on: [att]}\n"
      "  - {name: add, kind: residual_add, rows: 6, columns: 128, depends_on: [att, o]}\n");
  const auto& ops = work.operators;
  EXPECT_EQ(ops[1].inputs, ops[0].outputs);
  EXPECT_EQ(ops[1].outputs[0], ops[1].inputs[0]);  // in place
  EXPECT_EQ(ops[2].inputs, ops[1].outputs);        // q, k cache, v cache
  EXPECT_EQ(work.tensors[ops[2].inputs[1]].rows, 18U);
  EXPECT_THAT(ops[4].inputs, ElementsAre(ops[2].outputs[0], ops[3].outputs[0]));
}

TEST(TraceTest, RepetitionsHaveTheirOwnWeightsAndTheSameActivations) {
  const Workload work = from_csv(kGemmHeader + "g,gemm,4,6,8,,,3\nh,gemm,4,5,6,,g,\n");
  EXPECT_THAT(summary(work),
              ElementsAre("g#0 gemm 4x6x8", "g#1 gemm 4x6x8", "g#2 gemm 4x6x8", "h gemm 4x5x6"));
  const auto& ops = work.operators;
  EXPECT_EQ(ops[0].inputs[0], ops[2].inputs[0]);
  EXPECT_NE(ops[0].inputs[1], ops[2].inputs[1]);
  EXPECT_EQ(ops[0].outputs, ops[2].outputs);
  EXPECT_THAT(ops[2].depends_on, ElementsAre(1));
  EXPECT_THAT(ops[3].depends_on, ElementsAre(2));
}

TEST(TraceTest, RepetitionsHaveTheirOwnKvCaches) {
  const Workload work = from_yaml(
      "operators: [{name: a, kind: attention, heads: 2, seq_q: 4, head_dim: 64, repeat: 2}]");
  const auto& ops = work.operators;
  EXPECT_EQ(ops[0].inputs[0], ops[1].inputs[0]);
  EXPECT_NE(ops[0].inputs[1], ops[1].inputs[1]);
  EXPECT_NE(ops[0].inputs[2], ops[1].inputs[2]);
}

TEST(TraceTest, BadRowsAreLocatedInCsv) {
  EXPECT_THAT(csv_error("name,kind\n"), StartsWith("t.csv: has no rows"));
  EXPECT_THAT(csv_error("name,kind,mm\n"), StartsWith("t.csv:1:11: unknown column 'mm'"));
  EXPECT_THAT(csv_error("name,m\n"), StartsWith("t.csv:1:1: missing column 'kind'"));
  EXPECT_THAT(
      csv_error(kGemmHeader + "g,gem,4,5,6,,,\n"),
      AllOf(StartsWith("t.csv:2:3: kind 'gem' is not known"), HasSubstr("did you mean 'gemm'?")));
  EXPECT_THAT(csv_error(kGemmHeader + "g,gemm,4,0,6,,,\n"), StartsWith("t.csv:2:10: 'n' is '0'"));
  EXPECT_THAT(csv_error(kGemmHeader + "g,gemm,4,,6,,,\n"), StartsWith("t.csv:2:10: 'n' has no"));
  EXPECT_THAT(csv_error(kGemmHeader + "g,gemm,4,5,6,bf17,,\n"),
              StartsWith("t.csv:2:14: 'dtype' is 'bf17', expected one of: fp32"));
  EXPECT_THAT(csv_error(kGemmHeader + ",gemm,4,5,6,,,\n"), StartsWith("t.csv:2:1: 'name' has no"));
  EXPECT_THAT(csv_error(kGemmHeader + "a;b,gemm,4,5,6,,,\n"),
              StartsWith("t.csv:2:1: 'name' has a ';'"));
  EXPECT_THAT(csv_error(kGemmHeader + "n,rms_norm,4,5,6,,,\n"),
              StartsWith("t.csv:2:12: rms_norm has no 'm', it takes: rows, columns"));
  EXPECT_THAT(csv_error("name,kind,rows,columns\nq,quantize,4,5\n"),
              HasSubstr("quantize needs 'output_dtype'"));
}

TEST(TraceTest, DependenciesMustNameEarlierRows) {
  EXPECT_THAT(
      csv_error(kGemmHeader + "norm,gemm,4,5,6,,,\nb,gemm,4,5,6,,nrom,\n"),
      AllOf(StartsWith("t.csv:3:1: depends_on names 'nrom'"), HasSubstr("did you mean 'norm'?")));
  EXPECT_THAT(csv_error(kGemmHeader + "a,gemm,4,5,6,,a,\n"), HasSubstr("no earlier row"));
  EXPECT_THAT(csv_error(kGemmHeader + "a,gemm,4,5,6,,x;;y,\n"), HasSubstr("empty name"));
  EXPECT_THAT(csv_error(kGemmHeader + "a,gemm,4,5,6,,,\na,gemm,4,5,6,,,\n"),
              StartsWith("t.csv:3:1: duplicate name 'a'"));
  EXPECT_THAT(csv_error(kGemmHeader + "a#1,gemm,4,5,6,,,\na,gemm,4,5,6,,,2\n"),
              HasSubstr("duplicate name 'a#1'"));
}

TEST(TraceTest, RepetitionsAreBounded) {
  EXPECT_THAT(csv_error(kGemmHeader + "a,gemm,4,5,6,,,1000001\n"), HasSubstr("'repeat' is"));
  EXPECT_THAT(csv_error(kGemmHeader + "a,gemm,4,5,6,,,0\n"), HasSubstr("'repeat' is '0'"));
  EXPECT_THAT(csv_error(kGemmHeader + "a,gemm,4,5,6,,,2\nb,gemm,4,5,6,,,999999\n"),
              StartsWith("t.csv:3:1: more than 1000000 operators"));
}

TEST(TraceTest, ShapesThatOverflowAreLocated) {
  EXPECT_THAT(csv_error(kGemmHeader + "big,gemm,4294967295,4294967295,4294967295,,,\n"),
              AllOf(StartsWith("t.csv:2:1: operator 'big'"), HasSubstr("exceed 64 bits")));
  EXPECT_THAT(csv_error(kGemmHeader + "big,gemm,18446744073709551615,1,1,,,\n"),
              AllOf(StartsWith("t.csv:2:1:"), HasSubstr("64 bits")));
  EXPECT_THAT(csv_error(kGemmHeader + "big,gemm,18446744073709551616,1,1,,,\n"),
              StartsWith("t.csv:2:10: 'm' is"));
}

TEST(TraceTest, BadOperatorsAreLocatedInYaml) {
  EXPECT_THAT(yaml_error("operators: []"), HasSubstr("no operators"));
  EXPECT_THAT(yaml_error("operators: [5]"), HasSubstr("expected an operator"));
  EXPECT_THAT(yaml_error("operators:\n  - name: a\n    kind: gemm\n    heds: 3\n"),
              AllOf(StartsWith("t.yaml:4:5: unknown key 'heds'"), HasSubstr("'heads'")));
  EXPECT_THAT(yaml_error("operators:\n  - name: a\n    kind: gemm\n    heads: 3\n"),
              StartsWith("t.yaml:4:12: gemm has no 'heads', it takes: m, n, k"));
  EXPECT_THAT(yaml_error("operators:\n  - name: a\n    kind: gemm\n    m: 3\n"),
              HasSubstr("missing key 'n'"));
  EXPECT_THAT(yaml_error("opertors: []\n"), HasSubstr("operators"));
  EXPECT_THAT(yaml_error("caches: hot\noperators: [{name: a, kind: gemm, m: 1, n: 1, k: 1}]\n"),
              HasSubstr("'caches' is 'hot', expected one of: cold, warm"));
}

TEST(TraceTest, WarmCachesAreSaidInYaml) {
  const std::string op = "operators: [{name: a, kind: gemm, m: 1, n: 1, k: 1}]\n";
  EXPECT_FALSE(from_yaml(op).warm_caches);
  EXPECT_TRUE(from_yaml("caches: warm\n" + op).warm_caches);
}

TEST(TraceTest, AModelsStepSurvivesBothFormats) {
  const ModelShape model = load_model(find_model("llama-3.1-8b", ORRERY_SOURCE_DIR "/configs"));
  ModelRun run{.phase = Phase::kDecode, .batch = 4, .context = 100};
  run.dtype = Dtype::kFp8;
  run.kv_dtype = Dtype::kFp8;
  const Workload work = expand(model, run);
  const std::string csv = write_trace_csv(trace_of(work));
  const Workload again = from_csv(csv);
  EXPECT_EQ(summary(again), summary(work));
  EXPECT_EQ(write_trace_csv(trace_of(again)), csv);
  const Workload yaml = from_yaml(write_trace_yaml(trace_of(work)));
  EXPECT_EQ(write_trace_csv(trace_of(yaml)), csv);
  for (std::size_t i = 0; i < work.operators.size(); ++i) {
    EXPECT_EQ(again.operators[i].depends_on, work.operators[i].depends_on);
    EXPECT_EQ(again.operators[i].output_dtype, work.operators[i].output_dtype);
    EXPECT_EQ(again.operators[i].flop(), work.operators[i].flop());
  }
}

}  // namespace
}  // namespace orrery
