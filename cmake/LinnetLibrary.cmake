# The path of the checkout, for tests that read its files.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/include/source_dir/source_dir.hpp @ONLY CONTENT
     "#pragma once\n#define LINNET_SOURCE_DIR \"@CMAKE_SOURCE_DIR@\"\n")

# Writes files that include the sources eight at a time, and puts them in place of those in `result`. Those named after
# `sources` stay apart; ALL leaves every one alone. CMake's own UNITY_BUILD would write the checkout's path into them, and
# a compiler cache would know no other checkout's objects.
function(linnet_unity result target sources)
  if(NOT LINNET_UNITY OR ARGN STREQUAL ALL)
    return()
  endif()
  list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE compiled)
  set(together ${sources})
  if(ARGN)
    list(REMOVE_ITEM together ${compiled})
  endif()
  get_filename_component(above ${CMAKE_CURRENT_SOURCE_DIR} DIRECTORY)
  set(number 0)
  while(together)
    list(SUBLIST together 0 8 batch)
    list(REMOVE_ITEM together ${batch})
    list(TRANSFORM batch REPLACE "^${above}/(.*)$" "#include \"\\1\"\n")
    list(JOIN batch "" text)
    set(file ${CMAKE_CURRENT_BINARY_DIR}/together/${target}_${number}.cpp)
    file(CONFIGURE OUTPUT ${file} CONTENT "${text}" @ONLY)
    list(APPEND compiled ${file})
    math(EXPR number "${number} + 1")
  endwhile()
  set(${result} ${compiled} PARENT_SCOPE)
endfunction()

# linnet_library(NAME LINKS lib… [PCH header…] [TEST_LINKS lib…] [SEPARATE file…])
#
# One folder of src/ is one library. Its headers are included as "NAME/header.hpp", through a folder of its own
# holding one link, so that code which does not link a library cannot include it either: that is how the
# dependency rule of docs/contributing/architecture.md is kept. Files named *_test.cpp become the program NAME_test.
# With LINNET_UNITY files are compiled several at a time, but for those named as SEPARATE, or ALL: names in their unnamed
# namespaces are another file's as well.
function(linnet_library name)
  cmake_parse_arguments(ARG "" "" "LINKS;PCH;TEST_LINKS;SEPARATE" ${ARGN})
  set(include_root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${include_root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${include_root}/${name} SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  if(NOT sources)
    # Headers alone.
    add_library(linnet_${name} INTERFACE)
    target_include_directories(linnet_${name} INTERFACE ${include_root})
    target_link_libraries(linnet_${name} INTERFACE ${ARG_LINKS})
    return()
  endif()
  set(separate ${ARG_SEPARATE})
  list(FILTER separate EXCLUDE REGEX "_test\\.cpp$")
  linnet_unity(sources linnet_${name} "${sources}" ${separate})
  add_library(linnet_${name} STATIC ${sources})
  set_target_properties(linnet_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(linnet_${name} PUBLIC ${include_root})
  target_link_libraries(linnet_${name} PUBLIC ${ARG_LINKS} PRIVATE linnet_options)
  if(ARG_PCH)
    target_precompile_headers(linnet_${name} PRIVATE ${ARG_PCH})
  endif()

  if(tests)
    list(FILTER ARG_SEPARATE INCLUDE REGEX "^ALL$|_test\\.cpp$")
    linnet_unity(tests ${name}_test "${tests}" ${ARG_SEPARATE})
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE linnet_${name} ${ARG_TEST_LINKS} linnet_options
                          rapidcheck rapidcheck_gtest GTest::gmock GTest::gtest_main)
    # Designated initialisers leave out what a test does not care about; GCC 12 warns of that.
    target_compile_options(${name}_test PRIVATE -Wno-missing-field-initializers)
    if(LINNET_SANITIZE)
      target_compile_options(${name}_test PRIVATE -O0)  # a third less to compile, and what is tested is optimised
    endif()
    # The checkout's path stands in a header, not in every command line, so that checkouts share a compiler cache.
    target_include_directories(${name}_test PRIVATE ${CMAKE_BINARY_DIR}/include/source_dir)
    add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
  endif()
endfunction()
