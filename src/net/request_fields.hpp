// Beast's view of a request's head, in our terms. Private to this library.
#pragma once

#include <boost/beast/http.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_message.hpp"

namespace linnet::net {

using Fields = boost::beast::http::request_header<>;

// The fields outlive it.
class FieldSource final : public HeaderSource {
 public:
  explicit FieldSource(const Fields& all) : fields_(all) {}
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const override;
  [[nodiscard]] std::string joined(std::string_view name) const override;

 private:
  const Fields& fields_;
};

std::string_view view(boost::beast::string_view text);
// HEAD reads as get.
Method method_of(boost::beast::http::verb verb);
bool is_changing(Method method);
// Whether it is beyond doubt where the body ends.
bool is_coding_clear(const Fields& fields);
// What a request that cannot be read is answered with.
int status_for(const boost::system::error_code& code);

}  // namespace linnet::net
