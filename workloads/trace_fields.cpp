// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace_fields.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <optional>
#include <utility>

#include "sim/config_node.h"
#include "workloads/checked_math.h"
#include "workloads/operator_kind.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kLongestName = 200;

// What a kind takes beside name, kind, dtype, output_dtype, depends_on and repeat.
std::vector<std::string> columns_of(const OperatorKind& kind) {
  switch (kind.family) {
    case ShapeFamily::kGemm:
      return kind.name == "gemm" ? std::vector<std::string>{"m", "n", "k"}
                                 : std::vector<std::string>{"batch", "m", "n", "k"};
    case ShapeFamily::kAttention:
      return {"batch", "heads", "kv_heads", "seq_q", "seq_kv", "head_dim", "causal", "kv_dtype"};
    case ShapeFamily::kRowwise:
      break;
  }
  switch (kind.rowwise) {
    case RowwiseKind::kRotary:
      return {"batch", "heads", "kv_heads", "seq_kv", "head_dim", "rows", "kv_dtype"};
    case RowwiseKind::kEmbedding:
      return {"rows", "columns", "table_rows"};
    case RowwiseKind::kRmsNorm:
    case RowwiseKind::kLayerNorm:
    case RowwiseKind::kSiluGate:
    case RowwiseKind::kGeluGate:
    case RowwiseKind::kResidualAdd:
    case RowwiseKind::kQuantize:
      return {"rows", "columns"};
  }
  return {};
}

class RowReader {
 public:
  explicit RowReader(const TraceFields& fields) : fields_(fields) {}

  TraceRow read() {
    TraceRow row;
    row.location = fields_.location();
    row.op.name = read_name();
    const OperatorKind kind = read_kind();
    row.op.kind = kind.name;
    refuse_foreign_columns(kind);
    row.op.dtype = dtype("dtype", Dtype::kBf16);
    const bool narrow = bits_of(row.op.dtype) < 16;
    row.op.output_dtype = dtype("output_dtype", narrow ? Dtype::kBf16 : row.op.dtype);
    if (row.op.kind == "quantize" && !fields_.has("output_dtype")) {
      fields_.fail("kind", "quantize needs 'output_dtype'");
    }
    read_shape(kind, row);
    if (fields_.has("depends_on")) {
      row.depends_on = fields_.names("depends_on");
    }
    row.repeat = fields_.has("repeat") ? fields_.integer("repeat", 1, kMaxTraceOperators) : 1;
    return row;
  }

 private:
  std::string read_name() const {
    std::string name = fields_.text("name");
    const bool odd = std::any_of(name.begin(), name.end(), [](char c) {
      return c == ';' || (c >= '\0' && c < ' ') || c == '\x7f';
    });
    if (odd || name.size() > kLongestName || name.front() == ' ' || name.back() == ' ') {
      fields_.fail("name", fmt::format("'name' has a ';', a line break or a blank at an end, or "
                                       "more than {} characters",
                                       kLongestName));
    }
    return name;
  }

  OperatorKind read_kind() const {
    const std::string name = fields_.text("kind");
    const std::optional<OperatorKind> kind = operator_kind_from(name);
    if (!kind) {
      const std::string near = suggest(name, operator_kind_names());
      fields_.fail("kind", fmt::format("kind '{}' is not known, expected one of: {}{}{}", name,
                                       fmt::join(operator_kind_names(), ", "),
                                       near.empty() ? "" : "; ", near));
    }
    return *kind;
  }

  void refuse_foreign_columns(const OperatorKind& kind) const {
    static const std::vector<std::string> common{"name",         "kind",       "dtype",
                                                 "output_dtype", "depends_on", "repeat"};
    const std::vector<std::string> own = columns_of(kind);
    for (const std::string& column : trace_columns()) {
      if (fields_.has(column) && std::find(own.begin(), own.end(), column) == own.end() &&
          std::find(common.begin(), common.end(), column) == common.end()) {
        fields_.fail(column, fmt::format("{} has no '{}', it takes: {}", kind.name, column,
                                         fmt::join(own, ", ")));
      }
    }
  }

  Dtype dtype(const char* column, Dtype otherwise) const {
    if (!fields_.has(column)) {
      return otherwise;
    }
    const std::string name = fields_.text(column);
    const std::optional<Dtype> found = dtype_from(name);
    if (!found) {
      std::vector<std::string> names;
      for (const DtypeInfo& info : kDtypes) {
        names.emplace_back(info.name);
      }
      fields_.fail(column, fmt::format("'{}' is '{}', expected one of: {}", column, name,
                                       fmt::join(names, ", ")));
    }
    return *found;
  }

  std::uint64_t size(const char* column) const { return fields_.integer(column, 1, kMost); }
  std::uint64_t size(const char* column, std::uint64_t otherwise) const {
    return fields_.has(column) ? size(column) : otherwise;
  }

  void read_shape(const OperatorKind& kind, TraceRow& row) const {
    switch (kind.family) {
      case ShapeFamily::kGemm:
        row.op.shape = GemmShape{size("batch", 1), size("m"), size("n"), size("k")};
        return;
      case ShapeFamily::kAttention:
        row.op.shape = read_attention(row.op.dtype);
        return;
      case ShapeFamily::kRowwise:
        read_rowwise(kind.rowwise, row);
        return;
    }
  }

