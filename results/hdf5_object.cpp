// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "results/hdf5_type.h"

// Attributes.
namespace orrery::hdf5 {

namespace {

Handle open_attribute(Id object, const std::string& name, const std::string& path) {
  return Handle(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose,
                "read attribute " + path + "@" + name);
}

std::uint64_t attribute_length(const Handle& attribute, const std::string& doing) {
  const Handle space(H5Aget_space(attribute.id()), H5Sclose, doing);
  const hssize_t points = H5Sget_simple_extent_npoints(space.id());
  check(points < 0 ? -1 : 0, doing);
  return static_cast<std::uint64_t>(points);
}

}  // namespace

void Object::write_attribute(const std::string& name,
                             ElementType type,
                             const void* data,
                             const Shape& shape) {
  const std::string doing = "write attribute " + path_ + "@" + name;
  const Handle space = make_space(shape);
  const Handle attribute(
      H5Acreate2(handle_.id(), name.c_str(), file_type(type), space.id(), H5P_DEFAULT, H5P_DEFAULT),
      H5Aclose, doing);
  check(H5Awrite(attribute.id(), memory_type(type), data), doing);
}

void Object::set(const std::string& name, const std::string& value) {
  const std::string doing = "write attribute " + path_ + "@" + name;
  const Handle type = text_type();
  const Handle space = make_space({});
  const Handle attribute(
      H5Acreate2(handle_.id(), name.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT),
      H5Aclose, doing);
  const char* const text = value.c_str();
  check(H5Awrite(attribute.id(), type.id(), &text), doing);
}

void Object::set(const std::string& name, std::uint64_t value) {
  write_attribute(name, ElementType::kU64, &value, {});
}

void Object::set(const std::string& name, double value) {
  write_attribute(name, ElementType::kF64, &value, {});
}

void Object::set(const std::string& name, const std::vector<std::uint16_t>& values) {
  write_attribute(name, ElementType::kU16, values.data(), {values.size()});
}

bool Object::has(const std::string& name) const {
  return H5Aexists(handle_.id(), name.c_str()) > 0;
}

std::string Object::text(const std::string& name) const {
  const std::string doing = "read attribute " + path_ + "@" + name;
  const Handle attribute = open_attribute(handle_.id(), name, path_);
  const Handle stored(H5Aget_type(attribute.id()), H5Tclose, doing);
  if (H5Tis_variable_str(stored.id()) <= 0 || attribute_length(attribute, doing) != 1) {
    throw Error(doing + ": expected one text of variable length");
  }
  const Handle type = text_type();
  char* raw = nullptr;
  check(H5Aread(attribute.id(), type.id(), &raw), doing);
  std::string value = raw == nullptr ? "" : raw;
  check(H5free_memory(raw), doing);
  return value;
}

void Object::read_attribute(const std::string& name, ElementType type, void* data) const {
  const std::string doing = "read attribute " + path_ + "@" + name;
  const Handle attribute = open_attribute(handle_.id(), name, path_);
  const Handle stored(H5Aget_type(attribute.id()), H5Tclose, doing);
  const H5T_class_t wanted = type == ElementType::kF64 ? H5T_FLOAT : H5T_INTEGER;
  if (H5Tget_class(stored.id()) != wanted) {
    throw Error(doing + ": wrong type");
  }
  check(H5Aread(attribute.id(), memory_type(type), data), doing);
}

std::uint64_t Object::integer(const std::string& name) const {
  if (attribute_length(open_attribute(handle_.id(), name, path_), path_) != 1) {
    throw Error("read attribute " + path_ + "@" + name + ": expected one number");
  }
  std::uint64_t value = 0;
  read_attribute(name, ElementType::kU64, &value);
  return value;
}

double Object::number(const std::string& name) const {
  if (attribute_length(open_attribute(handle_.id(), name, path_), path_) != 1) {
    throw Error("read attribute " + path_ + "@" + name + ": expected one number");
  }
  double value = 0;
  read_attribute(name, ElementType::kF64, &value);
  return value;
}

std::vector<std::uint16_t> Object::codes(const std::string& name) const {
  const auto length = attribute_length(open_attribute(handle_.id(), name, path_), path_);
  if (length > 65536) {
    throw Error("read attribute " + path_ + "@" + name + ": too long");
  }
  std::vector<std::uint16_t> values(length);
  read_attribute(name, ElementType::kU16, values.data());
  return values;
}

}  // namespace orrery::hdf5
