// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <limits>

#include <hdf5_hl.h>

#include "results/hdf5_type.h"

// Columns: shapes, dimension scales, reading.
namespace orrery::hdf5 {

namespace {

constexpr std::uint64_t kMostChunkElements = 1ULL << 24;
constexpr std::size_t kMostTextBytes = std::size_t{1} << 30;

// Memory for the texts of one column. A small file can name one long text a million times, so the
// sum is bounded; HDF5 turns the null pointer into an error.
void* allocate_text(std::size_t bytes, void* used_bytes) {
  auto& used = *static_cast<std::size_t*>(used_bytes);
  if (bytes > kMostTextBytes - used) {
    return nullptr;
  }
  used += bytes;
  return std::malloc(bytes);
}

void free_text(void* text, void* /*unused*/) {
  std::free(text);
}

std::string shape_text(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  }
  return text + ")";
}

}  // namespace

std::size_t Dataset::element_count(const Shape& shape) {
  std::uint64_t count = 1;
  for (const std::uint64_t length : shape) {
    if (length != 0 && count > std::numeric_limits<std::uint64_t>::max() / length) {
      throw Error("shape " + shape_text(shape) + " is too large");
    }
    count *= length;
  }
  return count;
}

Shape Dataset::shape() const {
  const Handle space(H5Dget_space(handle_.id()), H5Sclose, "read " + path_);
  const int rank = H5Sget_simple_extent_ndims(space.id());
  check(rank, "read " + path_);
  std::vector<hsize_t> dims(static_cast<std::size_t>(rank));
  check(H5Sget_simple_extent_dims(space.id(), dims.data(), nullptr), "read " + path_);
  return {dims.begin(), dims.end()};
}

std::uint64_t Dataset::length(std::uint64_t most) const {
  const Shape found = shape();
  if (found.size() != 1 || found[0] > most) {
    throw Error("read " + path_ + ": shape " + shape_text(found) +
                " is not one dimension of at most " + std::to_string(most));
  }
  return found[0];
}

void Dataset::make_scale(const std::string& name) {
  check(H5DSset_scale(handle_.id(), name.c_str()), "make scale " + path_);
}

void Dataset::attach(const Dataset& scale, std::uint32_t dimension) {
  check(H5DSattach_scale(handle_.id(), scale.handle_.id(), dimension), "attach scale to " + path_);
}

// Chunks are inflated whole, so a hostile chunk shape is as bad as a hostile shape.
void Dataset::expect_shape(const Shape& expected) const {
  const Shape found = shape();
  if (found != expected) {
    throw Error("read " + path_ + ": shape " + shape_text(found) + ", expected " +
                shape_text(expected));
  }
  const Handle layout(H5Dget_create_plist(handle_.id()), H5Pclose, "read " + path_);
  if (H5Pget_layout(layout.id()) == H5D_CHUNKED) {
    std::vector<hsize_t> chunk(found.size());
    check(H5Pget_chunk(layout.id(), static_cast<int>(chunk.size()), chunk.data()), "read " + path_);
    if (element_count({chunk.begin(), chunk.end()}) > kMostChunkElements) {
      throw Error("read " + path_ + ": chunks are too large");
    }
  }
}

void Dataset::fill(Id type, const void* data) {
  check(H5Dwrite(handle_.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "write " + path_);
}

void Dataset::read_raw(ElementType type, void* data, const Shape& expected) const {
  expect_shape(expected);
  const Handle stored(H5Dget_type(handle_.id()), H5Tclose, "read " + path_);
  const H5T_class_t wanted = type == ElementType::kF64 ? H5T_FLOAT : H5T_INTEGER;
  if (H5Tget_class(stored.id()) != wanted) {
    throw Error("read " + path_ + ": wrong element type");
  }
  check(H5Dread(handle_.id(), memory_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data),
        "read " + path_);
}

std::vector<std::string> Dataset::read_text(const Shape& expected) const {
  const std::string doing = "read " + path_;
  expect_shape(expected);
  const Handle stored(H5Dget_type(handle_.id()), H5Tclose, doing);
  if (H5Tis_variable_str(stored.id()) <= 0) {
    throw Error(doing + ": expected text of variable length");
  }
  std::vector<char*> raw(element_count(expected), nullptr);
  std::size_t used_bytes = 0;
  const Handle transfer(H5Pcreate(H5P_DATASET_XFER), H5Pclose, doing);
  check(H5Pset_vlen_mem_manager(transfer.id(), allocate_text, &used_bytes, free_text, nullptr),
        doing);
  const Handle type = text_type();
  const herr_t status =
      H5Dread(handle_.id(), type.id(), H5S_ALL, H5S_ALL, transfer.id(), raw.data());
  std::vector<std::string> texts;
  if (status >= 0) {
    texts.reserve(raw.size());
    for (const char* const text : raw) {
      texts.emplace_back(text == nullptr ? "" : text);
    }
  }
  for (char* const text : raw) {
    std::free(text);
  }
  check(status, doing);
  return texts;
}

}  // namespace orrery::hdf5
