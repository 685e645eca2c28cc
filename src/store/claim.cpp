#include "store/leases.hpp"

namespace linnet::store {

bool Claim::is_held() const {
  const std::scoped_lock lock(mutex_);
  return is_good(Steady::now());
}

std::optional<Fence> Claim::fence() const {
  const std::scoped_lock lock(mutex_);
  return fence_;
}

bool Claim::wait(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait(lock, stop, [&] { return may_begin(); }) && !stop.stop_requested();
}

bool Claim::wait_for(Duration patience, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, stop, patience, [&] { return may_begin(); }) && !stop.stop_requested();
}

std::stop_token Claim::until_lost() const {
  const std::scoped_lock lock(mutex_);
  return lost_.get_token();
}

void Claim::give_back() {
  const std::scoped_lock lock(mutex_);
  free_for_another_turn();
}

void Claim::free_for_another_turn() {
  if (is_alone_) {
    state_ = State::held;
    lost_ = std::stop_source();
    return;
  }
  fence_.reset();
  state_ = State::wanted;
}

bool Claim::may_work() {
  const std::scoped_lock lock(mutex_);
  return may_begin();
}

// Nothing is under way in whoever asks so: what was lost before it was noticed is free to be had anew.
bool Claim::may_begin() {
  if (fence_ && lost_.stop_requested()) free_for_another_turn();
  return is_good(Steady::now());
}

void Claim::hold(Fence fence, Steady::time_point until) {
  {
    const std::scoped_lock lock(mutex_);
    fence_ = std::move(fence);
    until_ = until;
    state_ = State::held;
    lost_ = std::stop_source();
  }
  changed_.notify_all();
}

void Claim::hold_for_good(Fence fence) {
  hold(std::move(fence), Steady::time_point::max());
  const std::scoped_lock lock(mutex_);
  is_alone_ = true;
}

// What was lost in the meantime stays lost: its thread has been told, and asks anew.
void Claim::extend(std::int64_t token, Steady::time_point until) {
  const std::scoped_lock lock(mutex_);
  if (fence_ && fence_->token == token && !lost_.stop_requested()) until_ = until;
}

void Claim::lose() {
  std::stop_source told;
  {
    const std::scoped_lock lock(mutex_);
    if (!fence_) return;
    told = lost_;
  }
  told.request_stop();
  { const std::scoped_lock lock(mutex_); }  // whoever is about to wait sees it, or is woken
  changed_.notify_all();
}

void Claim::ask_back() {
  {
    const std::scoped_lock lock(mutex_);
    if (state_ != State::held) return;
    state_ = State::to_give_back;
  }
  lose();
}

void Claim::heed_time(Steady::time_point now) {
  const bool is_over = [&] {
    const std::scoped_lock lock(mutex_);
    return fence_ && now >= until_;
  }();
  if (is_over) lose();
}

}  // namespace linnet::store
