#include "base/file_kind.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace linnet {
namespace {

constexpr std::string_view kAnything = "application/octet-stream";
constexpr std::size_t kHead = 512;  // of the file, in which formats are told apart

// Files that begin with the bytes, for which that says all.
struct Beginning {
  std::string_view bytes;
  std::string_view type;
};
constexpr Beginning kBeginnings[] = {
    {"\x89PNG\r\n\x1A\n", "image/png"},
    {"\xFF\xD8\xFF", "image/jpeg"},
    {"GIF87a", "image/gif"},
    {"GIF89a", "image/gif"},
    {"\xFF\x0A", "image/jxl"},
    {{"\0\0\0\x0CJXL ", 8}, "image/jxl"},
    {"BM", "image/bmp"},
    {{"II*\0", 4}, "image/tiff"},
    {{"MM\0*", 4}, "image/tiff"},
    {"fLaC", "audio/flac"},
    {"#!AMR", "audio/amr"},
    {"%PDF-", "application/pdf"},
    {"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "video/x-ms-asf"},
};

// The major brand of a file of boxes (ISO/IEC 14496-12, its «ftyp»).
struct Brand {
  std::string_view brand;
  std::string_view type;
};
constexpr Brand kBrands[] = {
    {"avif", "image/avif"}, {"avis", "image/avif"}, {"heic", "image/heic"},      {"heix", "image/heic"},
    {"heim", "image/heic"}, {"heis", "image/heic"}, {"hevc", "image/heic"},      {"hevx", "image/heic"},
    {"hevm", "image/heic"}, {"hevs", "image/heic"}, {"M4A ", "audio/mp4"},       {"M4B ", "audio/mp4"},
    {"M4P ", "audio/mp4"},  {"F4A ", "audio/mp4"},  {"qt  ", "video/quicktime"},
};

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = at; i < at + 4; ++i)
    number = (number << 8U) | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
  return number;
}

std::string_view part(std::string_view bytes, std::size_t at, std::size_t length) {
  return at < bytes.size() ? bytes.substr(at, length) : std::string_view();
}

std::string_view type_of_brand(std::string_view brand) {
  const auto* const known = std::find_if(std::begin(kBrands), std::end(kBrands),
                                         [&](const Brand& one) { return one.brand == brand; });
  return known == std::end(kBrands) ? std::string_view() : known->type;
}

// Pictures may name what they are among the brands that they are compatible with.
std::string_view type_of_picture_brands(std::string_view bytes) {
  const std::size_t end = std::min<std::size_t>(big_endian(bytes, 0), bytes.size());
  for (std::size_t at = 16; at + 4 <= end; at += 4) {
    const auto type = type_of_brand(part(bytes, at, 4));
    if (type.starts_with("image/")) return type;
  }
  return "image/heif";
}

std::string_view type_of_boxes(std::string_view bytes) {
  const auto brand = part(bytes, 8, 4);
  if (brand == "mif1" || brand == "msf1" || brand == "mif2") return type_of_picture_brands(bytes);
  if (const auto type = type_of_brand(brand); !type.empty()) return type;
  if (brand.starts_with("3g")) return "video/3gpp";
  return "video/mp4";
}

// Films of QuickTime from before there was «ftyp».
bool is_old_quicktime(std::string_view bytes) {
  constexpr std::array<std::string_view, 6> kBoxes{"moov", "mdat", "wide", "free", "skip", "pnot"};
  return std::find(kBoxes.begin(), kBoxes.end(), part(bytes, 4, 4)) != kBoxes.end();
}

std::string_view type_of_riff(std::string_view bytes) {
  const auto form = part(bytes, 8, 4);
  if (form == "WEBP") return "image/webp";
  if (form == "WAVE") return "audio/wav";
  if (form == "AVI ") return "video/x-msvideo";
  return kAnything;
}

std::string_view type_of_ogg(std::string_view bytes) {
  return bytes.find("\x80theora") != std::string_view::npos ? "video/ogg" : "audio/ogg";
}

