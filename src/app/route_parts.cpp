#include "app/route_parts.hpp"

#include <filesystem>
#include <mutex>
#include <optional>

#include "cli/acting_context.hpp"
#include "govern/key_guard.hpp"
#include "govern/people.hpp"

namespace linnet::app {
namespace {

// Starts with the first write.
class LateWriter final : public store::Writer {
 public:
  explicit LateWriter(store::Database& database) : database_(database) {}

  std::future<Status> submit(Work work) override {
    if (const auto started = start(); !started) return failed(started);
    return writer_->submit(std::move(work));
  }
  Status write_rebuildable(Work work) override {
    LINNET_CHECK(start());
    return writer_->write_rebuildable(std::move(work));
  }

 private:
  Status start() {
    const std::scoped_lock lock(mutex_);
    if (writer_ != nullptr) return {};
    LINNET_TRY(writer_, store::Writer::start(database_));
    return {};
  }
  static std::future<Status> failed(const Status& why) {
    std::promise<Status> done;
    done.set_value(why);
    return done.get_future();
  }

  store::Database& database_;
  std::mutex mutex_;
  std::unique_ptr<store::Writer> writer_;
};

void add_settings(api::ApiDependencies& dependencies, const cli::Context& context) {
  dependencies.layers = (std::filesystem::path(context.options.data) / "layers").string();
  dependencies.salience = context.settings.salience;
}

class ReadingParts final : public RouteParts {
 public:
  ReadingParts(cli::Context& context, std::unique_ptr<store::Database> database)
      : database_(std::move(database)),
        writer_(*database_),
        api_(api::ApiDependencies{.database = *database_, .writer = writer_, .clock = context.clock}) {
    add_settings(api_.dependencies, context);
    api_.dependencies.open_box = [this, data = context.options.data]() -> Result<const SecretBox*> {
      if (!box_) {
        LINNET_TRY(auto opened, govern::open_secret_box(*database_, data));
        box_.emplace(std::move(opened));
      }
      return &*box_;
    };
  }
  [[nodiscard]] api::Api& api() override { return api_; }

 private:
  const std::unique_ptr<store::Database> database_;
  LateWriter writer_;
  std::optional<SecretBox> box_;
  api::Api api_;
};

class WritingParts final : public RouteParts {
 public:
  WritingParts(cli::Context& context, cli::OpenActing open)
      : open_(std::move(open)),
        people_(*open_.database, *open_.writer, context.clock),
        api_(api::ApiDependencies{
            .database = *open_.database, .writer = *open_.writer, .clock = context.clock}) {
    add_settings(api_.dependencies, context);
    api_.dependencies.people = &people_;
    api_.dependencies.accounts = open_.accounts.get();
    api_.dependencies.gate = open_.gate.get();
    api_.dependencies.blocklist = open_.blocklist.get();
    api_.dependencies.box = open_.box.get();
    api_.dependencies.language_models = open_.language_models.get();
  }
  [[nodiscard]] api::Api& api() override { return api_; }

 private:
  const cli::OpenActing open_;
  govern::People people_;
  api::Api api_;
};

}  // namespace

Result<std::unique_ptr<RouteParts>> RouteParts::open(cli::Context& context, net::Method method) {
  if (method == net::Method::get) {
    LINNET_TRY(auto database, cli::open_store(context.options));
    return std::unique_ptr<RouteParts>(std::make_unique<ReadingParts>(context, std::move(database)));
  }
  LINNET_TRY(auto open, cli::open_acting(context));
  return std::unique_ptr<RouteParts>(std::make_unique<WritingParts>(context, std::move(open)));
}

}  // namespace linnet::app
