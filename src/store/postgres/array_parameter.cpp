#include "store/postgres/array_parameter.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <cstring>

namespace linnet::store {
namespace {

template <typename Number>
void append_big_endian(std::string& out, Number number) {
  for (int shift = static_cast<int>(sizeof(Number)) * 8 - 8; shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<std::uint64_t>(number) >> static_cast<unsigned>(shift));
  }
}

// Object ids of the element types, fixed in PostgreSQL's catalogue (pg_type.dat).
std::int32_t element_type(ColumnType type) {
  switch (type) {
    case ColumnType::integer:
      return 20;
    case ColumnType::real:
      return 701;
    case ColumnType::text:
      return 25;
    case ColumnType::blob:
      return 17;
  }
  return 25;
}

void append_bytes(std::string& out, std::string_view bytes) {
  append_big_endian(out, static_cast<std::int32_t>(bytes.size()));
  out += bytes;
}

}  // namespace

Result<std::string> array_parameter(const Column& column, const RowBatch& rows, std::size_t index) {
  std::string out;
  append_big_endian(out, std::int32_t{1});  // dimensions
  append_big_endian(out, std::int32_t{1});  // may hold nulls
  append_big_endian(out, element_type(column.type));
  append_big_endian(out, static_cast<std::int32_t>(rows.size()));
  append_big_endian(out, std::int32_t{1});  // index of the first
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto& value = rows.at(row, index);
    switch (value.index()) {
      case 0:
        append_big_endian(out, std::int32_t{-1});
        break;
      case 1:
        append_big_endian(out, std::int32_t{8});
        append_big_endian(out, std::get<1>(value));
        break;
      case 2:
        append_big_endian(out, std::int32_t{8});
        append_big_endian(out, std::bit_cast<std::int64_t>(std::get<2>(value)));
        break;
      case 3: {
        const auto text = std::get<3>(value);
        if (!text.empty() && std::memchr(text.data(), 0, text.size()) != nullptr) {
          return invalid(fmt::format("{}: PostgreSQL cannot hold text with a NUL", column.name));
        }
        append_bytes(out, text);
        break;
      }
      default:
        append_bytes(out, std::get<4>(value).bytes);
    }
  }
  return out;
}

}  // namespace linnet::store
