// The one error vocabulary of Linnet. A function that can fail for a reason outside the program returns
// Result<T>; exceptions of third-party code are caught in the adapter that called it.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace linnet {

enum class ErrorKind {
  invalid,  // the input is wrong; asking again with the same input fails again
  not_found,
  conflict,  // clashes with what is there already
  denied,
  rate_limited,
  unavailable,  // the environment (database, disk, network) does not answer now
  corrupt,      // stored data is damaged
  cancelled,
  internal,  // a mistake in Linnet
};

// The name used in logs and in JSON, e.g. "not_found".
std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;      // for the log: may name files, SQL, hosts
  std::string safe;         // for whoever asked: what was wrong, what was expected, what to do
  bool never_sent = false;  // of a request to another computer: it certainly did not get there

  static Error of(ErrorKind kind, std::string message) { return {kind, message, message, false}; }
  static Error of(ErrorKind kind, std::string message, std::string safe) {
    return {kind, std::move(message), std::move(safe), false};
  }
};

inline Error invalid(std::string what) {
  return Error::of(ErrorKind::invalid, std::move(what));
}
inline Error not_found(std::string what) {
  return Error::of(ErrorKind::not_found, std::move(what));
}
inline Error unavailable(std::string what) {
  return Error::of(ErrorKind::unavailable, std::move(what));
}
inline Error internal_error(std::string what) {
  return Error::of(ErrorKind::internal, std::move(what), "internal error; see the log");
}

template <typename T = void>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  // From whatever T itself is made from without a cast.
  template <typename U>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, Result>)
      Result(U&& value)  // NOLINT(google-explicit-constructor,bugprone-forwarding-reference-overload)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T value_or(T fallback) && { return ok() ? std::move(*this).value() : std::move(fallback); }

  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : failed_(true), error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const { return error_; }

 private:
  bool failed_ = false;
  Error error_;
};

using Status = Result<void>;

}  // namespace linnet

#define LINNET_CONCAT_(a, b) a##b
#define LINNET_CONCAT(a, b) LINNET_CONCAT_(a, b)

// LINNET_CHECK(status): returns the error to the caller if there is one.
#define LINNET_CHECK(expression) LINNET_CHECK_(LINNET_CONCAT(linnet_status_, __COUNTER__), expression)
#define LINNET_CHECK_(temporary, expression)                                 \
  do {                                                                       \
    if (auto temporary = (expression); !temporary) return temporary.error(); \
  } while (false)

// LINNET_TRY(auto x, result): declares x with the value, or returns the error to the caller.
#define LINNET_TRY(declaration, expression) \
  LINNET_TRY_(LINNET_CONCAT(linnet_result_, __COUNTER__), declaration, expression)
#define LINNET_TRY_(temporary, declaration, expression) \
  auto temporary = (expression);                        \
  if (!temporary) return temporary.error();             \
  declaration = std::move(temporary).value()
