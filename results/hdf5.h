// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// The little of HDF5 that a result needs: groups, columns with dimension scales, text, attributes,
// in a file that lives in memory (results/whole_file.h brings it to disk, so that a full disk is
// an errno and not a library that cannot close its file).
//
// Columns are chunked, shuffled and deflated at level 1, in little-endian types of fixed width;
// object times are off: equal content gives equal bytes. Handles close themselves. Every failure
// is an Error with HDF5's own words.
namespace orrery::hdf5 {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

using Id = std::int64_t;  // hid_t
using Shape = std::vector<std::uint64_t>;

enum class ElementType : std::uint8_t { kU8, kU16, kU64, kF64 };

template <typename T>
constexpr ElementType element_type() {
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    return ElementType::kU8;
  } else if constexpr (std::is_same_v<T, std::uint16_t>) {
    return ElementType::kU16;
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    return ElementType::kU64;
  } else {
    static_assert(std::is_same_v<T, double>, "not a type of a column");
    return ElementType::kF64;
  }
}

// Owns one HDF5 identifier.
class Handle {
 public:
  using Close = int (*)(Id);
  // Throws Error "<doing>: <HDF5's words>" when `id` says failure.
  Handle(Id id, Close close, const std::string& doing);
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle();
  Id id() const { return id_; }

 private:
  Id id_;
  Close close_;
};

// A group or a dataset: something with attributes.
class Object {
 public:
  void set(const std::string& name, const std::string& value);
  void set(const std::string& name, const char* value) { set(name, std::string(value)); }
  void set(const std::string& name, std::uint64_t value);
  void set(const std::string& name, double value);
  void set(const std::string& name, const std::vector<std::uint16_t>& values);

  bool has(const std::string& name) const;
  std::string text(const std::string& name) const;
  std::uint64_t integer(const std::string& name) const;
  double number(const std::string& name) const;
  std::vector<std::uint16_t> codes(const std::string& name) const;  // at most 65536

 protected:
  Object(Handle handle, std::string path) : handle_(std::move(handle)), path_(std::move(path)) {}
  void write_attribute(const std::string& name, ElementType type, const void* data, const Shape&);
  void read_attribute(const std::string& name, ElementType type, void* data) const;

  Handle handle_;
  std::string path_;  // for messages
};

class Dataset : public Object {
 public:
  Dataset(Handle handle, std::string path) : Object(std::move(handle), std::move(path)) {}

  Shape shape() const;
  // The length of a column of one dimension. Throws when it has more dimensions or is longer than
  // `most`: what a file claims must not decide how much memory is taken.
  std::uint64_t length(std::uint64_t most) const;

  // Makes this column the dimension scale `name`, or attaches a scale to a dimension of it.
  void make_scale(const std::string& name);
  void attach(const Dataset& scale, std::uint32_t dimension);

  // Throw when shape or type is not the one expected.
  template <typename T>
  std::vector<T> read(const Shape& expected) const {
    std::vector<T> values(element_count(expected));
    read_raw(element_type<T>(), values.data(), expected);
    return values;
  }
  std::vector<std::string> read_text(const Shape& expected) const;

  // Throws when the product overflows.
  static std::size_t element_count(const Shape& shape);

 private:
  friend class Group;
  void fill(Id type, const void* data);
  void expect_shape(const Shape& expected) const;
  void read_raw(ElementType type, void* data, const Shape& expected) const;
};

class Group : public Object {
 public:
  Group(Handle handle, std::string path) : Object(std::move(handle), std::move(path)) {}

  Group create_group(const std::string& name);
  Group group(const std::string& name) const;
  Dataset dataset(const std::string& name) const;
  bool contains(const std::string& name) const;
  std::vector<std::string> names() const;  // in the order of creation; throws past 4096

  // An empty shape is a scalar. Throw when the name is taken or cannot be one.
  template <typename T>
  Dataset write(const std::string& name, const std::vector<T>& values, const Shape& shape) {
    if (values.size() != Dataset::element_count(shape)) {
      throw Error("write " + path_ + name + ": the shape does not fit the values");
    }
    return write_raw(name, element_type<T>(), values.data(), shape);
  }
  template <typename T>
  Dataset write(const std::string& name, const std::vector<T>& values) {
    return write(name, values, {values.size()});
  }
  // A column without values, of zeros that take no room.
  template <typename T>
  Dataset declare(const std::string& name, const Shape& shape) {
    return create_dataset(name, element_type<T>(), shape);
  }
  Dataset write_text(const std::string& name, const std::vector<std::string>& values);
  Dataset write_text(const std::string& name, const std::string& value);

 private:
  Dataset write_raw(const std::string& name, ElementType type, const void* data, const Shape&);
  Dataset create_dataset(const std::string& name, Id type, const Shape& shape);
  Dataset create_dataset(const std::string& name, ElementType type, const Shape& shape);
  Dataset write_strings(const std::string& name, const std::vector<const char*>&, const Shape&);
};

class File {
 public:
  static File create();
  // Throws Error when the bytes are not an HDF5 file or stop too early. `image` may go afterwards.
  static File open(const std::vector<std::byte>& image);

  Group root() const;
  std::vector<std::byte> image() const;  // the whole file, flushed

 private:
  explicit File(Handle handle) : handle_(std::move(handle)) {}
  Handle handle_;
};

}  // namespace orrery::hdf5
