#include "app/commands.hpp"

int main(int argc, char** argv) {
  return linnet::app::run_program(argc, argv);
}