std::string_view type_of_matroska(std::string_view bytes) {
  return bytes.find("webm") != std::string_view::npos ? "video/webm" : "video/x-matroska";
}

// Frames of MPEG audio, and of AAC as they are streamed (ADTS), begin with eleven bits set.
std::string_view type_of_frames(std::string_view bytes) {
  if (bytes.size() < 4 || bytes[0] != '\xFF') return {};
  const auto second = static_cast<unsigned char>(bytes[1]);
  const auto third = static_cast<unsigned char>(bytes[2]);
  if ((second & 0xF6U) == 0xF0U) return "audio/aac";
  const bool is_layer = (second & 0x06U) != 0 && (second & 0x18U) != 0x08U;
  const bool has_rates = (third & 0xF0U) != 0xF0U && (third & 0x0CU) != 0x0CU;
  return (second & 0xE0U) == 0xE0U && is_layer && has_rates ? "audio/mpeg" : std::string_view();
}

// Behind a tag in front (ID3v2), which files of several formats have.
std::string_view type_behind_tag(std::string_view bytes) {
  std::size_t length = 0;
  for (std::size_t i = 6; i < 10 && i < bytes.size(); ++i)
    length = (length << 7U) | (static_cast<unsigned char>(bytes[i]) & 0x7FU);
  const auto rest = part(bytes, length + 10, kHead);
  if (rest.starts_with("fLaC")) return "audio/flac";
  const auto frames = type_of_frames(rest);
  return frames == "audio/aac" ? frames : "audio/mpeg";
}

bool is_drawing(std::string_view head) {
  const auto begin = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (begin == std::string_view::npos || head[begin] != '<') return false;
  return head.find("<svg") != std::string_view::npos;
}

// Names of one and the same format.
constexpr std::array<std::array<std::string_view, 5>, 7> kSame{{
    {"audio/wav", "audio/x-wav", "audio/wave", "audio/x-pn-wave", "audio/vnd.wave"},
    {"audio/mp4", "audio/m4a", "audio/x-m4a"},
    {"audio/mpeg", "audio/mp3"},
    {"audio/flac", "audio/x-flac"},
    {"audio/aac", "audio/x-aac"},
    {"audio/ogg", "audio/vorbis", "audio/opus", "application/ogg"},
    {"image/heic", "image/heif"},
}};

bool is_same(std::string_view one, std::string_view other) {
  return one == other || std::any_of(kSame.begin(), kSame.end(), [&](const auto& names) {
           return std::find(names.begin(), names.end(), one) != names.end() &&
                  std::find(names.begin(), names.end(), other) != names.end();
         });
}

}  // namespace

std::string_view media_type_of(std::string_view bytes) {
  const auto head = bytes.substr(0, kHead);
  for (const auto& [beginning, type] : kBeginnings) {
    if (head.starts_with(beginning)) return type;
  }
  if (part(head, 4, 4) == "ftyp") return type_of_boxes(head);
  if (head.starts_with("RIFF")) return type_of_riff(head);
  if (head.starts_with("FORM") && part(head, 8, 3) == "AIF") return "audio/aiff";
  if (head.starts_with("OggS")) return type_of_ogg(head);
  if (head.starts_with("\x1A\x45\xDF\xA3")) return type_of_matroska(head);
  if (head.starts_with("ID3")) return type_behind_tag(bytes);
  if (const auto type = type_of_frames(head); !type.empty()) return type;
  if (is_old_quicktime(head)) return "video/quicktime";
  return is_drawing(head) ? "image/svg+xml" : kAnything;
}

bool lists_type(const std::vector<std::string>& types, std::string_view type) {
  const auto kind = type.substr(0, type.find('/') + 1);
  return std::any_of(types.begin(), types.end(), [&](const std::string& one) {
    return is_same(one, type) || one == "*/*" || one == kAnything ||
           (one.ends_with("/*") && one.starts_with(kind));
  });
}

}  // namespace linnet
