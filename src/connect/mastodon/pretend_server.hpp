// For tests: a Mastodon server in memory, behind the HttpTransport interface.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "connect/event_sink.hpp"
#include "connect/mastodon/raw_status.hpp"
#include "net/http_transport.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {

inline std::string status_json(std::string_view id, std::string_view text = "hello") {
  return fmt::format(
      R"({{"id":"{}","created_at":"2026-08-01T12:00:00.000Z","edited_at":null,"content":"<p>{}</p>",)"
      R"("replies_count":0,"reblogs_count":0,"favourites_count":0,"account":{{"id":"1","acct":"ada"}}}})",
      id, text);
}

class PretendServer final : public net::HttpTransport {
 public:
  bool honours_min_id = true;
  bool has_batches = true;
  std::size_t batch_limit = 1'000;
  std::set<std::string> hidden_in_batches;
  std::map<std::string, int>
      broken;  // the status with which it answers, also a batch that asks for such a post
  std::function<void(const net::HttpRequest&)> on_request;  // before the answer

  void publish(const std::string& id) {
    const std::scoped_lock lock(mutex_);
    statuses_[id] = status_json(id);
  }
  void remove(const std::string& id, int status = 404) {
    const std::scoped_lock lock(mutex_);
    statuses_.erase(id);
    removed_[id] = status;
  }
  // The next answer, whatever is asked.
  void answer_next(net::HttpResponse response) {
    const std::scoped_lock lock(mutex_);
    planned_.push_back(std::move(response));
  }
  void fail_next(Error error) {
    const std::scoped_lock lock(mutex_);
    failures_.push_back(std::move(error));
  }
  [[nodiscard]] std::vector<std::string> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }
  [[nodiscard]] std::string last_header(std::string_view name) const {
    const std::scoped_lock lock(mutex_);
    return std::string(last_headers_.find(name).value_or(""));
  }

  Result<net::HttpResponse> send(const net::HttpRequest& request, std::stop_token stop) override {
    if (stop.stop_requested()) return Error::of(ErrorKind::cancelled, "stopped");
    if (on_request) on_request(request);
    const std::scoped_lock lock(mutex_);
    const auto url = net::parse_url(request.url).value();
    requests_.push_back(request.method + " " + url.target());
    last_headers_ = request.headers;
    if (!failures_.empty()) {
      auto error = std::move(failures_.front());
      failures_.pop_front();
      return error;
    }
    if (!planned_.empty()) {
      auto response = std::move(planned_.front());
      planned_.pop_front();
      response.url = request.url;
      return response;
    }
    return answer(url, request.url);
  }

 private:
  using Order = bool (*)(std::string_view, std::string_view);

  static net::HttpResponse json(std::string body, const std::string& url, int status = 200) {
    return {status, {{"Content-Type", "application/json"}}, std::move(body), url};
  }

  net::HttpResponse answer(const net::Url& url, const std::string& whole) {
    const auto query = net::parse_query(url.query);
    if (url.path == "/api/v2/instance") return json(R"({"title":"Pretend","version":"4.6.4"})", whole);
    if (url.path.starts_with("/api/v1/timelines/") || url.path.ends_with("/statuses/"))
      return timeline(query, whole);
    if (url.path.starts_with("/api/v1/accounts/")) return timeline(query, whole);
    if (url.path == "/api/v1/statuses") return batch(query, whole);
    if (url.path.starts_with("/api/v1/statuses/")) return single(url.path.substr(17), whole);
    return json(R"({"error":"Record not found"})", whole, 404);
  }

  net::HttpResponse single(const std::string& id, const std::string& url) {
    if (const auto at = broken.find(id); at != broken.end())
      return json(R"({"error":"oops"})", url, at->second);
    if (const auto at = statuses_.find(id); at != statuses_.end()) return json(at->second, url);
    const auto removed = removed_.find(id);
    return json(R"({"error":"Record not found"})", url, removed == removed_.end() ? 404 : removed->second);
  }

  net::HttpResponse batch(const net::QueryParameters& query, const std::string& url) {
    if (!has_batches) return json(R"({"error":"Not found"})", url, 404);
    if (query.size() > batch_limit) return json(R"({"error":"too many"})", url, 422);
    std::string body;
    for (const auto& [name, id] : query) {
      if (const auto bad = broken.find(id); bad != broken.end() && !hidden_in_batches.contains(id))
        return json(R"({"error":"oops"})", url, bad->second);
      const auto at = statuses_.find(id);
      if (at == statuses_.end() || hidden_in_batches.contains(id)) continue;
      body += body.empty() ? "" : ",";
      body += at->second;
    }
    return json("[" + body + "]", url);
  }

  net::HttpResponse timeline(const net::QueryParameters& query, const std::string& url) {
    std::string max_id;
    std::string min_id;
    std::size_t limit = 20;
    for (const auto& [name, value] : query) {
      if (name == "max_id") max_id = value;
      if (name == "min_id" && honours_min_id) min_id = value;
      if (name == "limit") limit = std::min<std::size_t>(40, std::stoul(value));
    }
    std::vector<std::string> page;  // newest first
    for (auto it = statuses_.rbegin(); it != statuses_.rend(); ++it) {
      if (!max_id.empty() && !id_less(it->first, max_id)) continue;
      if (!min_id.empty() && !id_less(min_id, it->first)) continue;
      page.push_back(it->second);
    }
    if (page.size() > limit) {
      if (min_id.empty()) {
        page.resize(limit);
      } else {
        page.erase(page.begin(), page.end() - static_cast<std::ptrdiff_t>(limit));
      }
    }
    return json(fmt::format("[{}]", fmt::join(page, ",")), url);
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::string, Order> statuses_{&id_less};
  std::map<std::string, int> removed_;
  std::deque<net::HttpResponse> planned_;
  std::deque<Error> failures_;
  std::vector<std::string> requests_;
  net::Headers last_headers_;
};

// Keeps what it is given.
class KeepingSink final : public EventSink {
 public:
  Status accept(std::vector<std::string> lines, std::optional<std::string> cursor) override {
    const std::scoped_lock lock(mutex_);
    if (refusal_) return *refusal_;
    for (auto& line : lines) lines_.push_back(std::move(line));
    if (cursor) cursors_.push_back(*cursor);
    return {};
  }
  void refuse(Error error) {
    const std::scoped_lock lock(mutex_);
    refusal_ = std::move(error);
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }
  [[nodiscard]] std::vector<std::string> cursors() const {
    const std::scoped_lock lock(mutex_);
    return cursors_;
  }
  // How often each status was handed on, by the ids in the lines.
  [[nodiscard]] std::map<std::string, int> ids() const {
    std::map<std::string, int> ids;
    for (const auto& line : lines()) {
      for (std::string_view mark :
           {R"("payload":{"id":")", R"("payload":"{\"id\":\")", R"("payload":"{\"id\": \")"}) {
        const auto at = line.find(mark);
        if (at == std::string::npos) continue;
        const auto start = at + mark.size();
        ++ids[line.substr(start, line.find_first_of("\\\"", start) - start)];
      }
    }
    return ids;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  std::vector<std::string> cursors_;
  std::optional<Error> refusal_;
};

}  // namespace linnet::connect::mastodon