  AttentionShape read_attention(Dtype q_dtype) const {
    AttentionShape shape;
    shape.batch = size("batch", 1);
    shape.seq_q = size("seq_q");
    shape.seq_kv = size("seq_kv", shape.seq_q);
    shape.heads = size("heads");
    shape.kv_heads = size("kv_heads", shape.heads);
    shape.head_dim = size("head_dim");
    shape.causal = !fields_.has("causal") || fields_.flag("causal");
    shape.kv_dtype = dtype("kv_dtype", q_dtype);
    return shape;
  }

  void read_rowwise(RowwiseKind kind, TraceRow& row) const {
    RowwiseShape shape{kind, size("rows")};
    if (kind == RowwiseKind::kRotary) {
      shape.heads = size("heads");
      shape.kv_heads = size("kv_heads", shape.heads);
      shape.head_dim = size("head_dim");
      shape.columns = product("heads", qkv_heads(shape), shape.head_dim);
      row.cache.rows =
          fields_.has("seq_kv") ? product("seq_kv", size("batch", 1), size("seq_kv")) : shape.rows;
      row.cache.dtype = dtype("kv_dtype", row.op.dtype);
      if (row.cache.rows < shape.rows) {
        fields_.fail("rows", fmt::format("{} rows do not fit a cache of {}, batch x seq_kv",
                                         shape.rows, row.cache.rows));
      }
    } else {
      shape.columns = size("columns");
    }
    if (kind == RowwiseKind::kEmbedding) {
      shape.table_rows = size("table_rows");
    }
    row.op.shape = shape;
  }

  std::uint64_t qkv_heads(const RowwiseShape& shape) const {
    return checked_sum(shape.heads, product("kv_heads", 2, shape.kv_heads)).value_or(kMost);
  }

  std::uint64_t product(const char* column, std::uint64_t a, std::uint64_t b) const {
    const auto result = checked_product({a, b});
    if (!result) {
      fields_.fail(column, fmt::format("{} x {} exceeds 64 bits", a, b));
    }
    return *result;
  }

  const TraceFields& fields_;
};

class CellWriter {
 public:
  std::vector<TraceCell> write(const TraceRow& row) {
    text("name", row.op.name);
    text("kind", row.op.kind);
    row_ = &row;
    std::visit(*this, row.op.shape);
    text("dtype", std::string(name_of(row.op.dtype)));
    text("output_dtype", std::string(name_of(row.op.output_dtype)));
    if (!row.depends_on.empty()) {
      cells_.push_back({"depends_on", row.depends_on});
    }
    if (row.repeat != 1) {
      size("repeat", row.repeat);
    }
    return in_order();
  }

  void operator()(const GemmShape& s) {
    if (row_->op.kind != "gemm") {
      size("batch", s.batch);
    }
    size("m", s.m);
    size("n", s.n);
    size("k", s.k);
  }
  void operator()(const AttentionShape& s) {
    size("batch", s.batch);
    size("heads", s.heads);
    size("kv_heads", s.kv_heads);
    size("seq_q", s.seq_q);
    size("seq_kv", s.seq_kv);
    size("head_dim", s.head_dim);
    text("causal", s.causal ? "true" : "false");
    text("kv_dtype", std::string(name_of(s.kv_dtype)));
  }
  void operator()(const RowwiseShape& s) {
    size("rows", s.rows);
    if (s.kind == RowwiseKind::kRotary) {
      size("heads", s.heads);
      size("kv_heads", s.kv_heads);
      size("head_dim", s.head_dim);
      size("seq_kv", row_->cache.rows);
      text("kv_dtype", std::string(name_of(row_->cache.dtype)));
      return;
    }
    size("columns", s.columns);
    if (s.kind == RowwiseKind::kEmbedding) {
      size("table_rows", s.table_rows);
    }
  }

 private:
  void text(const char* column, std::string value) {
    cells_.push_back({column, {std::move(value)}});
  }
  void size(const char* column, std::uint64_t value) { text(column, std::to_string(value)); }

  std::vector<TraceCell> in_order() {
    const auto rank = [](const TraceCell& cell) {
      const auto& columns = trace_columns();
      return std::find(columns.begin(), columns.end(), cell.column) - columns.begin();
    };
    std::stable_sort(cells_.begin(), cells_.end(),
                     [&](const TraceCell& a, const TraceCell& b) { return rank(a) < rank(b); });
    return std::move(cells_);
  }

  const TraceRow* row_ = nullptr;
  std::vector<TraceCell> cells_;
};

}  // namespace

const std::vector<std::string>& trace_columns() {
  static const std::vector<std::string> columns{
      "name",     "kind",     "batch",        "m",          "n",
      "k",        "heads",    "kv_heads",     "seq_q",      "seq_kv",
      "head_dim", "causal",   "rows",         "columns",    "table_rows",
      "dtype",    "kv_dtype", "output_dtype", "depends_on", "repeat"};
  return columns;
}

TraceRow read_trace_row(const TraceFields& fields) {
  return RowReader(fields).read();
}

std::vector<TraceCell> trace_cells(const TraceRow& row) {
  return CellWriter().write(row);
}

}  // namespace orrery
