// What a file is, by its own first bytes: names and senders may say anything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace linnet {

// "image/heic", "audio/mpeg" …; "application/octet-stream" for what is none of the known. A few hundred bytes
// are enough; all of the file may be given.
std::string_view media_type_of(std::string_view bytes);

// Whether the list names the type, by any of its names ("audio/wav" is "audio/x-wav"), or all of its kind
// ("image/*"), or any file at all.
bool lists_type(const std::vector<std::string>& types, std::string_view type);

}  // namespace linnet
